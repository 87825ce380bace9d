namespace Wspy;

// Reading that is paused: the client's thread waits with what it has received, until reading goes on or the connection has to end.
internal sealed partial class ThreadedClient
{
    private readonly Lock _pauseGate = new();

    // Set unless the thread has to wait. It has no handle that anybody waits for, so there is nothing to dispose.
    private readonly ManualResetEventSlim _goesOn = new(initialState: true);
    private volatile bool _isPaused;
    private bool _hasFailed;

    public override void PauseReading()
    {
        lock (_pauseGate)
        {
            _isPaused = true;
            SetGoesOn();
        }
    }

    public override void ResumeReading()
    {
        lock (_pauseGate)
        {
            _isPaused = false;
            SetGoesOn();
        }
    }

    // The end is the thread's to bring, whatever holds it up.
    private void StopWaiting()
    {
        lock (_pauseGate)
        {
            _hasFailed = true;
            SetGoesOn();
        }
    }

    // False when the connection has to end, and what was received meanwhile is nobody's any more.
    private bool WaitWhilePaused()
    {
        while (_isPaused)
        {
            _goesOn.Wait();
            lock (_pauseGate)
            {
                if (_hasFailed)
                {
                    return !_isPaused;
                }
            }
        }

        return true;
    }

    private void SetGoesOn()
    {
        if (_isPaused && !_hasFailed)
        {
            _goesOn.Reset();
        }
        else
        {
            _goesOn.Set();
        }
    }
}
