using System.Net.Security;
using Wspy.Extensions;

namespace Wspy.Conformance.Tests;

/// <summary>Wspy's echo server with the extensions that it knows, on threads or on event loops.</summary>
internal static class EchoServer
{
    public static WebSocketServer Start(PollerKind? loop = null, SslServerAuthenticationOptions? tls = null)
    {
        ServerOptions options = new() { Port = 0, Extensions = [new DeflateMessage(), new DeflateFrame()], Poller = loop ?? PollerKind.Auto, Tls = tls };
        WebSocketServer server = loop is null ? new Threaded(options) : new Looping(options);
        server.Start();
        return server;
    }

    public static Uri Url(this WebSocketServer server) => new($"ws://{server.EndPoint}/");

    private sealed class Threaded(ServerOptions options) : Server(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }

    private sealed class Looping(ServerOptions options) : AsyncServer(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }
}
