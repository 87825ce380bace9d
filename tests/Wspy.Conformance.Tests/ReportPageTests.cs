using Microsoft.Playwright;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Conformance.Tests;

/// <summary>The page of a report as a person opens it: a file, in a browser.</summary>
public sealed class ReportPageTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.html");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task It_shows_what_is_amiss_first_and_each_case_when_it_is_opened()
    {
        Requirement.Need(Requirement.Chromium);
        await WriteAsync(Verdict.Failed, "got </script><script>document.title = 'taken'</script>");
        await using Browser browser = await Browser.StartAsync();

        IPage page = await browser.OpenAsync(new Uri(_file));
        await Assertions.Expect(page.Locator("p.count")).ToHaveTextAsync("1 of 4 cases are shown.");
        await Assertions.Expect(page.Locator("details:visible")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("details:visible .why")).ToHaveTextAsync("got </script><script>document.title = 'taken'</script>");
        await page.Locator("details:visible summary").ClickAsync();
        await Assertions.Expect(page.Locator("details[open] .body")).ToContainTextAsync("suite → server");
        await Assertions.Expect(page.Locator("details[open] code")).ToContainTextAsync(" --only 5.1.1");
        await Assertions.Expect(page.Locator("details[open] dd a").First).ToHaveAttributeAsync("href", "https://www.rfc-editor.org/rfc/rfc6455#section-5.4");
        Assert.StartsWith("WebSocket conformance: ws://", await page.TitleAsync(), StringComparison.Ordinal);

        await page.GetByText("3 passed", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("details:visible")).ToHaveCountAsync(4);
        await page.GetByLabel("Search").FillAsync("byte by byte");
        await Assertions.Expect(page.Locator("details:visible")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Where_nothing_is_amiss_it_shows_all_and_a_link_leads_to_a_case()
    {
        Requirement.Need(Requirement.Chromium);
        await WriteAsync(Verdict.Passed, "");
        await using Browser browser = await Browser.StartAsync();

        IPage page = await browser.OpenAsync(new Uri($"{new Uri(_file)}#5.1.3"));

        await Assertions.Expect(page.Locator("details:visible")).ToHaveCountAsync(4);
        await Assertions.Expect(page.Locator("details[open]")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("details[open] .id")).ToHaveTextAsync("5.1.3");
    }

    /// <summary>Four cases, of which the first has come to this.</summary>
    private async Task WriteAsync(Verdict verdict, string reason)
    {
        await using WebSocketServer server = EchoServer.Start();
        SuiteResult result = await new ServerSuite(server.Url()).RunAsync(CaseSelection.Select(ConformanceCatalogue.All, ["5.1.1", "5.1.2", "5.1.3", "5.1.4"], []));
        await using FileStream output = File.Create(_file);
        ConformanceReport.WriteHtml(result with { Results = [result.Results[0] with { Verdict = verdict, Reason = reason }, .. result.Results.Skip(1)] }, output);
    }
}
