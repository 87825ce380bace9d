using System.Diagnostics;
using System.Globalization;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests;

/// <summary>curl as a client of plain HTTP of Wspy's servers: routes, connections that are kept, Unix-domain sockets.</summary>
public sealed class CurlTests : IDisposable
{
    private static readonly string[] Upgrade =
        ["--header", "Connection: Upgrade", "--header", "Upgrade: websocket", "--header", "Sec-WebSocket-Version: 13", "--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wspy-curl-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_sees_the_status_of_each_route(bool loops)
    {
        await using WebSocketServer server = Start(loops, ListenAddress.Tcp(System.Net.IPAddress.Loopback, 0));
        string url = $"http://127.0.0.1:{server.EndPoint.Port}";
        Assert.Equal("fine\n200", await CurlAsync($"{url}/healthz"));
        Assert.Equal("200", await CurlAsync($"{url}/healthz", "--head", "--output", "/dev/null"));
        Assert.Equal("Nothing is served at this path.\n404", await CurlAsync($"{url}/unknown"));
        Assert.Equal("The methods here are: GET, HEAD.\n405", await CurlAsync($"{url}/healthz", "--request", "DELETE"));
        Assert.Equal("The methods here are: GET, HEAD.\n405", await CurlAsync($"{url}/healthz", "--data", "a body"));
        Assert.EndsWith("426", await CurlAsync($"{url}/room/1"), StringComparison.Ordinal);
        Assert.Equal("The parameter is refused.\n403", await CurlAsync($"{url}/room/closed", Upgrade));
        Assert.Equal("No WebSocket is served here.\n404", await CurlAsync($"{url}/healthz", Upgrade));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_asks_again_on_the_same_connection_where_it_may(bool loops)
    {
        await using WebSocketServer server = Start(loops, ListenAddress.Tcp(System.Net.IPAddress.Loopback, 0));
        string url = $"http://127.0.0.1:{server.EndPoint.Port}";
        string[] connections = ["--output", "/dev/null", "--write-out", "%{num_connects} "];
        Assert.Equal("1 0 0", await RunAsync([.. connections, $"{url}/healthz", .. Next, .. connections, $"{url}/unknown", .. Next, .. connections, $"{url}/healthz"]));

        // Neither after a body, nor where curl itself or HTTP/1.0 says so.
        Assert.Equal("1 1", await RunAsync([.. connections, "--data", "a body", $"{url}/healthz", .. Next, .. connections, $"{url}/healthz"]));
        Assert.Equal("1 1", await RunAsync([.. connections, "--header", "Connection: close", $"{url}/healthz", .. Next, .. connections, $"{url}/healthz"]));
        Assert.Equal("1 1", await RunAsync([.. connections, "--http1.0", $"{url}/healthz", .. Next, .. connections, $"{url}/healthz"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_comes_by_Unix_domain_sockets(bool loops)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has abstract sockets.");
        string path = Path.Combine(_folder.FullName, "socket");
        string name = $"wspy-curl-{Guid.NewGuid():N}";
        await using WebSocketServer server = Start(loops, ListenAddress.Unix(path), ListenAddress.Abstract(name));
        Assert.Equal("fine\n200", await CurlAsync("http://localhost/healthz", "--unix-socket", path));
        Assert.Equal("fine\n200", await CurlAsync("http://localhost/healthz", "--abstract-unix-socket", name));
    }

    private static IEnumerable<string> Next => ["--next", "--silent", "--max-time", "60"];

    private static Task<string> CurlAsync(string url, params string[] arguments) => RunAsync([.. arguments, "--write-out", "%{http_code}", url]);

    private static async Task<string> RunAsync(string[] arguments)
    {
        Requirement.Need(Requirement.Curl);
        (string output, int exitCode) = await Peer.RunAsync(new ProcessStartInfo("curl", ["--silent", "--max-time", "60", .. arguments]));
        Assert.True(exitCode == 0, string.Create(CultureInfo.InvariantCulture, $"curl ended with {exitCode}: {output}"));
        return output.TrimEnd();
    }

    private static WebSocketServer Start(bool loops, params ListenAddress[] addresses)
    {
        var options = new ServerOptions { ListenOn = addresses };
        WebSocketServer server = loops ? new AsyncServer(options) : new Server(options);
        server.Map("/room/{id}", RouteHandler.Create(
            onMessage: (client, message) => client.Send(message),
            onUpgradeAsync: request => new(request.Parameters["id"] == "closed" ? HttpResponse.Text(403, "The parameter is refused.\n") : UpgradeAnswer.Accept())));
        server.MapGet("/healthz", _ => HttpResponse.Text(200, "fine\n"));
        server.Start();
        return server;
    }
}
