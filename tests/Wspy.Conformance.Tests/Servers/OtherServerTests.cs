using Wspy.Interop.Tests.Harness;

namespace Wspy.Conformance.Tests.Servers;

/// <summary>Servers of others do what their files say; docs/conformance-servers.md explains it.</summary>
public class OtherServerTests
{
    [Fact]
    public async Task Kestrel()
    {
        await using var server = await KestrelServer.StartAsync(new PeerServerOptions());

        await ServerVerdicts.AssertAsync(server.Url(secure: false), "kestrel.expected");
    }

    [Fact]
    public async Task Ws()
    {
        Requirement.Need(Requirement.Node, Requirement.Ws);
        await using var server = await ScriptPeer.WsServerAsync(new PeerServerOptions());

        await ServerVerdicts.AssertAsync(server.Url(secure: false), "ws.expected");
    }

    [Fact]
    public async Task Websockets()
    {
        Requirement.Need(Requirement.Websockets);
        await using var server = await ScriptPeer.WebsocketsServerAsync(new PeerServerOptions());

        await ServerVerdicts.AssertAsync(server.Url(secure: false), "websockets.expected");
    }
}
