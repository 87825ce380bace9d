using Wspy.Interop.Tests.Harness;

namespace Wspy.Conformance.Tests.Servers;

/// <summary>Servers of others do what their files say; docs/conformance-servers.md explains it.</summary>
/// <remarks>Explicit: what others do depends on their versions and on the machine's load; run them with <c>--explicit only</c>.</remarks>
public class OtherServerTests
{
    [Fact(Explicit = true)]
    public async Task Kestrel()
    {
        await using var server = await KestrelServer.StartAsync(new PeerServerOptions());

        await ServerVerdicts.AssertAsync(server.Url(secure: false), "kestrel.expected");
    }

    [Fact(Explicit = true)]
    public async Task Ws()
    {
        Requirement.Need(Requirement.Node, Requirement.Ws);
        await using var server = await ScriptPeer.WsServerAsync(new PeerServerOptions());

        await ServerVerdicts.AssertAsync(server.Url(secure: false), "ws.expected");
    }

    [Fact(Explicit = true)]
    public async Task Websockets()
    {
        Requirement.Need(Requirement.Websockets);
        await using var server = await ScriptPeer.WebsocketsServerAsync(new PeerServerOptions());

        await ServerVerdicts.AssertAsync(server.Url(secure: false), "websockets.expected");
    }
}
