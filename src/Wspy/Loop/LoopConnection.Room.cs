namespace Wspy.Loop;

// Backpressure: how much may wait for a peer that does not read, and what becomes of the rest.
internal sealed partial class LoopConnection
{
    // Null while nobody waits.
    private TaskCompletionSource? _room;

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
        return buffered == 0 || buffered + size <= _options.HighWaterMark;
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
                Break(new LimitExceededException(nameof(WebSocketOptions.HighWaterMark), _options.HighWaterMark, BufferedBytes + size,
                    $"{BufferedBytes + size:N0} bytes would wait for a peer that does not read, more than {nameof(WebSocketOptions.HighWaterMark)} ({_options.HighWaterMark:N0})."));
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
