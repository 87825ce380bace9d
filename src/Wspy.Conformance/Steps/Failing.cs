using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>Judges how a peer ends a connection.</summary>
internal static class Failing
{
    /// <summary>Judges a failing of the connection, which began with <paramref name="first"/>.</summary>
    public static async Task JudgeAsync(CaseRun run, WireEvent first, int[] codes, CancellationToken cancellationToken)
    {
        run.Ended = true;
        string expected = string.Join(" or ", codes);
        if (first is EndEvent)
        {
            // §7.1.7: SHOULD send a Close frame.
            run.Note(Verdict.NonStrict, $"expected Close {expected}; the peer ended TCP without a Close frame");
            return;
        }

        var close = (CloseEvent)first;
        if (!codes.Contains(close.Code))
        {
            if (close.Code is 1000 or 1001)
            {
                throw new CaseFailedException($"expected Close {expected}; got {close}, which says that nothing was wrong");
            }

            run.Note(Verdict.NonStrict, $"expected Close {expected}; got {close}");
        }

        await ExpectEndAsync(run, close.At, failed: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Expects the end of TCP, and nothing else, after the closing handshake.</summary>
    public static async Task ExpectEndAsync(CaseRun run, TimeSpan closedAt, bool failed, CancellationToken cancellationToken)
    {
        run.Ended = true;
        switch (await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false))
        {
            case null when run.Role == PeerRole.Server:
                // §5.5.1, §7.1.1: after both Close frames the server MUST close TCP.
                throw new CaseFailedException($"expected TCP to be closed after the Close frames; it was still open {Show.Time(run.Options.Patience)} later");
            case null:
                run.Note(Verdict.NonStrict, $"the client did not close TCP within {Show.Time(run.Options.Patience)} after the server did");
                break;
            case EndEvent end:
                if (end.At - closedAt > run.Options.CloseTime)
                {
                    run.Note(Verdict.NonStrict, $"TCP was closed only {Show.Time(end.At - closedAt)} after the Close frame");
                }
                else if (end.Reset && !failed)
                {
                    // §7.1.1: SHOULD close TCP cleanly.
                    run.Note(Verdict.NonStrict, "TCP was reset after a closing handshake that was in order");
                }

                break;
            case { } other:
                throw new CaseFailedException($"expected nothing after the Close frame but the end of TCP; got {other}");
        }
    }
}
