namespace Wspy.Loop;

/// <summary>Where TLS handshakes do their arithmetic: beside the loops, a few at a time, however many are under way.</summary>
/// <remarks>
/// A handshake costs a thousand times what a message costs. Those that wait for their peers hold no thread and no place in the queue, so
/// thousands that stall hold up nobody.
/// </remarks>
internal sealed class TlsHandshakes(int concurrency)
{
    private readonly Lock _gate = new();
    private readonly Queue<Action> _steps = new();
    private int _running;

    /// <summary>Runs a step of a handshake on the thread pool, when it is its turn; from any thread.</summary>
    public void Queue(Action step)
    {
        lock (_gate)
        {
            _steps.Enqueue(step);
            if (_running == concurrency)
            {
                return;
            }

            _running++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static handshakes => handshakes.Run(), this, preferLocal: false);
    }

    private void Run()
    {
        while (true)
        {
            Action? step;
            lock (_gate)
            {
                if (!_steps.TryDequeue(out step))
                {
                    _running--;
                    return;
                }
            }

            step();
        }
    }
}
