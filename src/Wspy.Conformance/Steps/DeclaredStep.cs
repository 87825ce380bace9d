using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>After a header with a huge length: the peer refuses it at once, or waits for the payload and lives.</summary>
internal sealed record DeclaredStep : Step
{
    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        if (await run.NextAsync(run.Options.AtOnce, cancellationToken).ConfigureAwait(false) is { } found)
        {
            if (found is not (CloseEvent or EndEvent))
            {
                throw new CaseFailedException($"expected {this}; got {found}");
            }

            await Failing.JudgeAsync(run, found, [1009], cancellationToken).ConfigureAwait(false);
            return;
        }

        run.Note(Verdict.Informational, "the length was not refused: the peer waits for so many bytes, or has no limit");
    }

    public override string ToString() => "the connection failed with 1009, judged from the header";
}
