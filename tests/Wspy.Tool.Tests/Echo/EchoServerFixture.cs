using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Wspy.Tool.Echo;

namespace Wspy.Tool.Tests.Echo;

/// <summary>The command's server on a free port.</summary>
public sealed class EchoServerFixture : IDisposable
{
    public const int MaxMessageSize = 10 * 1024 * 1024;

    private readonly EchoServer _server;

    public EchoServerFixture()
        : this(EchoEngine.Loop)
    {
    }

    internal EchoServerFixture(EchoEngine engine)
    {
        ServerOptions options = new()
        {
            Port = 0,
            MaxMessageSize = MaxMessageSize,
            Subprotocols = ["chat"],
            Loops = 2,
        };
        _server = new EchoServer(engine, options, new ServerFacts("Wspy test", MaxMessageSize, ["chat"]), NullLogger.Instance);
        _server.Start();
    }

    public Uri Page => new($"http://127.0.0.1:{_server.EndPoint.Port}/");

    public Uri WebSocket(string pathAndQuery) => new($"ws://127.0.0.1:{_server.EndPoint.Port}{pathAndQuery}");

    public async Task<ClientWebSocket> ConnectAsync(string pathAndQuery, CancellationToken cancellationToken)
    {
        ClientWebSocket client = new();
        await client.ConnectAsync(WebSocket(pathAndQuery), cancellationToken);
        return client;
    }

    public Task StopAsync() => _server.StopAsync();

    public void Dispose() => _server.Dispose();
}
