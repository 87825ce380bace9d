using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>Expects no answer for a time.</summary>
internal sealed record QuietStep : Step
{
    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        if (await run.NextAsync(run.Options.Silence, cancellationToken).ConfigureAwait(false) is { } found)
        {
            throw new CaseFailedException($"expected no answer; got {found}");
        }
    }

    public override string ToString() => "no answer";
}

/// <summary>Waits, and expects nothing of it.</summary>
internal sealed record PauseStep(TimeSpan Time) : Step
{
    public override bool IsAction => true;

    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken) => Task.Delay(Time, cancellationToken);

    public override string ToString() => $"wait {Show.Time(Time)}";
}

/// <summary>The suite ends its direction of TCP.</summary>
internal sealed record ShutdownStep : Step
{
    public override bool IsAction => true;

    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        run.Wire.Shutdown();
        return Task.CompletedTask;
    }

    public override string ToString() => "close one direction of TCP";
}

/// <summary>The suite resets TCP; nothing can be expected of this connection any more.</summary>
internal sealed record ResetStep : Step
{
    public override bool IsAction => true;

    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        run.Wire.Reset();
        run.Ended = true;
        return Task.CompletedTask;
    }

    public override string ToString() => "reset TCP";
}

/// <summary>Changes what the engine does by itself.</summary>
internal sealed record HabitStep(string What, Action<WireConnection> Change) : Step
{
    public override bool IsAction => true;

    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        Change(run.Wire);
        return Task.CompletedTask;
    }

    public override string ToString() => What;
}

/// <summary>Asserts that the peer still serves others: a second connection is opened, and a ping on it answered. Only for servers.</summary>
internal sealed record OthersStep : Step
{
    public override bool RunsAfterEnd => true;

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        if (run.ProbeAsync is { } probe && await probe(cancellationToken).ConfigureAwait(false) is { } problem)
        {
            throw new CaseFailedException($"expected {this}; {problem}");
        }
    }

    public override string ToString() => "others are still served";
}
