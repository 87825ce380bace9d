namespace Wspy.Tool.Bench;

/// <summary>How far a measurement is.</summary>
/// <param name="Server">The server that has its turn.</param>
/// <param name="Round">The number of the round, from 1.</param>
/// <param name="Stage">What goes on.</param>
/// <param name="Elapsed">The seconds of this stage that have passed.</param>
/// <param name="Length">The seconds that the stage takes; 0 when nobody knows.</param>
/// <param name="Throughput">The samples of the measured time until now; at the end of the round, one of all of it.</param>
internal readonly record struct BenchProgress(
    Uri Server, int Round, BenchStage Stage, double Elapsed, double Length, IReadOnlyList<ThroughputSample> Throughput);

/// <summary>The parts of a round.</summary>
internal enum BenchStage
{
    /// <summary>Connections are being opened.</summary>
    Opening,

    /// <summary>There is load, which does not count yet.</summary>
    WarmingUp,

    /// <summary>It counts.</summary>
    Measuring,

    /// <summary>The round has ended.</summary>
    Measured,
}

/// <summary>How many messages came back in a piece of the measured time.</summary>
/// <param name="Seconds">The end of the piece, from the start of the measured time.</param>
/// <param name="PerSecond">Messages, or handshakes, per second.</param>
internal readonly record struct ThroughputSample(double Seconds, double PerSecond);
