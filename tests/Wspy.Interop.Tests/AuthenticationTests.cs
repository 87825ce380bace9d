using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests;

/// <summary>Clients of others with credentials, against both servers of Wspy.</summary>
public class AuthenticationTests
{
    private static readonly Dictionary<string, string> Passwords = new() { ["j\u00E4s"] = "p@ss:\u00F8", ["plain"] = "password" };

    [Theory]
    [InlineData("--basic", "Basic", false)]
    [InlineData("--digest", "Digest", false)]
    [InlineData("--digest", "Digest SHA-256", true)]
    [InlineData("--digest", "Digest MD5", true)]
    [InlineData("--anyauth", "Basic Digest", true)]
    [InlineData("--basic", "Basic", true)]
    public async Task Curl_is_let_in_over_one_connection(string option, string schemes, bool loops)
    {
        Requirement.Need(Requirement.Curl);
        await using var server = new Guarded(schemes, loops);
        CurlReport report = await CurlAsync(server, option, "j\u00E4s:p@ss:\u00F8");
        Assert.Equal(new CurlReport(200, 1), report);
        Assert.Equal(["j\u00E4s"], server.Names);
    }

    [Theory]
    [InlineData("--basic", "Basic")]
    [InlineData("--digest", "Digest")]
    public async Task Curl_is_refused_with_a_wrong_password(string option, string schemes)
    {
        Requirement.Need(Requirement.Curl);
        await using var server = new Guarded(schemes, loops: true);
        CurlReport report = await CurlAsync(server, option, "j\u00E4s:wrong");
        Assert.Equal(401, report.Status);
        Assert.Empty(server.Names);
    }

    [Theory]
    [InlineData("ws", true)]
    [InlineData("ws", false)]
    [InlineData("websockets", true)]
    [InlineData("websockets", false)]
    public async Task Credentials_in_the_URL_let_a_client_in(string client, bool loops)
    {
        Requirement.Need(client == "ws" ? [Requirement.Node, Requirement.Ws] : [Requirement.Websockets]);
        await using var server = new Guarded("Digest Basic", loops, echoes: true);

        // websockets 10.4 does not decode what is percent-encoded there.
        (string name, string userInfo) = client == "ws" ? ("j\u00E4s", "j%C3%A4s:p%40ss%3A%C3%B8") : ("plain", "plain:password");
        var url = new Uri($"ws://{userInfo}@127.0.0.1:{server.Port}/echo");
        var options = new PeerClientOptions { Subprotocols = ["echo"] };
        ClientReport report = await (client == "ws" ? ScriptPeer.WsClientAsync(url, options) : ScriptPeer.WebsocketsClientAsync(url, options));
        report.AssertPlayed(options, subprotocol: "echo");
        Assert.Equal([name], server.Names);
    }

    [Theory]
    [InlineData("Basic", true)]
    [InlineData("Digest", true)]
    [InlineData("Digest SHA-256", false)]
    public async Task The_platform_s_client_answers_the_challenge(string schemes, bool loops)
    {
        await using var server = new Guarded(schemes, loops, echoes: true);
        using var client = new ClientWebSocket();

        // ASCII alone: what the platform makes of other characters is its own affair.
        client.Options.Credentials = new NetworkCredential("plain", "password");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/"), patience.Token);
        Assert.Equal(WebSocketState.Open, client.State);
        Assert.Equal(["plain"], server.Names);
        client.Abort();
    }

    private static Task<CurlReport> CurlAsync(Guarded server, string option, string credentials) => Peer.ReportAsync<CurlReport>(new ProcessStartInfo(
        "curl",
        [
            "--silent", "--max-time", "60", "--output", "/dev/null", option, "--user", credentials,
            "--header", "Connection: Upgrade", "--header", "Upgrade: websocket", "--header", "Sec-WebSocket-Version: 13", "--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "--write-out", "{\"status\":%{http_code},\"connects\":%{num_connects}}\\n", $"http://127.0.0.1:{server.Port}/dir?x=1",
        ]));

    private sealed record CurlReport(int Status, int Connects);

    /// <summary>A server that notes who is let in, and then answers as plain HTTP (curl knows no WebSocket) or echoes.</summary>
    private sealed class Guarded : IAsyncDisposable
    {
        private readonly WebSocketServer _server;

        public Guarded(string schemes, bool loops, bool echoes = false)
        {
            var options = new ServerOptions
            {
                Port = 0,
                Subprotocols = ["echo"],
                Authentication = new ServerAuthentication { Schemes = [.. Create(schemes)] },
                OnUpgrade = request =>
                {
                    Names.Enqueue(request.User!.Identity!.Name!);
                    return echoes ? null : HttpResponse.Text(200, "welcome\n");
                },
            };
            _server = loops ? new Looping(options) : new Threaded(options);
            _server.Start();
        }

        public ConcurrentQueue<string> Names { get; } = new();

        public int Port => _server.EndPoint.Port;

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private static IEnumerable<AuthenticationScheme> Create(string schemes)
        {
            if (schemes.Contains("Digest", StringComparison.Ordinal))
            {
                DigestAlgorithm[] algorithms = schemes.Contains("SHA-256", StringComparison.Ordinal) ? [DigestAlgorithm.Sha256]
                    : schemes.Contains("MD5", StringComparison.Ordinal) ? [DigestAlgorithm.Md5]
                    : [DigestAlgorithm.Sha256, DigestAlgorithm.Md5];
                yield return new DigestScheme(name => Passwords.GetValueOrDefault(name)) { Algorithms = algorithms };
            }

            if (schemes.Contains("Basic", StringComparison.Ordinal))
            {
                yield return new BasicScheme(Passwords);
            }
        }

        private sealed class Threaded(ServerOptions options) : Server(options)
        {
            protected override void OnMessage(Client client, MessageView message) => client.Send(message);
        }

        private sealed class Looping(ServerOptions options) : AsyncServer(options)
        {
            protected override void OnMessage(Client client, MessageView message) => client.Send(message);
        }
    }
}
