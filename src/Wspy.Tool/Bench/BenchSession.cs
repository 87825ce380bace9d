using Wspy.Tool.Bench.Load;
using Wspy.Tool.Bench.Reports;
using Wspy.Tool.Terminal;

namespace Wspy.Tool.Bench;

/// <summary>One run of <c>wspy bench</c>: all rounds, the reports, what is shown.</summary>
internal static class BenchSession
{
    /// <returns>0 when there are figures, 1 when a server did not do its part or nothing was measured.</returns>
    public static async Task<int> RunAsync(BenchSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            BenchReport report = await BenchScreen.WatchAsync(settings, progress => MeasureAsync(settings, progress, cancellationToken)).ConfigureAwait(false);
            BenchSummary.Show(report, settings.Quiet);
            if (settings.Json is not null)
            {
                ReportFiles.WriteJson(report, settings.Json);
            }

            if (settings.Html is not null)
            {
                ReportFiles.WriteHtml(report, settings.Html);
            }

            return 0;
        }
        catch (Exception error) when (error is LoadException or IOException or UnauthorizedAccessException)
        {
            // A server's reason for closing is in some of these, and may hold anything.
            Screen.Fail(Printable.From(error.Message));
        }
        catch (OperationCanceledException)
        {
            Screen.Fail("Stopped before anything was measured.");
        }

        return 1;
    }

    /// <summary>Gives each server its turns, one after another in each round, so that what disturbs the machine meets all of them alike.</summary>
    /// <exception cref="LoadException">A server did not do its part.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before anything was measured.</exception>
    public static async Task<BenchReport> MeasureAsync(BenchSettings settings, IProgress<BenchProgress>? progress, CancellationToken cancellationToken)
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        List<ServerProcess> processes = [];
        try
        {
            processes.AddRange(settings.Processes.Select(id => new ServerProcess(id)));
            List<RoundResult>[] results = [.. settings.Servers.Select(_ => new List<RoundResult>())];
            bool interrupted = false;
            for (int round = 1; round <= settings.Rounds && !interrupted; round++)
            {
                for (int i = 0; i < settings.Servers.Count && !interrupted; i++)
                {
                    interrupted = !await TryRoundAsync(
                        new BenchRound(settings.Servers[i], round, settings.Workload, i < processes.Count ? processes[i] : null, progress), results[i], cancellationToken).ConfigureAwait(false);
                }
            }

            // Without a figure of the first, there is nothing to compare with.
            return results[0].Count > 0 ? BenchReport.From(settings, started, interrupted, results) : throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
        }
    }

    // False when it was interrupted. A part of a round counts where there is no whole one.
    private static async Task<bool> TryRoundAsync(BenchRound round, List<RoundResult> results, CancellationToken cancellationToken)
    {
        try
        {
            RoundResult result = await round.RunAsync(cancellationToken).ConfigureAwait(false);
            if (!result.Interrupted || results.Count == 0)
            {
                results.Add(result);
            }

            return !cancellationToken.IsCancellationRequested;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
