using Wspy.Tool.Bench.Load;
using Wspy.Tool.Bench.Reports;

namespace Wspy.Tool.Tests.Bench;

public class LatenciesTests
{
    [Fact]
    public void Percentiles_are_right_to_three_digits()
    {
        Latencies latencies = new();
        for (int i = 1; i <= 100_000; i++)
        {
            latencies.Record(i * 1000L);
        }

        foreach (double percentile in (double[])[1, 50, 90, 99, 99.9, 99.99, 100])
        {
            Assert.InRange(latencies.At(percentile), percentile * 1_000_000 * 0.999, percentile * 1_000_000 * 1.001);
        }

        Assert.Equal(100_000, latencies.Count);
        Assert.Equal(100_000_000, latencies.Max);
        Assert.Equal(50_000_500, latencies.Mean);
    }

    [Fact]
    public void Every_time_is_told_as_itself_or_at_most_a_thousandth_longer()
    {
        Random random = new(1);
        List<long> times = [0, 1, 1023, 1024, 2047, 2048, 2049, 4095, 4096, Latencies.Highest - 1, Latencies.Highest];
        for (int i = 0; i < 1000; i++)
        {
            times.Add(random.NextInt64(1L << random.Next(1, 41)));
        }

        foreach (long time in times)
        {
            // With a longer one beside it, for the longest is exact in any case.
            Latencies latencies = new();
            latencies.Record(time);
            latencies.Record(Latencies.Highest);
            Assert.InRange(latencies.At(50), time, time + (time / 1000));
        }
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(25, 10)]
    [InlineData(25.1, 20)]
    [InlineData(50, 20)]
    [InlineData(75.1, 40)]
    [InlineData(100, 40)]
    public void A_percentile_is_the_shortest_time_that_this_share_did_not_exceed(double percentile, long expected)
    {
        Latencies latencies = new();
        foreach (long time in (long[])[40, 10, 30, 20])
        {
            latencies.Record(time);
        }

        Assert.Equal(expected, latencies.At(percentile));
    }

    [Fact]
    public void Nothing_is_nothing_and_adds_nothing()
    {
        Latencies latencies = new();
        latencies.Add(new Latencies());

        Assert.Equal(0, latencies.At(99));
        Assert.Equal(0, latencies.Max);
        Assert.Equal(0, latencies.Mean);
        Assert.Empty(ReportPercentile.Curve(latencies));
    }

    [Fact]
    public void Those_of_several_loops_add_up()
    {
        Latencies all = new();
        foreach (long value in (long[])[10, 20])
        {
            Latencies one = new();
            one.Record(value);
            all.Add(one);
        }

        Assert.Equal(2, all.Count);
        Assert.Equal(10, all.At(50));
        Assert.Equal(20, all.At(100));
    }

    [Fact]
    public void A_time_beyond_all_reason_is_kept_at_the_highest()
    {
        Latencies latencies = new();
        latencies.Record(long.MaxValue);
        latencies.Record(-1);

        Assert.Equal(2, latencies.Count);
        Assert.Equal(Latencies.Highest, latencies.Max);
        Assert.Equal(0, latencies.At(50));
    }

    [Fact]
    public void The_curve_rises_to_the_longest_and_ends_where_one_message_is_left()
    {
        Latencies latencies = new();
        for (int i = 1; i <= 1000; i++)
        {
            latencies.Record(i * 1000L);
        }

        IReadOnlyList<ReportPercentile> curve = ReportPercentile.Curve(latencies);

        Assert.Equal(0, curve[0].Percent);
        Assert.Equal(99.9, curve[^2].Percent, precision: 6);
        Assert.Equal(100, curve[^1].Percent);
        Assert.Equal(latencies.Max / 1000.0, curve[^1].Microseconds);
        Assert.Equal(curve.OrderBy(point => point.Percent).ThenBy(point => point.Microseconds), curve);
        Assert.InRange(curve.Single(point => Math.Abs(point.Percent - 90) < 0.001).Microseconds, 899, 902);
    }
}
