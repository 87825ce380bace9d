using Microsoft.Playwright;
using Wspy.Tool.Bench;
using Wspy.Tool.Bench.Load;
using Wspy.Tool.Bench.Reports;

namespace Wspy.Tool.Tests.InBrowser;

/// <summary>The page of a measurement in a real browser, from a file, where its own policy lets nothing be loaded.</summary>
public sealed class BenchPageInChromiumTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private readonly FileInfo _file = new(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.html"));
    private readonly List<string> _problems = [];

    [Fact]
    public async Task One_server_has_its_figures_and_two_plots()
    {
        IPage page = await OpenAsync(Report(Round(1000)));

        Assert.Equal("ws://localhost:1/</script>", await page.Locator("h1").TextContentAsync());
        Assert.Equal("1,000", await page.Locator(".cards b").First.TextContentAsync());
        Assert.Equal(2, await page.Locator("svg").CountAsync());
        Assert.Equal(2, await page.Locator("svg .curve").CountAsync());
        Assert.Equal(0, await page.Locator(".bar").CountAsync());
        Assert.Contains("p99.9", await page.Locator("thead").TextContentAsync(), StringComparison.Ordinal);
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task Servers_are_compared_as_bars_and_every_round_is_there()
    {
        IPage page = await OpenAsync(Report(Round(1000), Round(500)));

        Assert.Equal(4, await page.Locator(".bar").CountAsync());
        Assert.Contains("500 ×0.50", await page.Locator(".bar").Nth(1).TextContentAsync(), StringComparison.Ordinal);
        await page.ClickAsync("summary");
        Assert.Equal(4, await page.Locator("details tbody tr").CountAsync());
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task The_pointer_tells_what_is_under_it()
    {
        IPage page = await OpenAsync(Report(Round(1000)));

        await page.Locator("svg").First.HoverAsync();

        Assert.Matches(@"^[\d.]+ s: [\d,]+$", await page.Locator("svg").First.Locator("text.value").TextContentAsync());
        Assert.Empty(_problems);
    }

    public void Dispose() => _file.Delete();

    private static RoundResult Round(int perSecond)
    {
        Latencies latencies = new();
        for (int i = 1; i <= perSecond; i++)
        {
            latencies.Record(i * 1000L);
        }

        return new RoundResult
        {
            Driver = "epoll",
            Seconds = 1,
            Opening = 0.1,
            Latencies = latencies,
            Figures = Figures.From(latencies, 1, new Workload(), default, default, 0),
            Throughput = [new ThroughputSample(0.5, perSecond * 0.9), new ThroughputSample(1, perSecond * 1.1)],
        };
    }

    // Each server has two rounds alike when there are several.
    private static BenchReport Report(params RoundResult[] servers) => BenchReport.From(
        new BenchSettings
        {
            Servers = [.. servers.Select((_, i) => new Uri($"ws://localhost:{i + 1}/</script>"))],
            Workload = new Workload(),
            Rounds = servers.Length > 1 ? 2 : 1,
        },
        DateTimeOffset.UnixEpoch,
        interrupted: false,
        [.. servers.Select(round => servers.Length > 1 ? (RoundResult[])[round, round] : [round])]);

    private async Task<IPage> OpenAsync(BenchReport report)
    {
        ReportFiles.WriteHtml(report, _file);
        IPage page = await chromium.OpenAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _problems.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _problems.Add(error);
        await page.GotoAsync(new Uri(_file.FullName).ToString());
        return page;
    }
}
