using System.Globalization;
using Spectre.Console;
using Wspy.Conformance;
using Wspy.Tool.Terminal;

namespace Wspy.Tool.Conform;

/// <summary>What a run shows at the terminal: progress, a table, and what is not as it should be.</summary>
internal static class ConformScreen
{
    /// <summary>More lines would hide the table; the reports have them all.</summary>
    private const int MostLines = 25;

    private static readonly Verdict[] Columns = [Verdict.Passed, Verdict.Informational, Verdict.Unsupported, Verdict.NonStrict, Verdict.Failed];

    public static void List(IReadOnlyList<ConformanceCase> cases)
    {
        foreach (ConformanceCase item in cases)
        {
            string role = item.Roles switch { PeerRole.Server => " (servers)", PeerRole.Client => " (clients)", _ => "" };
            Screen.Output.WriteLine(Printable.From($"{item.Id,-9} {item.Group}: {item.Title}{role}"));
        }
    }

    /// <summary>Runs with a progress bar, where there is a terminal to show it.</summary>
    public static Task<SuiteResult> WatchAsync(int count, Func<IProgress<CaseResult>?, Task<SuiteResult>> runAsync) =>
        !Screen.Output.Profile.Capabilities.Interactive ? runAsync(null) : Screen.Output.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask("begins", maxValue: Math.Max(1, count));
                return runAsync(new Watcher(bar));
            });

    /// <summary>Shows what came out.</summary>
    /// <returns>Whether it is as it should be.</returns>
    public static bool Conclude(SuiteResult result, ExpectedVerdicts? expected, bool strict)
    {
        Screen.Output.Write(Table(result));
        IReadOnlyList<CaseResult> wrong = expected?.Differences(result)
            ?? [.. result.Results.Where(item => item.Verdict == Verdict.Failed || (strict && item.Verdict == Verdict.NonStrict))];
        foreach (CaseResult item in wrong.Take(MostLines))
        {
            string instead = expected is null ? "" : $", expected {string.Join(" or ", expected.Of(item.Case).Select(verdict => verdict.Name()))}";
            Screen.Output.MarkupLineInterpolated($"[{Colour(item.Verdict)}]{item.Case.Id,-9} {item.Verdict.Name()}{instead}[/] {Printable.From(item.Case.Title)} [dim]({item.Case.Rfc})[/]");
            if (item.Reason.Length > 0)
            {
                Screen.Output.MarkupLineInterpolated($"          {Printable.From(item.Reason)}");
            }
        }

        if (wrong.Count > MostLines)
        {
            Screen.Output.WriteLine($"… and {wrong.Count - MostLines} more; a report (--html FILE) has them all.");
        }

        string total = string.Create(CultureInfo.InvariantCulture, $"{result.Results.Count} cases in {result.Duration.TotalSeconds:0.0} s: ");
        Screen.Output.MarkupLineInterpolated(wrong.Count == 0
            ? (FormattableString)$"{total}[green]{(expected is null ? "nothing failed" : "all as expected")}.[/]"
            : $"{total}[red]{wrong.Count} {(expected is null ? "failed" : "not as expected")}.[/]");
        return wrong.Count == 0 && result.Results.Count > 0;
    }

    private static Table Table(SuiteResult result)
    {
        Table table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(Printable.From(result.Peer)));
        table.AddColumn("Section");
        foreach (Verdict verdict in Columns)
        {
            table.AddColumn(new TableColumn(verdict.Name()).RightAligned());
        }

        foreach (IGrouping<int, CaseResult> section in result.Results.GroupBy(item => item.Case.Section).OrderBy(section => section.Key))
        {
            table.AddRow([$"{section.Key} {section.First().Case.SectionTitle}", .. Columns.Select(verdict => Cell(section.Count(item => item.Verdict == verdict), verdict))]);
        }

        table.AddEmptyRow();
        return table.AddRow(["All", .. Columns.Select(verdict => Cell(result.Count(verdict), verdict))]);
    }

    private static string Cell(int count, Verdict verdict) => count == 0 ? "[dim]·[/]" : $"[{Colour(verdict)}]{count}[/]";

    private static string Colour(Verdict verdict) => verdict switch
    {
        Verdict.Passed => "green",
        Verdict.Informational => "blue",
        Verdict.Unsupported => "grey",
        Verdict.NonStrict => "yellow",
        _ => "red",
    };

    /// <summary>Moves the bar; unlike the platform's Progress, in the thread that reports.</summary>
    private sealed class Watcher(ProgressTask bar) : IProgress<CaseResult>
    {
        private int _failed;

        public void Report(CaseResult value)
        {
            int failed = value.Verdict == Verdict.Failed ? Interlocked.Increment(ref _failed) : Volatile.Read(ref _failed);
            bar.Description = Markup.Escape($"{value.Case.Id}, {failed} failed");
            bar.Increment(1);
        }
    }
}
