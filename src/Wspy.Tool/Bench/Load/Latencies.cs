using HdrHistogram;

namespace Wspy.Tool.Bench.Load;

/// <summary>Times from sending to echo, in nanoseconds, counted to three significant digits.</summary>
/// <remarks>Not thread-safe: each loop has one of its own, and they are added up after the run.</remarks>
internal sealed class Latencies
{
    /// <summary>An hour: longer than anybody waits for an echo.</summary>
    private const long Highest = 3_600L * 1_000_000_000;

    private readonly LongHistogram _histogram = new(Highest, 3);

    public long Count => _histogram.TotalCount;

    /// <summary>In nanoseconds; 0 when there is none.</summary>
    public long Max => Count == 0 ? 0 : _histogram.GetMaxValue();

    /// <summary>In nanoseconds; 0 when there is none.</summary>
    public double Mean => Count == 0 ? 0 : _histogram.GetMean();

    public void Record(long nanoseconds) => _histogram.RecordValue(Math.Clamp(nanoseconds, 0, Highest));

    public void Add(Latencies other)
    {
        if (other.Count > 0)
        {
            _histogram.Add(other._histogram);
        }
    }

    /// <summary>The time, in nanoseconds, that this share of the messages did not exceed; 0 when there is none.</summary>
    /// <param name="percentile">0 to 100.</param>
    public long At(double percentile) => Count == 0 ? 0 : _histogram.GetValueAtPercentile(percentile);
}
