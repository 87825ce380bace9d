namespace Wspy.Loop;

// Work from other threads: gathered under a lock that is held for moments, and one wake-up for all that comes while the loop waits.
internal sealed partial class EventLoop
{
    private readonly Lock _postGate = new();
    private List<LoopWork> _posted = [];
    private List<LoopWork> _running = [];
    private bool _isWaiting;
    private bool _isStopping;

    /// <summary>Whether something was posted that has not begun; on the loop's thread. What is known to have been posted before is seen.</summary>
    public bool HasPosts => _posted.Count > 0;

    /// <summary>Gives the loop something to do; from any thread.</summary>
    /// <returns><see langword="false"/> when the loop has ended: it will not be done.</returns>
    public bool Post(in LoopWork work)
    {
        lock (_postGate)
        {
            if (_isStopping)
            {
                return false;
            }

            _posted.Add(work);
            if (_isWaiting)
            {
                // Inside the lock, so that the poller is not gone yet. Once is enough until the loop waits again.
                _isWaiting = false;
                _poller.Wake();
            }

            return true;
        }
    }

    /// <summary>Gives the loop something to do; from any thread.</summary>
    /// <inheritdoc cref="Post(in LoopWork)"/>
    public bool Post(Action action) => Post(new LoopWork { Kind = LoopWorkKind.Call, State = action });

    /// <summary>Ends the thread when what was posted before is done; the connections must have ended. From any thread.</summary>
    public void Stop()
    {
        lock (_postGate)
        {
            if (!_isStopping)
            {
                _isStopping = true;
                _poller.Wake();
            }
        }
    }

    // False when it is time to end.
    private bool BeginWait(out int timeout)
    {
        lock (_postGate)
        {
            timeout = 0;
            if (_posted.Count > 0 || _readAgain.Count > 0 || _attention.Count > 0)
            {
                return true;
            }

            if (_isStopping)
            {
                return false;
            }

            _isWaiting = true;
        }

        timeout = _nextDue == Never ? -1 : (int)Math.Clamp(_nextDue - Now, 0, int.MaxValue);
        if (_clock != TimeProvider.System && (uint)timeout > ForeignClockWait)
        {
            timeout = ForeignClockWait;
        }

        return true;
    }

    private void EndWait()
    {
        // A post that sees the old value wakes a loop that is awake: one look of the poller more.
        Volatile.Write(ref _isWaiting, false);
    }

    private void RunPosted()
    {
        lock (_postGate)
        {
            if (_posted.Count == 0)
            {
                return;
            }

            (_posted, _running) = (_running, _posted);
        }

        foreach (LoopWork work in _running)
        {
            if (work.Kind == LoopWorkKind.Call)
            {
                ((Action)work.State!)();
                continue;
            }

            LoopConnection connection = work.Connection!;
            if (work.Kind is LoopWorkKind.Resume or LoopWorkKind.ResumeReading or LoopWorkKind.ResumeOpening or LoopWorkKind.Secured)
            {
                long started = Tick();
                HandlePosted(connection, work);
                Watch(connection, started);
                continue;
            }

            try
            {
                connection.Run(work);
            }
            catch (Exception exception)
            {
                // As for an event of the connection's.
                connection.Break(exception);
            }
        }

        _running.Clear();
    }
}
