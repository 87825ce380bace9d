using System.Diagnostics;
using Spectre.Console;
using Wspy.Tool.Bench.Reports;
using Wspy.Tool.Terminal;

namespace Wspy.Tool.Bench;

/// <summary>What is seen while it runs: a line that changes on a terminal, a line now and then elsewhere.</summary>
internal static class BenchScreen
{
    private const int MostBars = 40;

    public static Task<BenchReport> WatchAsync(BenchSettings settings, Func<IProgress<BenchProgress>?, Task<BenchReport>> measureAsync)
    {
        if (settings.Quiet)
        {
            return measureAsync(null);
        }

        return Screen.Output.Profile.Capabilities.Interactive
            ? Screen.Output.Live(new Text("")).AutoClear(true).StartAsync(context => measureAsync(new LiveLine(context, settings)))
            : measureAsync(new PlainLines(settings));
    }

    /// <summary>The line, without markup.</summary>
    private static string Describe(BenchProgress progress, BenchSettings settings)
    {
        string turn = (settings.Rounds, settings.Servers.Count) is (1, 1) ? "" : $"round {progress.Round} of {settings.Rounds}, ";
        string server = Printable.From(progress.Server.ToString());
        string unit = settings.Workload.Handshakes ? "handshakes/s" : "messages/s";
        return progress.Stage switch
        {
            BenchStage.Opening => $"{server}  {turn}opening {BenchFormat.Plural(settings.Workload.Handshakes ? settings.Workload.Idle : settings.Workload.Connections + settings.Workload.Idle, "connection")}",
            BenchStage.WarmingUp => FormattableString.Invariant($"{server}  {turn}warming up, {progress.Elapsed:0.0} of {progress.Length:0.##} s"),
            BenchStage.Measured => $"{server}  {turn}done  {BenchFormat.Count(progress.Throughput[0].PerSecond)} {unit}",
            _ => FormattableString.Invariant($"{server}  {turn}{progress.Elapsed:0.0} of {progress.Length:0.##} s") +
                (progress.Throughput.Count == 0 ? "" : $"  {BenchFormat.Count(progress.Throughput[^1].PerSecond)} {unit}"),
        };
    }

    /// <summary>Drawn a few times a second: more would cost CPU time that the measurement needs.</summary>
    private sealed class LiveLine(LiveDisplayContext context, BenchSettings settings) : IProgress<BenchProgress>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

        private long _last;

        public void Report(BenchProgress value)
        {
            if (_last != 0 && Stopwatch.GetElapsedTime(_last) < Interval)
            {
                return;
            }

            _last = Stopwatch.GetTimestamp();
            string line = Describe(value, settings);

            // A line that is folded would jump up and down.
            int room = Screen.Output.Profile.Width - line.Length - 3;
            context.UpdateTarget(new Text(
                room < 0 ? $"{line.AsSpan(0, Math.Max(0, line.Length + room))}…"
                : value.Stage == BenchStage.Measuring ? $"{line}  {BenchFormat.Sparkline(value.Throughput, Math.Min(MostBars, room))}"
                : line));
        }
    }

    /// <summary>A line at each new stage, and one each second.</summary>
    private sealed class PlainLines(BenchSettings settings) : IProgress<BenchProgress>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

        private (Uri?, int, BenchStage) _stage;
        private long _last;

        public void Report(BenchProgress value)
        {
            bool isNew = _stage != (value.Server, value.Round, value.Stage);
            if (!isNew && Stopwatch.GetElapsedTime(_last) < Interval)
            {
                return;
            }

            _stage = (value.Server, value.Round, value.Stage);
            _last = Stopwatch.GetTimestamp();

            // At its start, measuring has nothing to tell yet.
            if (value.Stage != BenchStage.Measuring || value.Throughput.Count > 0)
            {
                Screen.Output.WriteLine(Describe(value, settings));
            }
        }
    }
}
