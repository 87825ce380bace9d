namespace Wspy.Loop;

// Backpressure: how much may wait for a peer that does not read, and what becomes of the rest.
internal sealed partial class LoopConnection
{
    /// <summary>How many posts of one connection may wait for its loop, however small: each costs about 100 bytes beside what it carries.</summary>
    private const int MaxPosts = 16 * 1024;

    /// <summary>What the headers of as many posts take, about.</summary>
    private const int MaxHeaders = 64 * 1024;

    // Null while nobody waits.
    private TaskCompletionSource? _room;
    private int _postCount;
    private int _isOverrun;

    /// <summary>Waits until half of what may wait has been sent, or the connection is closing; from any thread.</summary>
    /// <param name="size">Of the message that wants in.</param>
    public Task WaitForRoomAsync(int size)
    {
        TaskCompletionSource? room = Volatile.Read(ref _room);
        if (room is null)
        {
            room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            room = Interlocked.CompareExchange(ref _room, room, null) ?? room;
        }

        // Looked at after the promise is there, so that who makes room sees the one or the other.
        Interlocked.MemoryBarrier();
        return HasRoom(size) || !IsOpen ? Task.CompletedTask : room.Task;
    }

    // A message larger than the mark is taken when nothing else waits.
    private bool HasRoom(int size)
    {
        long buffered = BufferedBytes;
        return (buffered == 0 || buffered + size <= _options.HighWaterMark) && (Volatile.Read(ref _postCount) < MaxPosts || _loop.IsCurrent);
    }

    // What was given room before it was posted keeps it, although its header comes on top.
    private bool IsCrowded(int size) => _options.Backpressure == BackpressurePolicy.DropOldest
        ? !HasRoom(size)
        : BufferedBytes + size > _options.HighWaterMark + Math.Min(_options.HighWaterMark, MaxHeaders);

    // On other threads than the loop's. Where the policy has no place for it, the loop judges: it is the one that can drop others, or close.
    private bool HasRoomToPost(int size, bool waits, out SendResult refused)
    {
        refused = SendResult.Dropped;
        if (HasRoom(size))
        {
            return true;
        }

        switch (_options.Backpressure)
        {
            case BackpressurePolicy.Wait when waits:
                // Another loop's thread has others to serve, as this one's has.
                if (!EventLoop.IsAnyCurrent && TryWaitForRoom(size))
                {
                    return true;
                }

                refused = IsOpen ? SendResult.Dropped : SendResult.Closing;
                return false;
            case BackpressurePolicy.DropOldest:
                return true;
            case BackpressurePolicy.Close:
                refused = SendResult.Closing;
                if (CanJudgeLater(size))
                {
                    return true;
                }

                PostOverrun(size);
                return false;
            default:
                return false;
        }
    }

    // What the loop has not even taken over counts alone: while it is held up, nobody can drop for it.
    private bool CanJudgeLater(int size)
    {
        long posted = Interlocked.Read(ref _posted);
        return (posted == 0 || posted + size <= _options.HighWaterMark) && Volatile.Read(ref _postCount) < MaxPosts;
    }

    private void PostOverrun(int size)
    {
        if (Interlocked.Exchange(ref _isOverrun, 1) == 0)
        {
            _loop.Post(new LoopWork { Kind = LoopWorkKind.Overrun, Connection = this, State = Overrun(size) });
        }
    }

    private LimitExceededException Overrun(int size)
    {
        long actual = BufferedBytes + size;
        return new LimitExceededException(nameof(WebSocketOptions.HighWaterMark), _options.HighWaterMark, actual,
            $"{actual:N0} bytes would wait for a peer that does not read, more than {nameof(WebSocketOptions.HighWaterMark)} ({_options.HighWaterMark:N0}).");
    }

    // Threads that are no loop's may block.
    private bool TryWaitForRoom(int size)
    {
        Deadline deadline = Deadline.After(_options.SendTimeout, _options.TimeProvider);
        while (IsOpen)
        {
            if (HasRoom(size))
            {
                return true;
            }

            if (!WaitForRoomAsync(size).Wait(deadline.Remaining))
            {
                return false;
            }
        }

        return false;
    }

    // On the loop, which cannot wait.
    private bool MakeRoom(int size, out SendResult refused)
    {
        refused = SendResult.Dropped;
        switch (_options.Backpressure)
        {
            case BackpressurePolicy.Wait:
                // Its own replies are taken: no more of its messages are read until they are sent, so one handler's output is all that is above the mark.
                return _loop.Current == this;
            case BackpressurePolicy.DropOldest when !_hasExtensions:
                while (!HasRoom(size) && _queue!.DropOldest() > 0)
                {
                    Volatile.Write(ref _queued, _queue.Count);
                }

                return HasRoom(size);
            case BackpressurePolicy.Close:
                refused = SendResult.Closing;
                Break(Overrun(size));
                return false;
            default:
                return false;
        }
    }

    private void SignalRoom()
    {
        if (Volatile.Read(ref _room) is null || (IsOpen && BufferedBytes > _options.HighWaterMark / 2))
        {
            return;
        }

        Interlocked.Exchange(ref _room, null)?.SetResult();
    }
}
