using System.Diagnostics;

namespace Wspy.Tool.Bench;

/// <summary>What the two ends have used of the machine, up to a moment.</summary>
/// <param name="Time">The moment, by <see cref="Stopwatch"/>'s clock.</param>
/// <param name="Client">CPU time of this process.</param>
/// <param name="Server">CPU time and memory of the server's; <see langword="null"/> if its process is not known.</param>
internal readonly record struct Usage(long Time, TimeSpan Client, (TimeSpan Total, TimeSpan User, long Memory)? Server)
{
    public static Usage Take(ServerProcess? process) => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, process?.Read());
}
