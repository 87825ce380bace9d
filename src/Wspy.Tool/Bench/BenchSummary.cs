using Spectre.Console;
using Wspy.Tool.Bench.Reports;
using Wspy.Tool.Terminal;

namespace Wspy.Tool.Bench;

/// <summary>What is shown at the end.</summary>
internal static class BenchSummary
{
    private const int SparklineWidth = 60;

    public static void Show(BenchReport report, bool quiet)
    {
        if (quiet)
        {
            foreach (ReportServer server in report.Servers)
            {
                Screen.Output.WriteLine(Line(server, report.Workload));
            }

            return;
        }

        Screen.Output.MarkupLineInterpolated($"[grey]{BenchFormat.Load(report.Workload)}[/]");
        if (report.Interrupted)
        {
            Screen.Output.MarkupLine("[yellow]Stopped early: these are the figures of the time until then.[/]");
        }

        if (report.Servers.Count > 1)
        {
            Compare(report);
        }
        else
        {
            ShowOne(report.Servers[0], report.Workload);
        }

        foreach (ReportServer server in report.Servers)
        {
            if (server.Rounds.Sum(round => round.Unanswered) is > 0 and long unanswered)
            {
                Screen.Output.MarkupLineInterpolated($"[yellow]{Printable.From(server.Url)} did not keep up: {BenchFormat.Plural(unanswered, "message")} had no answer when a round ended.[/]");
            }
        }
    }

    /// <summary>One line for programs and for those who look at nothing else.</summary>
    internal static string Line(ReportServer server, ReportWorkload workload)
    {
        Figures figures = server.Median;
        string cpu = figures.ServerCpu is { } each ? $", server CPU {BenchFormat.Time(each)} each ({BenchFormat.Percent(figures.ServerCpuPercent)})" : "";
        return Printable.From(server.Url) +
            $"  {BenchFormat.Count(figures.PerSecond)} {workload.Mode}/s, p50 {BenchFormat.Time(figures.P50)}, p99 {BenchFormat.Time(figures.P99)}, p99.9 {BenchFormat.Time(figures.P999)}{cpu}";
    }

    private static void ShowOne(ReportServer server, ReportWorkload workload)
    {
        Figures figures = server.Median;
        string size = figures.MegabytesPerSecond > 0 ? $"   {figures.MegabytesPerSecond:N1} MB/s each way" : "";
        Screen.Output.WriteLine();
        Screen.Output.MarkupLineInterpolated($"[bold]{Printable.From(server.Url)}[/]  [grey]{server.Driver}[/]");
        if (workload.Connections == 0)
        {
            Screen.Output.WriteLine($"{BenchFormat.Plural(workload.Idle, "connection")} held, opened in {server.Rounds[^1].Opening:0.00} s");
        }
        else
        {
            Screen.Output.MarkupLineInterpolated($"[bold green]{BenchFormat.Count(figures.PerSecond)}[/] {workload.Mode}/s{size}");
            IReadOnlyList<ThroughputSample> samples = server.Rounds[^1].Throughput;
            if (samples.Count > 1)
            {
                Screen.Output.MarkupLineInterpolated($"[green]{BenchFormat.Sparkline(samples, SparklineWidth)}[/] [grey]{BenchFormat.Count(samples.Min(sample => sample.PerSecond))} to {BenchFormat.Count(samples.Max(sample => sample.PerSecond))}/s[/]");
            }

            Screen.Output.Write(Latency(figures));
        }

        Screen.Output.Write(Cpu(figures, workload));
    }

    private static Table Latency(Figures figures)
    {
        Table table = new Table().Border(TableBorder.Rounded).Title("latency");
        (string Name, double Value)[] columns =
        [
            ("p50", figures.P50), ("p90", figures.P90), ("p99", figures.P99), ("p99.9", figures.P999), ("p99.99", figures.P9999), ("max", figures.Max), ("mean", figures.Mean),
        ];
        foreach ((string name, _) in columns)
        {
            table.AddColumn(new TableColumn(name).RightAligned());
        }

        return table.AddRow([.. columns.Select(column => BenchFormat.Time(column.Value))]);
    }

    private static Table Cpu(Figures figures, ReportWorkload workload)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("CPU").AddColumn(new TableColumn(workload.Mode == "handshakes" ? "per handshake" : "per message").RightAligned());
        table.AddColumn(new TableColumn("of a core").RightAligned()).AddColumn(new TableColumn("in user mode").RightAligned()).AddColumn(new TableColumn("memory").RightAligned());
        table.AddRow("this client", BenchFormat.Time(figures.ClientCpu), BenchFormat.Percent(figures.ClientCpuPercent), "", "");
        if (figures.ServerCpu is { } each)
        {
            string perConnection = workload.Mode == "handshakes" ? "" : $", {BenchFormat.Memory(figures.ServerMemoryPerConnection ?? 0)} per connection";
            table.AddRow("server", BenchFormat.Time(each), BenchFormat.Percent(figures.ServerCpuPercent), BenchFormat.Percent(figures.ServerCpuUserPercent), BenchFormat.Memory(figures.ServerMemory ?? 0) + perConnection);
        }

        return table;
    }

    private static void Compare(BenchReport report)
    {
        bool withCpu = report.Servers.Any(server => server.Median.ServerCpu is not null);
        Table table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("medians\n× the first");
        string[] columns = [$"{report.Workload.Mode}/s", "p50", "p99", "p99.9", .. withCpu ? (string[])["server CPU\neach", "of a\ncore"] : [], "client CPU\neach"];
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (ReportServer server in report.Servers)
        {
            Figures median = server.Median;
            Figures? ratio = server.Ratio;
            List<string> cells =
            [
                Markup.Escape(Printable.From(server.Url)),
                Cell(BenchFormat.Count(median.PerSecond), ratio?.PerSecond),
                Cell(BenchFormat.Time(median.P50), ratio?.P50),
                Cell(BenchFormat.Time(median.P99), ratio?.P99),
                Cell(BenchFormat.Time(median.P999), ratio?.P999),
            ];
            if (withCpu)
            {
                cells.AddRange(median.ServerCpu is { } each
                    ? [Cell(BenchFormat.Time(each), ratio?.ServerCpu), BenchFormat.Percent(median.ServerCpuPercent)]
                    : ["", ""]);
            }

            table.AddRow([.. cells, BenchFormat.Time(median.ClientCpu)]);
        }

        Screen.Output.Write(table);
    }

    private static string Cell(string value, double? ratio) => ratio is null ? value : $"{value}\n[grey]{BenchFormat.Ratio(ratio)}[/]";
}
