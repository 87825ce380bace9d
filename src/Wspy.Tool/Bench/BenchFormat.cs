using System.Globalization;
using Wspy.Tool.Bench.Reports;

namespace Wspy.Tool.Bench;

/// <summary>Figures as people read them.</summary>
internal static class BenchFormat
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>Such as 83.4 µs, 1.27 ms, 2.5 s.</summary>
    public static string Time(double microseconds) => microseconds switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{Short(microseconds)} µs"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{Short(microseconds / 1000)} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Short(microseconds / 1_000_000)} s"),
    };

    public static string Count(double number) =>
        number >= 100 ? number.ToString("N0", CultureInfo.InvariantCulture) : number.ToString("0.#", CultureInfo.InvariantCulture);

    public static string Ratio(double? ratio) => ratio is null ? "" : string.Create(CultureInfo.InvariantCulture, $"×{ratio:0.00}");

    public static string Percent(double? percent) => percent is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{percent:0} %");

    public static string Memory(double kibibytes) => kibibytes < 1024
        ? string.Create(CultureInfo.InvariantCulture, $"{Short(kibibytes)} KiB")
        : string.Create(CultureInfo.InvariantCulture, $"{Short(kibibytes / 1024)} MiB");

    /// <summary>A bar for each sample, the highest one full; several samples share a bar where there is no room for all.</summary>
    public static string Sparkline(IReadOnlyList<ThroughputSample> samples, int width)
    {
        int bars = Math.Min(width, samples.Count);
        double[] heights = new double[bars];
        for (int i = 0; i < bars; i++)
        {
            int from = i * samples.Count / bars;
            int to = (i + 1) * samples.Count / bars;
            heights[i] = samples.Skip(from).Take(to - from).Average(sample => sample.PerSecond);
        }

        double most = heights.Length == 0 ? 0 : heights.Max();
        return string.Concat(heights.Select(height => Bars[most <= 0 ? 0 : Math.Clamp((int)Math.Ceiling(height / most * Bars.Length) - 1, 0, Bars.Length - 1)]));
    }

    /// <summary>The load in a sentence.</summary>
    public static string Load(ReportWorkload workload)
    {
        string what = workload.Mode == "handshakes" ? $"{workload.Connections:N0} handshakes at a time"
            : $"{Plural(workload.Connections, "connection")}, {(workload.Payload == "binary" ? "binary messages" : workload.Payload == "utf8" ? "three-byte text" : "text")} of {Plural(workload.Size, "byte")}{(workload.Deflate is null ? "" : $", compressed with {workload.Deflate}")}, " +
                (workload.Rate > 0 ? $"{workload.Rate:#,0.##} messages/s in all, at most {workload.Window:N0} under way in each" : $"{workload.Window:N0} under way in each");
        string idle = workload.Idle > 0 ? $", {Plural(workload.Idle, "idle connection")}" : "";
        string rounds = workload.Rounds > 1 ? $"{workload.Rounds} rounds of " : "";
        return string.Create(CultureInfo.InvariantCulture, $"{what}{idle}; {rounds}{workload.Duration:0.##} s after {workload.Warmup:0.##} s of warm-up");
    }

    public static string Plural(long number, string noun) => $"{number:N0} {noun}{(number == 1 ? "" : "s")}";

    // Three digits: what comes after them differs from run to run.
    private static string Short(double number) => number.ToString(number >= 100 ? "0" : number >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
