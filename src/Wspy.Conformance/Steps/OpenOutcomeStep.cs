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
        if (found is EndEvent)
        {
            run.Note(Verdict.Informational, $"the client does not take {What}");
            run.Ended = true;
            return;
        }

        if (found is not null)
        {
            throw new CaseFailedException($"expected {this}; got {found}");
        }

        run.Note(Verdict.Informational, $"the client takes {What}");
        await new AcceptanceStep().RunAsync(run, cancellationToken).ConfigureAwait(false);
    }

    public override string ToString() => "the client goes on, or gives up without sending a frame";
}
