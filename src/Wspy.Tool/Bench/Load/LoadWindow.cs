using System.Diagnostics;

namespace Wspy.Tool.Bench.Load;

/// <summary>When a run counts: what ends before is warm-up, and at the end everything stops. By <see cref="Stopwatch"/>'s clock.</summary>
internal readonly record struct LoadWindow(long From, long Until)
{
    public static LoadWindow Starting(long now, Workload workload)
    {
        long from = now + Ticks(workload.Warmup);
        return new LoadWindow(from, from + Ticks(workload.Duration));
    }

    public bool Contains(long time) => time >= From && time < Until;

    public static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    public static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;

    /// <summary>Whole nanoseconds; the clock's own unit wherever the system counts in them.</summary>
    public static long Nanoseconds(long ticks) =>
        Stopwatch.Frequency == 1_000_000_000 ? ticks : (long)(ticks * (1_000_000_000.0 / Stopwatch.Frequency));
}
