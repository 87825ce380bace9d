namespace Wspy.Conformance;

/// <summary>The results of a run, in the order of the catalogue.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public sealed record SuiteResult
{
    /// <summary>What was tested: a server's URL, or the name that a client gave itself.</summary>
    public required string Peer { get; init; }

    /// <summary>The role of what was tested.</summary>
    public required PeerRole Role { get; init; }

    /// <summary>When the run began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How long it took in all.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>One result for each case that was selected.</summary>
    public required IReadOnlyList<CaseResult> Results { get; init; }

    /// <summary>The number of results with a verdict.</summary>
    public int Count(Verdict verdict) => Results.Count(result => result.Verdict == verdict);
}
