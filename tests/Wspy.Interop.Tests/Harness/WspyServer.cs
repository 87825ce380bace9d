using System.Net.Security;
using Wspy;

namespace Wspy.Interop.Tests.Harness;

/// <summary>An echo server on Wspy's threaded server.</summary>
internal sealed class WspyServer : EchoServer
{
    private readonly Echo _server;

    private WspyServer(PeerServerOptions options)
    {
        _server = new Echo(this, new ServerOptions
        {
            Port = 0,
            Subprotocols = options.Subprotocols,
            Tls = options.Certificate is { } certificate ? new SslServerAuthenticationOptions { ServerCertificate = certificate.Certificate } : null,
        });
        _server.Start();
    }

    public override int Port => _server.EndPoint.Port;

    public static Task<EchoServer> StartAsync(PeerServerOptions options) => Task.FromResult<EchoServer>(new WspyServer(options));

    public override ValueTask DisposeAsync() => _server.DisposeAsync();

    private sealed class Echo(WspyServer owner, ServerOptions options) : Server(options)
    {
        protected override void OnOpen(Client client) =>
            owner.Events.Add(new PeerEvent("open", client.Request.Path, client.Request.Headers["Origin"] ?? "", client.Subprotocol ?? "", ""));

        protected override void OnMessage(Client client, MessageView message) => client.Send(message);

        protected override void OnPing(Client client, ReadOnlySpan<byte> payload) =>
            owner.Events.Add(new PeerEvent("ping", Payload: Convert.ToHexStringLower(payload)));

        protected override void OnClose(Client client, CloseInfo info) =>
            owner.Events.Add(info.WasClean
                ? new PeerEvent("close", Code: (int)info.Code, Reason: info.Reason)
                : new PeerEvent("error", Message: info.ToString()));
    }
}
