using System.Text.Json;
using Wspy.Tool.Bench;
using Wspy.Tool.Bench.Load;
using Wspy.Tool.Bench.Reports;

namespace Wspy.Tool.Tests.Bench;

public sealed class BenchSessionTests : IDisposable
{
    private static readonly Workload Short = new()
    {
        Connections = 3, Window = 2, Verify = true, Warmup = TimeSpan.FromSeconds(0.05), Duration = TimeSpan.FromSeconds(0.8),
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wspy-bench");
    private readonly TestServer _server = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_ends_with_a_report_as_JSON_and_as_a_page()
    {
        BenchSettings settings = Settings(_server.Url) with { Processes = [Environment.ProcessId], Json = Place("report.json"), Html = Place("report.html"), Quiet = true };

        Assert.Equal(0, await BenchSession.RunAsync(settings, Cancelled));

        using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(settings.Json!.FullName, Cancelled));
        Assert.Equal("Wspy bench 1", json.RootElement.GetProperty("format").GetString());
        Assert.Equal(3, json.RootElement.GetProperty("workload").GetProperty("connections").GetInt32());
        JsonElement server = Assert.Single(json.RootElement.GetProperty("servers").EnumerateArray());
        JsonElement round = Assert.Single(server.GetProperty("rounds").EnumerateArray());
        long count = round.GetProperty("count").GetInt64();
        Assert.InRange(count, 1, _server.Messages);
        Assert.Equal(count / 0.8, server.GetProperty("median").GetProperty("perSecond").GetDouble(), tolerance: 0.01);
        Assert.True(server.GetProperty("median").GetProperty("serverMemory").GetDouble() > 0);
        Assert.False(server.TryGetProperty("ratio", out _));
        Assert.NotEmpty(round.GetProperty("throughput").EnumerateArray());

        string page = await File.ReadAllTextAsync(settings.Html!.FullName, Cancelled);
        Assert.Contains("\"Wspy bench 1\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/*REPORT*/", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_are_compared_in_turns_with_the_first()
    {
        using TestServer other = new();
        List<(Uri Server, int Round)> turns = [];
        BenchSettings settings = Settings(_server.Url, other.Url) with { Rounds = 3, Workload = Short };

        BenchReport report = await BenchSession.MeasureAsync(settings, new Turns(turns), Cancelled);

        Assert.Equal([(_server.Url, 1), (other.Url, 1), (_server.Url, 2), (other.Url, 2), (_server.Url, 3), (other.Url, 3)], turns);
        Assert.Equal([_server.Url.ToString(), other.Url.ToString()], report.Servers.Select(server => server.Url));
        Assert.All(report.Servers, server => Assert.Equal(3, server.Rounds.Count));
        Assert.Null(report.Servers[0].Ratio);
        Assert.Equal(report.Servers[1].Median.P50 / report.Servers[0].Median.P50, report.Servers[1].Ratio!.P50, precision: 3);
        Assert.False(report.Interrupted);
    }

    [Fact]
    public async Task Idle_connections_alone_are_held()
    {
        BenchReport report = await BenchSession.MeasureAsync(Settings(_server.Url) with { Workload = Short with { Connections = 0, Idle = 20 }, Processes = [Environment.ProcessId] }, null, Cancelled);

        Assert.Equal(20, _server.Connections);
        Assert.Equal(0, _server.Messages);
        Assert.Equal(0, report.Servers[0].Median.PerSecond);
        Assert.NotNull(report.Servers[0].Median.ServerMemoryPerConnection);
    }

    [Fact]
    public async Task A_server_that_swallows_its_messages_is_told()
    {
        using TestServer silent = new() { Instead = (_, _) => { } };

        LoadException error = await Assert.ThrowsAsync<LoadException>(() => BenchSession.MeasureAsync(Settings(silent.Url), null, Cancelled));

        Assert.Equal($"{silent.Url} answered nothing in 0.8 s.", error.Message);
    }

    [Fact]
    public async Task A_process_that_is_not_there_is_told()
    {
        LoadException error = await Assert.ThrowsAsync<LoadException>(() => BenchSession.MeasureAsync(Settings(_server.Url) with { Processes = [int.MaxValue] }, null, Cancelled));

        Assert.Equal($"There is no process {int.MaxValue}.", error.Message);
    }

    [Fact]
    public async Task What_was_measured_until_it_was_stopped_counts()
    {
        using CancellationTokenSource stop = new();
        BenchSettings settings = Settings(_server.Url, _server.Url) with { Rounds = 9, Workload = Short with { Duration = TimeSpan.FromHours(1) } };

        // Stopped as soon as there is a sample.
        BenchReport report = await BenchSession.MeasureAsync(settings, new Stopper(stop), stop.Token);

        Assert.True(report.Interrupted);
        ReportServer server = Assert.Single(report.Servers);
        ReportRound round = Assert.Single(server.Rounds);
        Assert.True(round.Interrupted);
        Assert.InRange(round.Count, 1, _server.Messages);
        Assert.InRange(round.Seconds, 0.001, 3599);
        Assert.Equal(round.Count / round.Seconds, server.Median.PerSecond, tolerance: server.Median.PerSecond * 0.01);
    }

    [Fact]
    public async Task Stopped_before_anything_is_measured_there_is_no_report()
    {
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BenchSession.MeasureAsync(Settings(_server.Url), null, stop.Token));
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Delete(recursive: true);
    }

    private static BenchSettings Settings(params Uri[] servers) => new() { Servers = servers, Workload = Short };

    private FileInfo Place(string name) => new(Path.Combine(_folder.FullName, name));

    private sealed class Turns(List<(Uri Server, int Round)> turns) : IProgress<BenchProgress>
    {
        public void Report(BenchProgress value)
        {
            if (value.Stage == BenchStage.Opening)
            {
                turns.Add((value.Server, value.Round));
            }
        }
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<BenchProgress>
    {
        public void Report(BenchProgress value)
        {
            if (value.Throughput.Any(sample => sample.PerSecond > 0))
            {
                stop.Cancel();
            }
        }
    }
}
