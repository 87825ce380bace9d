using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Reports;

/// <summary>The figures of a round, the medians of several, or their ratios to those of another server. Part of a public format (docs/bench.md).</summary>
internal sealed record Figures
{
    /// <summary>Messages, or handshakes.</summary>
    public double PerSecond { get; init; }

    /// <summary>Megabytes (10^6) of payload each way.</summary>
    public double MegabytesPerSecond { get; init; }

    /// <summary>Latencies are in microseconds.</summary>
    public double Mean { get; init; }

    public double P50 { get; init; }

    public double P90 { get; init; }

    public double P99 { get; init; }

    public double P999 { get; init; }

    public double P9999 { get; init; }

    public double Max { get; init; }

    /// <summary>CPU time of this program for each message, in microseconds.</summary>
    public double ClientCpu { get; init; }

    /// <summary>Of one core.</summary>
    public double ClientCpuPercent { get; init; }

    /// <summary>CPU time of the server for each message, in microseconds.</summary>
    public double? ServerCpu { get; init; }

    /// <summary>Of one core.</summary>
    public double? ServerCpuPercent { get; init; }

    /// <summary>That in user mode.</summary>
    public double? ServerCpuUserPercent { get; init; }

    /// <summary>Resident memory at the end, in KiB.</summary>
    public double? ServerMemory { get; init; }

    /// <summary>How much of it came with the connections, in KiB for each, idle ones included.</summary>
    public double? ServerMemoryPerConnection { get; init; }

    public static Figures From(Latencies latencies, double seconds, Workload workload, Usage before, Usage after, long memoryBefore)
    {
        double count = latencies.Count;
        double elapsed = LoadWindow.Seconds(after.Time - before.Time);
        var figures = new Figures
        {
            PerSecond = Round(count / seconds),
            MegabytesPerSecond = workload.Handshakes ? 0 : Round(count * workload.Size / seconds / 1e6),
            Mean = Microseconds(latencies.Mean),
            P50 = Microseconds(latencies.At(50)),
            P90 = Microseconds(latencies.At(90)),
            P99 = Microseconds(latencies.At(99)),
            P999 = Microseconds(latencies.At(99.9)),
            P9999 = Microseconds(latencies.At(99.99)),
            Max = Microseconds(latencies.Max),
            ClientCpu = Each(after.Client - before.Client, count),
            ClientCpuPercent = Percent(after.Client - before.Client, elapsed),
        };
        if (before.Server is not { } from || after.Server is not { } to)
        {
            return figures;
        }

        return figures with
        {
            ServerCpu = Each(to.Total - from.Total, count),
            ServerCpuPercent = Percent(to.Total - from.Total, elapsed),
            ServerCpuUserPercent = Percent(to.User - from.User, elapsed),
            ServerMemory = Round(to.Memory / 1024.0),
            ServerMemoryPerConnection = Round((to.Memory - memoryBefore) / 1024.0 / (workload.Connections + workload.Idle)),
        };
    }

    /// <summary>The median of each figure by itself.</summary>
    public static Figures Median(IReadOnlyList<Figures> rounds) => Combine(figure => Middle(rounds, figure));

    /// <summary>Each figure divided by the same of another server.</summary>
    public Figures RatioTo(Figures other) => Combine(figure => figure(this) / figure(other) is double ratio && double.IsFinite(ratio) ? Math.Round(ratio, 4) : null);

    private static Figures Combine(Func<Func<Figures, double?>, double?> combine) => new()
    {
        PerSecond = combine(figures => figures.PerSecond) ?? 0,
        MegabytesPerSecond = combine(figures => figures.MegabytesPerSecond) ?? 0,
        Mean = combine(figures => figures.Mean) ?? 0,
        P50 = combine(figures => figures.P50) ?? 0,
        P90 = combine(figures => figures.P90) ?? 0,
        P99 = combine(figures => figures.P99) ?? 0,
        P999 = combine(figures => figures.P999) ?? 0,
        P9999 = combine(figures => figures.P9999) ?? 0,
        Max = combine(figures => figures.Max) ?? 0,
        ClientCpu = combine(figures => figures.ClientCpu) ?? 0,
        ClientCpuPercent = combine(figures => figures.ClientCpuPercent) ?? 0,
        ServerCpu = combine(figures => figures.ServerCpu),
        ServerCpuPercent = combine(figures => figures.ServerCpuPercent),
        ServerCpuUserPercent = combine(figures => figures.ServerCpuUserPercent),
        ServerMemory = combine(figures => figures.ServerMemory),
        ServerMemoryPerConnection = combine(figures => figures.ServerMemoryPerConnection),
    };

    private static double? Middle(IReadOnlyList<Figures> rounds, Func<Figures, double?> figure)
    {
        double[] values = [.. rounds.Select(figure).OfType<double>().Order()];
        return values.Length == 0 ? null
            : values.Length % 2 == 1 ? values[values.Length / 2]
            : Round((values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2);
    }

    private static double Each(TimeSpan time, double count) => count == 0 ? 0 : Round(time.TotalMicroseconds / count);

    private static double Percent(TimeSpan time, double seconds) => seconds <= 0 ? 0 : Math.Round(100 * time.TotalSeconds / seconds, 1);

    private static double Microseconds(double nanoseconds) => Round(nanoseconds / 1000);

    // Three decimals are more than any of these is worth.
    private static double Round(double value) => Math.Round(value, 3);
}
