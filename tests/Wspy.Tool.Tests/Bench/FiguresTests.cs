using Wspy.Tool.Bench;
using Wspy.Tool.Bench.Reports;

namespace Wspy.Tool.Tests.Bench;

public class FiguresTests
{
    [Fact]
    public void Medians_are_of_each_figure_by_itself()
    {
        var median = Figures.Median(
        [
            new Figures { PerSecond = 10, P99 = 3, ServerCpu = 7 },
            new Figures { PerSecond = 30, P99 = 1, ServerCpu = 9 },
            new Figures { PerSecond = 20, P99 = 2, ServerCpu = 8 },
        ]);

        Assert.Equal(new Figures { PerSecond = 20, P99 = 2, ServerCpu = 8 }, median);
    }

    [Fact]
    public void Of_an_even_number_the_middle_two_are_halved() => Assert.Equal(
        15, Figures.Median([new Figures { PerSecond = 10 }, new Figures { PerSecond = 1000 }, new Figures { PerSecond = 20 }, new Figures { PerSecond = 1 }]).PerSecond);

    [Fact]
    public void Ratios_are_to_the_other_and_none_to_nothing()
    {
        Figures ratio = new Figures { PerSecond = 30, P50 = 5, ServerCpu = 2 }.RatioTo(new Figures { PerSecond = 20, P50 = 0 });

        Assert.Equal(new Figures { PerSecond = 1.5 }, ratio);
    }

    [Theory]
    [InlineData(0, "0.00 µs")]
    [InlineData(83.44, "83.4 µs")]
    [InlineData(1270, "1.27 ms")]
    [InlineData(123_400, "123 ms")]
    [InlineData(2_500_000, "2.50 s")]
    public void Times_have_the_unit_that_fits(double microseconds, string expected) => Assert.Equal(expected, BenchFormat.Time(microseconds));

    [Theory]
    [InlineData("", 10, "")]
    [InlineData("0 0", 10, "▁▁")]
    [InlineData("1 2 3 4 5 6 7 8", 10, "▁▂▃▄▅▆▇█")]
    [InlineData("1 3 8 8", 2, "▂█")]
    public void A_sparkline_has_a_bar_for_each_sample_that_has_room(string rates, int width, string expected) => Assert.Equal(
        expected, BenchFormat.Sparkline([.. rates.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((rate, i) => new ThroughputSample(i, int.Parse(rate, System.Globalization.CultureInfo.InvariantCulture)))], width));
}
