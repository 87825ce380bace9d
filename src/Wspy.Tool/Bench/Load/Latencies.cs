using System.Numerics;

namespace Wspy.Tool.Bench.Load;

/// <summary>Times from sending to echo, in nanoseconds, counted in steps that are never wider than a thousandth of the time.</summary>
/// <remarks>
/// <para>
/// Up to 2,047 ns each nanosecond has its own counter. Above, each doubling of the time has 1,024 of them, evenly spaced: to record
/// is a shift and an increment, whatever the time, and the memory is fixed. The sum and the longest time are exact.
/// </para>
/// <para>Not thread-safe: each loop has one of its own, and they are added up after the run.</para>
/// </remarks>
internal sealed class Latencies
{
    /// <summary>An hour: longer than anybody waits for an echo.</summary>
    public const long Highest = 3_600L * 1_000_000_000;

    private const int StepBits = 10;

    /// <summary>Counters for each doubling.</summary>
    private const int Steps = 1 << StepBits;

    private readonly long[] _counts = new long[Index(Highest) + 1];
    private double _sum;

    public long Count { get; private set; }

    /// <summary>In nanoseconds; 0 when there is none.</summary>
    public long Max { get; private set; }

    /// <summary>In nanoseconds; 0 when there is none.</summary>
    public double Mean => Count == 0 ? 0 : _sum / Count;

    public void Record(long nanoseconds)
    {
        nanoseconds = Math.Clamp(nanoseconds, 0, Highest);
        _counts[Index(nanoseconds)]++;
        _sum += nanoseconds;
        Count++;
        if (nanoseconds > Max)
        {
            Max = nanoseconds;
        }
    }

    public void Add(Latencies other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        _sum += other._sum;
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The time, in nanoseconds, that this share of the messages did not exceed; 0 when there is none.</summary>
    /// <param name="percentile">0 to 100.</param>
    public long At(double percentile)
    {
        // The smallest number of messages that is this share of all; at least one, for the shortest time.
        long wanted = Math.Clamp((long)Math.Ceiling(percentile / 100 * Count), 1, Math.Max(1, Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Min(HighestOf(i), Max);
            }
        }

        return 0;
    }

    // Of the 11 highest bits of a time, the first is set: together with their place they are the number of its counter.
    private static int Index(long nanoseconds)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)nanoseconds) - StepBits);
        return (shift * Steps) + (int)(nanoseconds >> shift);
    }

    // The longest time that has this counter.
    private static long HighestOf(int index)
    {
        int shift = Math.Max(0, (index / Steps) - 1);
        long top = index - (shift * (long)Steps);
        return ((top + 1) << shift) - 1;
    }
}
