namespace Wspy.Conformance;

/// <summary>What happened in one run of a case.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public sealed record CaseResult
{
    /// <summary>The case that ran.</summary>
    public required ConformanceCase Case { get; init; }

    /// <summary>What it came to.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Why: what was expected, and what happened instead. Of a case that passed, what is worth telling, or nothing.</summary>
    public required string Reason { get; init; }

    /// <summary>What the peer did, event by event.</summary>
    public required IReadOnlyList<string> Happened { get; init; }

    /// <summary>What went over the wire.</summary>
    public required IReadOnlyList<WireEntry> Wire { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Case.Id} {Verdict.Name()}{(Reason.Length == 0 ? "" : $": {Reason}")}";
}
