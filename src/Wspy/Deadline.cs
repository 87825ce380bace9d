namespace Wspy;

/// <summary>A time limit for several waits in a row.</summary>
internal readonly struct Deadline
{
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
