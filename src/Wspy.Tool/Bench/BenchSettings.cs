using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench;

/// <summary>What <c>wspy bench</c> was asked for.</summary>
internal sealed record BenchSettings
{
    /// <summary>The servers, the one to compare with first.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>The processes of the first servers, as many as were given.</summary>
    public IReadOnlyList<int> Processes { get; init; } = [];

    public required Workload Workload { get; init; }

    /// <summary>How many times each server has its turn.</summary>
    public int Rounds { get; init; } = 1;

    public FileInfo? Json { get; init; }

    public FileInfo? Html { get; init; }

    public bool Quiet { get; init; }
}
