namespace Wspy;

/// <summary>A time limit for several waits in a row.</summary>
internal readonly struct Deadline
{
    private static readonly TimeSpan ForeignClockWait = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider? _clock;
    private readonly long _start;
    private readonly TimeSpan _limit;

    private Deadline(TimeProvider clock, TimeSpan limit)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
        _limit = limit;
    }

    /// <summary>No limit.</summary>
    public static Deadline None => default;

    /// <summary>What is left of the limit, at least zero; infinite when there is none.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (_clock is null)
            {
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan left = _limit - _clock.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>How long the system may be asked to wait at once: all that remains, or a moment where time comes from another clock, which it does not follow.</summary>
    public TimeSpan Slice => _clock is null || _clock == TimeProvider.System || Remaining < ForeignClockWait ? Remaining : ForeignClockWait;

    /// <exception cref="ArgumentOutOfRangeException">The limit is negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public static Deadline After(TimeSpan limit, TimeProvider clock)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            return None;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero, "timeout");
        return new Deadline(clock, limit);
    }
}
