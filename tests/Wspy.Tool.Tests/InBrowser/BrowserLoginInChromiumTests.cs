using BrowserLogin;
using Microsoft.Playwright;

namespace Wspy.Tool.Tests.InBrowser;

/// <summary>The sample that logs in by cookie, by ticket and by first message, in a real browser.</summary>
public sealed class BrowserLoginInChromiumTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly LoginServer _server = new(new ServerOptions { Port = 0 });
    private IPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        _server.Start();
        _page = await chromium.OpenAsync();
        await _page.GotoAsync($"http://localhost:{_server.EndPoint.Port}/");
    }

    [Theory]
    [InlineData("cookie")]
    [InlineData("ticket")]
    [InlineData("message")]
    public async Task Who_has_logged_in_is_known_and_who_has_not_is_not(string way)
    {
        ILocator connect = _page.Locator($"[data-way={way}]");
        await connect.ClickAsync();
        await SeenAsync(way == "message" ? $"/by-{way}: closed with 1008 Who are you?" : $"/by-{way}: closed with 1006");

        await _page.FillAsync("#password", "wrong");
        await _page.PressAsync("#password", "Enter");
        await SeenAsync("Wrong name or password");

        await _page.FillAsync("#password", "correct horse");
        await _page.PressAsync("#password", "Enter");
        await SeenAsync("Logged in as ada");
        await connect.ClickAsync();
        await SeenAsync($"/by-{way}: Welcome, ada");
        await SeenAsync($"/by-{way}: ada says hello");
        await SeenAsync($"/by-{way}: closed with 1005");
    }

    [Fact]
    public async Task A_ticket_is_good_for_one_connection()
    {
        await _page.FillAsync("#password", "correct horse");
        await _page.PressAsync("#password", "Enter");
        await SeenAsync("Logged in as ada");
        string[] outcomes = await _page.EvaluateAsync<string[]>("""
            async () => {
              const ticket = await (await fetch("/ticket", { method: "POST" })).text();
              const use = () => new Promise(done => {
                const socket = new WebSocket(`ws://${location.host}/by-ticket?ticket=${ticket}`);
                socket.onmessage = ({ data }) => done(data);
                socket.onclose = ({ code }) => done(`closed with ${code}`);
              });
              return [await use(), await use(), document.cookie];
            }
            """);
        Assert.Equal(["Welcome, ada", "closed with 1006", ""], outcomes);
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            await _page.Context.CloseAsync();
        }

        await _server.DisposeAsync();
    }

    private Task SeenAsync(string text) => _page.Locator("#log li", new() { HasText = text }).First.WaitForAsync(new() { Timeout = 60_000 });
}
