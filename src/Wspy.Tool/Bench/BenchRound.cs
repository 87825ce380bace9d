using System.Diagnostics;
using Wspy.Tool.Bench.Load;
using Wspy.Tool.Bench.Reports;

namespace Wspy.Tool.Bench;

/// <summary>One turn of one server: connections are opened, there is load, it is measured, connections are dropped.</summary>
internal sealed class BenchRound(Uri server, int round, Workload workload, ServerProcess? process, IProgress<BenchProgress>? progress)
{
    /// <summary>As many samples of the throughput as a plot can show.</summary>
    private const int Samples = 60;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private readonly List<ThroughputSample> _throughput = [];

    /// <exception cref="LoadException">The server did not do its part.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before anything was measured.</exception>
    public async Task<RoundResult> RunAsync(CancellationToken cancellationToken)
    {
        long memoryBefore = process?.Read().Memory ?? 0;
        using var driver = LoadDriver.Create(server, workload);
        Tell(BenchStage.Opening, 0, 0);
        long start = Stopwatch.GetTimestamp();
        await driver.OpenAsync(cancellationToken).ConfigureAwait(false);
        double opening = LoadWindow.Seconds(Stopwatch.GetTimestamp() - start);

        start = Stopwatch.GetTimestamp();
        var window = LoadWindow.Starting(start, workload);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task run = driver.RunAsync(window, stop.Token);
        Usage before;
        Usage after;
        try
        {
            await WarmUpAsync(run, start, window).ConfigureAwait(false);
            before = Usage.Take(process);
            await MeasureAsync(run, driver, window).ConfigureAwait(false);

            // A server whose process ended is told by what its connections saw.
            after = run.IsFaulted ? before : Usage.Take(process);
        }
        finally
        {
            // The driver is not disposed while it runs, whatever went wrong here, such as a server's process that has ended.
            await stop.CancelAsync().ConfigureAwait(false);
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await run.ConfigureAwait(false);

        bool interrupted = cancellationToken.IsCancellationRequested && after.Time < window.Until;
        Latencies latencies = driver.Latencies;
        if (latencies.Count == 0 && workload.Connections > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new LoadException($"{server} answered nothing in {workload.Duration.TotalSeconds:0.###} s.");
        }

        double seconds = interrupted ? LoadWindow.Seconds(after.Time - window.From) : workload.Duration.TotalSeconds;
        progress?.Report(new BenchProgress(server, round, BenchStage.Measured, seconds, seconds, [new ThroughputSample(seconds, latencies.Count / seconds)]));
        return new RoundResult
        {
            Driver = driver.Name,
            Seconds = seconds,
            Opening = opening,
            Interrupted = interrupted,
            Unanswered = driver.Unanswered,
            Latencies = latencies,
            Throughput = _throughput,
            Figures = Figures.From(latencies, seconds, workload, before, after, memoryBefore),
        };
    }

    private async Task WarmUpAsync(Task run, long start, LoadWindow window)
    {
        while (!run.IsCompleted && Stopwatch.GetTimestamp() is long now && now < window.From)
        {
            Tell(BenchStage.WarmingUp, LoadWindow.Seconds(now - start), workload.Warmup.TotalSeconds);
            TimeSpan left = TimeSpan.FromSeconds(LoadWindow.Seconds(window.From - now));
            await Task.WhenAny(run, Task.Delay(left < LongestInterval ? left : LongestInterval)).ConfigureAwait(false);
        }
    }

    private async Task MeasureAsync(Task run, LoadDriver driver, LoadWindow window)
    {
        TimeSpan interval = workload.Duration / Samples;
        interval = interval < ShortestInterval ? ShortestInterval : interval > LongestInterval ? LongestInterval : interval;
        long last = Stopwatch.GetTimestamp();
        long count = driver.Count;
        while (!run.IsCompleted)
        {
            Tell(BenchStage.Measuring, LoadWindow.Seconds(last - window.From), workload.Duration.TotalSeconds);
            await Task.WhenAny(run, Task.Delay(interval)).ConfigureAwait(false);
            long now = Stopwatch.GetTimestamp();
            long end = Math.Min(now, window.Until);

            // What is left at the end is too short a time for a rate, unless there is no other.
            if (end - last >= LoadWindow.Ticks(interval) / 2 || (_throughput.Count == 0 && end > last))
            {
                long counted = driver.Count;
                _throughput.Add(new ThroughputSample(Math.Round(LoadWindow.Seconds(end - window.From), 4), Math.Round((counted - count) / LoadWindow.Seconds(end - last), 1)));
                count = counted;
                last = now;
            }
        }
    }

    private void Tell(BenchStage stage, double elapsed, double length) =>
        progress?.Report(new BenchProgress(server, round, stage, elapsed, length, _throughput));
}
