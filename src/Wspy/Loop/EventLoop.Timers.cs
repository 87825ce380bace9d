namespace Wspy.Loop;

// Time: one sweep over all that want to be looked at, when the first of them is due.
internal sealed partial class EventLoop
{
    private const long Never = long.MaxValue;

    /// <summary>The least time between two sweeps, in milliseconds: what a time-out may be late.</summary>
    private const int SweepInterval = 20;

    private readonly List<(long Due, Action Action)> _delayed = [];
    private long _nextDue = Never;

    /// <summary>Says when the connection wants to be looked at; replaces what it said before.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="due">As <see cref="Now"/>; <see cref="long.MaxValue"/> for never.</param>
    public void SetDue(int slot, long due)
    {
        _dues[slot] = due;
        _nextDue = Math.Min(_nextDue, due);
    }

    /// <summary>Calls an action of the loop's own after a time; on the loop's thread.</summary>
    public void CallAfter(TimeSpan time, Action action)
    {
        long due = Now + (long)time.TotalMilliseconds;
        _delayed.Add((due, action));
        _nextDue = Math.Min(_nextDue, due);
    }

    private void Sweep()
    {
        // Set before the connections are asked, since their answers may bring it forward.
        _nextDue = Never;
        long next = SweepDelayed();
        for (int slot = 0; slot < _slotCount; slot++)
        {
            if (_dues[slot] <= Now && _slots[slot] is { } connection)
            {
                try
                {
                    connection.OnTime();
                }
                catch (Exception exception)
                {
                    // As for an event of the connection's.
                    connection.Break(exception);
                }
            }

            next = Math.Min(next, _dues[slot]);
        }

        next = Math.Min(next, _nextDue);
        _nextDue = next == Never ? Never : Math.Max(next, Now + SweepInterval);
    }

    private long SweepDelayed()
    {
        long next = Never;
        for (int i = _delayed.Count - 1; i >= 0; i--)
        {
            (long due, Action action) = _delayed[i];
            if (due <= Now)
            {
                _delayed.RemoveAt(i);
                action();
            }
            else
            {
                next = Math.Min(next, due);
            }
        }

        return next;
    }
}
