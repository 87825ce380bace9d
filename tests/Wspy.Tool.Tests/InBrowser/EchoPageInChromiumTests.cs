using System.Globalization;
using Microsoft.Playwright;
using Wspy.Tool.Tests.Echo;

namespace Wspy.Tool.Tests.InBrowser;

/// <summary>A person's way through the echo page, in a real browser.</summary>
public sealed class EchoPageInChromiumTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly EchoServerFixture _server = new();
    private readonly List<string> _problems = [];
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        _page = await chromium.OpenAsync();
        _page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _problems.Add(message.Text);
            }
        };
        _page.PageError += (_, error) => _problems.Add(error);
        await _page.GotoAsync(_server.Page.ToString());
        await OpenedAsync();
    }

    [Fact]
    public async Task Text_is_echoed_and_shown_with_time_and_round_trip()
    {
        await _page.FillAsync("#text", "Grüße, 世界 🌍");
        await _page.PressAsync("#text", "Enter");

        ILocator received = Entry("in");
        Assert.Equal("Grüße, 世界 🌍", await received.Locator("code").TextContentAsync());
        Assert.Matches(@"^\d\d:\d\d:\d\d\.\d{3}$", await received.Locator("time").TextContentAsync());
        Assert.Matches(@"^[\d.]+ m?s$", await received.Locator(".trip").TextContentAsync());
        Assert.Equal("text", await received.Locator(".type").TextContentAsync());
        Assert.Equal("echoed", await Entry("server.message").Locator(".what").TextContentAsync());
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task A_file_of_10_MB_comes_back_byte_for_byte()
    {
        byte[] file = new byte[10 * 1024 * 1024];
        for (int i = 0; i < file.Length; i++)
        {
            file[i] = Pattern(i);
        }

        await ChooseFileAsync(file.Length);

        Assert.Equal("10,485,760 bytes", await Entry("in").Locator(".size").GetAttributeAsync("title"));
        IDownload saved = await _page.RunAndWaitForDownloadAsync(() => Entry("in").Locator(".save").ClickAsync());
        Assert.Equal(file, await File.ReadAllBytesAsync(await saved.PathAsync(), TestContext.Current.CancellationToken));
        Assert.Equal(0, await _page.Locator(".differs").CountAsync());
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task An_image_is_shown()
    {
        byte[] png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

        await _page.SetInputFilesAsync("#files", new FilePayload { Name = "dot.png", MimeType = "image/png", Buffer = png });

        await Entry("in").Locator("img").WaitForAsync();
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task The_server_pings_on_request_and_the_pong_is_shown()
    {
        await _page.ClickAsync("#pinging button");

        ILocator pong = _page.Locator("li.server", new PageLocatorOptions { HasText = "pong" });
        Assert.Equal("are you there?", await pong.Locator("code").TextContentAsync());
        Assert.Matches(@"^[\d.]+ m?s$", await pong.Locator(".trip").TextContentAsync());
    }

    [Fact]
    public async Task The_page_sees_each_close_code_of_the_server() // RFC 6455 §7.4
    {
        int[] codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
        foreach (int code in codes)
        {
            await CloseAsync(code.ToString(CultureInfo.InvariantCulture), "by request", from: "server");

            string? seen = await Entry("page.close").Locator(".what").TextContentAsync();
            Assert.StartsWith($"{code} ", seen, StringComparison.Ordinal);
            Assert.EndsWith("“by request”, clean", seen, StringComparison.Ordinal);
            await AgainAsync();
        }
    }

    [Fact]
    public async Task The_server_closes_without_a_code()
    {
        await CloseAsync("", "", from: "server");

        Assert.StartsWith("1005 no status received", await Entry("page.close").Locator(".what").TextContentAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1000", "done", "1000 normal closure “done”, begun by the browser, clean")]
    [InlineData("3000", "", "3000 registered use, begun by the browser, clean")]
    [InlineData("4999", "Grüße", "4999 private use “Grüße”, begun by the browser, clean")]
    [InlineData("", "", "1005 no status received, begun by the browser, clean")]
    public async Task The_server_sees_the_close_code_of_the_page(string code, string reason, string expected)
    {
        await CloseAsync(code, reason, from: "page");

        Assert.Equal(expected, await Entry("server.close").Locator(".what").TextContentAsync());
    }

    [Fact]
    public async Task A_dropped_line_is_1006_to_the_page()
    {
        await _page.ClickAsync("#closing button[value=drop]");

        Assert.Equal("1006 abnormal closure, not clean", await Entry("page.close").Locator(".what").TextContentAsync());
    }

    [Fact]
    public async Task A_server_that_stops_says_1001()
    {
        await _server.StopAsync();

        Assert.StartsWith("1001 going away", await Entry("page.close").Locator(".what").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_above_the_limit_ends_with_1009()
    {
        await ChooseFileAsync(EchoServerFixture.MaxMessageSize + 1);

        Assert.StartsWith("1009 message too big", await Entry("page.close").Locator(".what").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subprotocol_is_agreed_on()
    {
        await _page.FillAsync("#subprotocols", "superchat, chat");
        await AgainAsync();

        await _page.Locator("#state", new PageLocatorOptions { HasText = "connected, chat" }).WaitForAsync();
    }

    [Fact]
    public async Task A_flood_leaves_a_short_log()
    {
        await _page.FillAsync("#times", "2000");
        await _page.FillAsync("#text", "flood");
        await _page.PressAsync("#text", "Enter");

        await _page.Locator("#counts", new PageLocatorOptions { HasText = "received 2,000" }).WaitForAsync();
        Assert.Equal(500, await _page.Locator("#log > li").CountAsync());
        Assert.Equal(0, await _page.Locator(".differs").CountAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            await _page.Context.CloseAsync();
        }

        _server.Dispose();
    }

    /// <summary>The latest entry with these classes; what is asked of it waits until it is there.</summary>
    private ILocator Entry(string classes) => _page.Locator($"li.{classes}").Last;

    /// <summary>As the file picker would; the file is made in the page, since big ones take long on the way into it.</summary>
    private async Task ChooseFileAsync(int size) => await _page.EvaluateAsync(
        """
        size => {
          const bytes = new Uint8Array(size), chosen = new DataTransfer(), input = document.getElementById("files");
          for (let i = 0; i < size; i++) bytes[i] = i * 31 ^ i >>> 8;
          chosen.items.add(new File([bytes], "made.bin"));
          input.files = chosen.files;
          input.dispatchEvent(new Event("change"));
        }
        """,
        size);

    private static byte Pattern(int i) => (byte)((i * 31) ^ (i >>> 8));

    private async Task OpenedAsync() => await _page.WaitForSelectorAsync("#state.open");

    private async Task AgainAsync()
    {
        await _page.ClickAsync("#clear");
        await _page.ClickAsync("#connect");
        await _page.Locator("li.page", new PageLocatorOptions { HasText = "open" }).WaitForAsync();
    }

    private async Task CloseAsync(string code, string reason, string from)
    {
        await _page.FillAsync("#close-code", code);
        await _page.FillAsync("#close-reason", reason);
        await _page.ClickAsync($"#closing button[value={from}]");
    }
}
