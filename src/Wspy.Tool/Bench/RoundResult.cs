using Wspy.Tool.Bench.Load;
using Wspy.Tool.Bench.Reports;

namespace Wspy.Tool.Bench;

/// <summary>What one turn of one server gave.</summary>
internal sealed record RoundResult
{
    /// <summary>The way of putting load on it.</summary>
    public required string Driver { get; init; }

    /// <summary>Seconds that were measured.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds that it took to open the connections.</summary>
    public required double Opening { get; init; }

    /// <summary>Whether it ended before its time.</summary>
    public bool Interrupted { get; init; }

    /// <summary>Of a paced run, messages whose time had come, and that were not answered at the end.</summary>
    public long Unanswered { get; init; }

    public required Figures Figures { get; init; }

    public required Latencies Latencies { get; init; }

    public IReadOnlyList<ThroughputSample> Throughput { get; init; } = [];
}
