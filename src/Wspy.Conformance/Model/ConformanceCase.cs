using Wspy.Conformance.Steps;

namespace Wspy.Conformance;

/// <summary>One case of the catalogue: what is tried, why, and the script that tries it.</summary>
/// <remarks>Immutable and safe from any thread; one case can run any number of times at once.</remarks>
public sealed record ConformanceCase
{
    /// <summary>The case's name for good, such as <c>5.1.12</c>: section, group, number in the group.</summary>
    public required string Id { get; init; }

    /// <summary>The number of the section.</summary>
    public required int Section { get; init; }

    /// <summary>The title of the section.</summary>
    public required string SectionTitle { get; init; }

    /// <summary>The title of the group.</summary>
    public required string Group { get; init; }

    /// <summary>What is done, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>Why it is done: what a peer gets wrong that does not pass.</summary>
    public required string Purpose { get; init; }

    /// <summary>Where the rule stands, such as <c>RFC 6455 §5.4</c>.</summary>
    public required string Rfc { get; init; }

    /// <summary>The roles of the peer under test in which the case makes sense.</summary>
    public required PeerRole Roles { get; init; }

    /// <summary>Whether the peer must send every message back; else any peer will do.</summary>
    public required bool NeedsEcho { get; init; }

    /// <summary>Whether it runs alone, because it measures, or loads the peer.</summary>
    public bool Alone { get; init; }

    /// <summary>How long it may take, or <see langword="null"/> for the suite's limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What the suite does, and a strict peer, step by step, in words.</summary>
    public IEnumerable<string> Script => Steps.Select(step => step.IsAction ? $"{step}" : $"expect {step}");

    /// <summary>How the connection begins.</summary>
    internal Opening Opening { get; init; } = Opening.Standard;

    internal IReadOnlyList<Step> Steps { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Title}";
}
