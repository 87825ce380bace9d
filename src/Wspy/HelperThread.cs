using System.Runtime.ExceptionServices;

namespace Wspy;

/// <summary>Runs what blocks and cannot be interrupted, such as the system's look-up of a name, so that a caller need not wait longer than it wants.</summary>
/// <remarks>At the time-out the thread is left to itself; it ends when the system lets it go, and its result is nobody's.</remarks>
internal sealed class HelperThread<T>
{
    private readonly object _gate = new();
    private readonly Func<T> _work;
    private T? _result;
    private ExceptionDispatchInfo? _failure;
    private bool _isDone;

    private HelperThread(Func<T> work) => _work = work;

    /// <summary>Waits for the work, blocking the caller.</summary>
    /// <exception cref="TimeoutException">The deadline has passed.</exception>
    public static T Run(Func<T> work, Deadline deadline)
    {
        if (deadline.Remaining == Timeout.InfiniteTimeSpan)
        {
            return work();
        }

        var helper = new HelperThread<T>(work);
        new Thread(helper.Work) { IsBackground = true, Name = "Wspy name resolution" }.Start();
        return helper.Wait(deadline);
    }

    private T Wait(Deadline deadline)
    {
        lock (_gate)
        {
            while (!_isDone)
            {
                TimeSpan slice = deadline.Slice;
                if (slice == TimeSpan.Zero)
                {
                    throw new TimeoutException();
                }

                Monitor.Wait(_gate, slice);
            }
        }

        _failure?.Throw();
        return _result!;
    }

    private void Work()
    {
        try
        {
            _result = _work();
        }
        catch (Exception exception)
        {
            // Thrown where it is waited for.
            _failure = ExceptionDispatchInfo.Capture(exception);
        }

        lock (_gate)
        {
            _isDone = true;
            Monitor.PulseAll(_gate);
        }
    }
}
