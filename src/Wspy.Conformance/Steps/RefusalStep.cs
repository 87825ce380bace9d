using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>
/// The client gives up the opening handshake: it ends TCP, and sends no frame on a connection that never was one
/// (RFC 6455 §4.1, §7.1.7). A client that seems to wait is sent a ping, so that one that goes on shows it.
/// </summary>
/// <param name="Accepted">What it is worth if the client goes on.</param>
/// <param name="Note">Why that is not a failure, if it is none.</param>
internal sealed record RefusalStep(Verdict Accepted = Verdict.Failed, string Note = "") : Step
{
    /// <summary>What a refusal takes at most, before the client is asked.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        WireEvent? found = await run.NextAsync(Soon, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            await run.Wire.SendAsync([new WireFrame(Opcode.Ping, "open?")], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            found = await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
        }

        switch (found)
        {
            case EndEvent:
                break;
            case null:
                run.Note(Verdict.Failed, $"expected {this}; nothing happened within {Show.Time(run.Options.Patience)}");
                break;
            case CloseEvent { Code: not (CloseEvent.NoCode or 1000 or 1001) }:
                run.Note(Verdict.NonStrict, $"expected {this}; got {found}, as if the connection had been opened");
                break;
            default:
                run.Note(Accepted, Note.Length > 0 ? Note : $"expected {this}; the client went on with {found}");
                if (found is not CloseEvent)
                {
                    await new CloseStep(1000, Payload.Empty).RunAsync(run, cancellationToken).ConfigureAwait(false);
                }

                break;
        }

        run.Ended = true;
    }

    public override string ToString() => "the client gives up: TCP closed, and no frame sent";
}

/// <summary>The client takes the reply: a ping is answered, and the connection closed in order.</summary>
/// <param name="Refused">What it is worth if the client gives up.</param>
/// <param name="Note">Why that is not a failure, if it is none.</param>
internal sealed record AcceptanceStep(Verdict Refused = Verdict.Failed, string Note = "") : Step
{
    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        await run.Wire.SendAsync([new WireFrame(Opcode.Ping, "open?")], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        WireEvent? found = await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
        if (found is EndEvent && Refused != Verdict.Failed)
        {
            run.Note(Refused, Note);
            run.Ended = true;
            return;
        }

        if (found is not PongEvent)
        {
            throw new CaseFailedException($"expected {this}; got {(found is null ? $"nothing within {Show.Time(run.Options.Patience)}" : found)}");
        }

        await new CloseStep(1000, Payload.Empty).RunAsync(run, cancellationToken).ConfigureAwait(false);
    }

    public override string ToString() => "the client goes on: a ping is answered, and Close 1000 with the same code";
}
