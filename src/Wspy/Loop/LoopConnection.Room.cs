namespace Wspy.Loop;

// Backpressure: how much may wait for a peer that does not read, and what becomes of the rest.
internal sealed partial class LoopConnection
{
    private readonly Lock _roomGate = new();
    private TaskCompletionSource? _room;

    /// <summary>Waits until half of what may wait has been sent, or the connection is closing; from any thread.</summary>
    /// <param name="size">Of the message that wants in.</param>
    public Task WaitForRoomAsync(int size)
    {
        lock (_roomGate)
        {
            TaskCompletionSource room = _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

            // Looked at after the promise was made, so that who makes room sees the one or the other.
            Interlocked.MemoryBarrier();
            return HasRoom(size) || !IsOpen ? Task.CompletedTask : room.Task;
        }
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
            case BackpressurePolicy.DropOldest:
                while (!HasRoom(size) && _queue!.DropOldest() is > 0 and int dropped)
                {
                    Volatile.Write(ref _queued, _queue.Count);
                    NoteDropped(dropped);
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

    private void NoteDropped(int size) => Interlocked.Add(ref _droppedBytes, size);

    private long _droppedBytes;

    private void SignalRoom()
    {
        if (Volatile.Read(ref _room) is null || (IsOpen && BufferedBytes > _options.HighWaterMark / 2))
        {
            return;
        }

        lock (_roomGate)
        {
            _room?.SetResult();
            _room = null;
        }
    }
}
