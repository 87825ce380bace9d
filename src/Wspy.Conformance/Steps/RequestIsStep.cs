using Wspy.Conformance.Engine;

namespace Wspy.Conformance.Steps;

/// <summary>Judges the request of a client.</summary>
/// <param name="What">What it must be.</param>
/// <param name="Judge">What is wrong with it, or <see langword="null"/>.</param>
/// <param name="Otherwise">What it is worth if it is wrong.</param>
internal sealed record RequestIsStep(string What, Func<ClientRequest, string?> Judge, Verdict Otherwise = Verdict.Failed) : Step
{
    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        if (Judge(run.Client!.Request) is { } wrong)
        {
            run.Note(Otherwise, $"expected {What}; got {wrong}");
        }

        return Task.CompletedTask;
    }

    public override string ToString() => What;
}
