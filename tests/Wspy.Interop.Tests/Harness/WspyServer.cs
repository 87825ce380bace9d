using System.Net.Security;
using Wspy;
using Wspy.Extensions;

namespace Wspy.Interop.Tests.Harness;

/// <summary>An echo server on Wspy's servers; a plain request is answered with a page.</summary>
internal sealed class WspyServer : EchoServer
{
    private readonly WebSocketServer _server;

    private WspyServer(PeerServerOptions options)
    {
        var serving = new ServerOptions
        {
            Port = 0,
            Poller = options.Poller,
            Extensions = options.Deflate is { } deflate ? [WspyClient.ToExtension(deflate)] : [],
            Subprotocols = options.Subprotocols,
            OnRequest = static _ => HttpResponse.Html(200, "<!DOCTYPE html><title>A page of Wspy</title>"),
            Tls = options.Certificate is { } certificate ? new SslServerAuthenticationOptions { ServerCertificate = certificate.Certificate } : null,
        };
        _server = options.Threads ? new Echo(this, serving) : new LoopEcho(this, serving);
        _server.Start();
    }

    public override int Port => _server.EndPoint.Port;

    public static Task<EchoServer> StartAsync(PeerServerOptions options) => Task.FromResult<EchoServer>(new WspyServer(options));

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Opened(Client client) =>
        Events.Add(new PeerEvent("open", client.Request.Path, client.Request.Headers["Origin"] ?? "", client.Subprotocol ?? "", ExtensionHeader.Format(client.Extensions)));

    private void Pinged(ReadOnlySpan<byte> payload) => Events.Add(new PeerEvent("ping", Payload: Convert.ToHexStringLower(payload)));

    private void Closed(CloseInfo info) =>
        Events.Add(info.WasClean
            ? new PeerEvent("close", Code: (int)info.Code, Reason: info.Reason)
            : new PeerEvent("error", Message: $"{info} {info.Exception?.Message}"));

    private sealed class Echo(WspyServer owner, ServerOptions options) : Server(options)
    {
        protected override void OnOpen(Client client) => owner.Opened(client);

        protected override void OnMessage(Client client, MessageView message) => client.Send(message);

        protected override void OnPing(Client client, ReadOnlySpan<byte> payload) => owner.Pinged(payload);

        protected override void OnClose(Client client, CloseInfo info) => owner.Closed(info);
    }

    private sealed class LoopEcho(WspyServer owner, ServerOptions options) : AsyncServer(options)
    {
        protected override void OnOpen(Client client) => owner.Opened(client);

        protected override void OnMessage(Client client, MessageView message) => client.Send(message);

        protected override void OnPing(Client client, ReadOnlySpan<byte> payload) => owner.Pinged(payload);

        protected override void OnClose(Client client, CloseInfo info) => owner.Closed(info);
    }
}
