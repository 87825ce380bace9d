using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Reports;

/// <summary>A measurement as JSON. Changes to it are changes to a public format (docs/bench.md).</summary>
internal sealed record BenchReport(
    string Format, string Version, DateTimeOffset Started, bool Interrupted, ReportMachine Machine, ReportWorkload Workload, IReadOnlyList<ReportServer> Servers)
{
    public static BenchReport From(BenchSettings settings, DateTimeOffset started, bool interrupted, IReadOnlyList<IReadOnlyList<RoundResult>> rounds)
    {
        List<ReportServer> servers = [];
        for (int i = 0; i < settings.Servers.Count; i++)
        {
            if (rounds[i].Count > 0)
            {
                servers.Add(ReportServer.From(settings.Servers[i], i < settings.Processes.Count ? settings.Processes[i] : null, rounds[i], servers.FirstOrDefault()?.Median));
            }
        }

        return new BenchReport("Wspy bench 1", ToolVersion(), started, interrupted, ReportMachine.This, ReportWorkload.From(settings), servers);
    }

    private static string ToolVersion() =>
        typeof(BenchReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}

/// <summary>Where it was measured.</summary>
internal sealed record ReportMachine(string System, string Architecture, int Processors, string Runtime)
{
    public static ReportMachine This => new(
        RuntimeInformation.OSDescription, RuntimeInformation.OSArchitecture.ToString(), Environment.ProcessorCount, RuntimeInformation.FrameworkDescription);
}

/// <summary>What was asked for.</summary>
internal sealed record ReportWorkload(
    string Mode, int Connections, int Idle, int Size, int Window, double Rate, string Payload, string? Deflate, bool Verify, int Threads, double Warmup, double Duration, int Rounds)
{
    public static ReportWorkload From(BenchSettings settings)
    {
        Workload workload = settings.Workload;
        return new ReportWorkload(
            workload.Handshakes ? "handshakes" : "messages",
            workload.Connections,
            workload.Idle,
            workload.Size,
            workload.Window,
            workload.Rate,
            workload.Payload switch { PayloadKind.Binary => "binary", PayloadKind.Utf8 => "utf8", _ => "text" },
            workload.Deflate switch { DeflateUse.Context => "context", DeflateUse.NoContext => "no context", _ => null },
            workload.Verify,
            workload.Threads,
            workload.Warmup.TotalSeconds,
            workload.Duration.TotalSeconds,
            settings.Rounds);
    }
}

/// <summary>One server: the medians of its rounds, their ratios to the first server's, and the latencies of all rounds together.</summary>
internal sealed record ReportServer(
    string Url, int? Pid, string Driver, Figures Median, Figures? Ratio, IReadOnlyList<ReportPercentile> Latency, IReadOnlyList<ReportRound> Rounds)
{
    public static ReportServer From(Uri url, int? pid, IReadOnlyList<RoundResult> rounds, Figures? first)
    {
        var latencies = new Latencies();
        foreach (RoundResult round in rounds)
        {
            latencies.Add(round.Latencies);
        }

        var median = Figures.Median([.. rounds.Select(round => round.Figures)]);
        return new ReportServer(
            url.ToString(), pid, rounds[0].Driver, median, first is null ? null : median.RatioTo(first), ReportPercentile.Curve(latencies), [.. rounds.Select(ReportRound.From)]);
    }
}

/// <summary>One turn of a server.</summary>
internal sealed record ReportRound(double Seconds, double Opening, bool Interrupted, long Count, long Unanswered, Figures Figures, IReadOnlyList<ThroughputSample> Throughput)
{
    public static ReportRound From(RoundResult round) => new(
        Math.Round(round.Seconds, 3), Math.Round(round.Opening, 3), round.Interrupted, round.Latencies.Count, round.Unanswered, round.Figures, round.Throughput);
}

/// <summary>A point of the curve of latencies.</summary>
/// <param name="Percent">The share of the messages.</param>
/// <param name="Microseconds">What they did not exceed.</param>
internal sealed record ReportPercentile(double Percent, double Microseconds)
{
    /// <summary>Ten points for each decimal digit of the percentile: evenly spaced on the axis on which such curves are drawn.</summary>
    private const double PointsPerDigit = 10;

    public static IReadOnlyList<ReportPercentile> Curve(Latencies latencies)
    {
        if (latencies.Count == 0)
        {
            return [];
        }

        List<ReportPercentile> curve = [];
        double rest = 1;
        for (int i = 0; rest * latencies.Count >= 1; rest = Math.Pow(10, -++i / PointsPerDigit))
        {
            double percent = 100 * (1 - rest);
            curve.Add(new ReportPercentile(Math.Round(percent, 7), latencies.At(percent) / 1000.0));
        }

        curve.Add(new ReportPercentile(100, latencies.Max / 1000.0));
        return curve;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
