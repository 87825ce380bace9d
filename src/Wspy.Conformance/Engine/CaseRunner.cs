using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Engine;

/// <summary>Runs the steps of a case, and makes a result of whatever happens.</summary>
internal static class CaseRunner
{
    /// <param name="run">The run; its connection is opened by <paramref name="openAsync"/> and ended here.</param>
    /// <param name="openAsync">Opens the connection; returns why the case is unsupported, or <see langword="null"/>.</param>
    /// <param name="turns">Where a client decides when it comes: the case waits there for its turn. Its time begins after that.</param>
    /// <param name="cancellationToken">Ends the whole suite.</param>
    public static async Task<CaseResult> RunAsync(CaseRun run, Func<CancellationToken, Task<string?>> openAsync, Turns? turns, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        TimeSpan time = run.Case.Timeout ?? run.Options.CaseTimeout;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        bool hasTurn = false;
        try
        {
            if (run.Case.NeedsEcho && !run.Options.PeerEchoes)
            {
                run.Note(Verdict.Unsupported, "needs a peer that sends messages back");
            }
            else if (await openAsync(limit.Token).ConfigureAwait(false) is { } unsupported)
            {
                run.Note(Verdict.Unsupported, unsupported);
            }
            else
            {
                if (turns is not null)
                {
                    limit.CancelAfter(Timeout.InfiniteTimeSpan);
                    await turns.TakeAsync(run.Case.Alone, cancellationToken).ConfigureAwait(false);
                    hasTurn = true;
                    limit.CancelAfter(time);
                }

                foreach (Step step in run.Case.Steps.Where(step => !run.Ended || step.RunsAfterEnd))
                {
                    await step.RunAsync(run, limit.Token).ConfigureAwait(false);
                }
            }
        }
        catch (CaseFailedException e)
        {
            run.Note(Verdict.Failed, e.Message);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException)
        {
            run.Note(Verdict.Failed, $"the connection could not be opened: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            run.Note(Verdict.Failed, $"the case took more than {Show.Time(time)}");
        }
        finally
        {
            if (run.Wire is not null)
            {
                await run.Wire.DisposeAsync().ConfigureAwait(false);

                // It fails at once now, and why is in the log.
                await run.Sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (hasTurn)
            {
                turns!.End();
            }
        }

        return new CaseResult
        {
            Case = run.Case,
            Verdict = run.Verdict,
            Reason = string.Join("; ", run.Reasons),
            Happened = [.. run.Happened],
            Wire = run.Log.ToList(),
            Duration = Stopwatch.GetElapsedTime(began),
        };
    }
}
