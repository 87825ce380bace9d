using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>The client goes on or gives up, as it likes; it is told which.</summary>
/// <param name="What">What it takes or does not.</param>
internal sealed record OpenOutcomeStep(string What) : Step
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        WireEvent? found = await run.NextAsync(Soon, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            // Its silence says nothing: it may give up as late as it likes. Who goes on answers.
            await run.Wire.SendAsync([new WireFrame(Opcode.Ping, "open?")], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            found = await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
            if (found is PongEvent)
            {
                run.Note(Verdict.Informational, $"the client takes {What}");
                await new CloseStep(1000, Payload.Empty).RunAsync(run, cancellationToken).ConfigureAwait(false);
                return;
            }
        }

        if (found is not EndEvent)
        {
            throw new CaseFailedException($"expected {this}; got {(found is null ? $"nothing within {Show.Time(run.Options.Patience)}" : found)}");
        }

        run.Note(Verdict.Informational, $"the client does not take {What}");
        run.Ended = true;
    }

    public override string ToString() => "the client goes on, or gives up without sending a frame";
}
