using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>After a refusal the server may send a body, answer what follows as HTTP, and end TCP; but it speaks no frames.</summary>
internal sealed record NoFramesStep : Step
{
    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        while (await run.NextAsync(run.Options.Silence, cancellationToken).ConfigureAwait(false) is { } found)
        {
            if (found is EndEvent)
            {
                run.Ended = true;
                return;
            }

            // "smuggled" is what the frames carried that followed the request; they were masked, and come back only from whom read them.
            if (found is BodyEvent body && body.Text.Contains("smuggled", StringComparison.Ordinal))
            {
                throw new CaseFailedException($"expected {this}; the frames behind the refused request were answered");
            }

            if (found is BodyEvent { Text: var text } && text.Contains("HTTP/1.1 101", StringComparison.Ordinal))
            {
                run.Note(Verdict.Informational, "the request behind the refused one was accepted, as HTTP allows; a proxy that saw one request may let through what it did not judge");
            }
        }
    }

    public override string ToString() => "no answer to the frames behind the request";
}
