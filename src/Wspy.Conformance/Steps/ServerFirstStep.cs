using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>
/// After the closing handshake the suite, as the server, is in no hurry to end TCP: the client waits for that a moment
/// (RFC 6455 §7.1.1), and ends TCP when the server has.
/// </summary>
internal sealed record ServerFirstStep : Step
{
    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        if (await run.NextAsync(run.Options.Silence, cancellationToken).ConfigureAwait(false) is { } early)
        {
            run.Note(early is EndEvent ? Verdict.NonStrict : Verdict.Failed, $"expected {this}; got {early} before the server's end");
            run.Ended = true;
            return;
        }

        TimeSpan shut = run.Log.Now;
        run.Wire.Shutdown();
        await Failing.ExpectEndAsync(run, shut, failed: false, cancellationToken).ConfigureAwait(false);
    }

    public override string ToString() => "TCP left open until the server ends it, and then closed";
}
