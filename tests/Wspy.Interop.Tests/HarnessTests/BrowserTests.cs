using Microsoft.Playwright;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests.HarnessTests;

public class BrowserTests
{
    [Fact]
    public async Task Chromium_opens_a_page_and_talks_to_a_server()
    {
        Requirement.Need(Requirement.Chromium);
        await using EchoServer server = await KestrelServer.StartAsync(new PeerServerOptions { Subprotocols = ["echo"] });
        await using Browser browser = await Browser.StartAsync();

        IPage page = await browser.OpenAsync(new Uri($"http://127.0.0.1:{server.Port}/"));

        Assert.Equal(KestrelServer.Title, await page.TitleAsync());
        Assert.Equal(42, await page.EvaluateAsync<int>("6 * 7"));
        Assert.Equal("κόσμε 4001 bye true", await page.EvaluateAsync<string>("""
            url => new Promise((resolve, reject) => {
              const socket = new WebSocket(url, ['echo']);
              let text;
              socket.onopen = () => socket.send('κόσμε');
              socket.onmessage = event => { text = event.data; socket.close(4001, 'bye'); };
              socket.onclose = event => resolve(`${text} ${event.code} ${event.reason} ${event.wasClean}`);
            })
            """, server.Url(secure: false).ToString()));
        Assert.Equal($"http://127.0.0.1:{server.Port}", (await server.Events.TakeAsync("open")).Origin);
    }
}
