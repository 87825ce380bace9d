using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests;

/// <summary>Every client against every server, plain and over TLS.</summary>
public class MatrixTests
{
    private static readonly Dictionary<string, (Requirement[] Needs, Func<PeerServerOptions, Task<EchoServer>> Start)> Servers = new()
    {
        ["Wspy"] = ([], WspyServer.StartAsync),
        ["Kestrel"] = ([], KestrelServer.StartAsync),
        ["ws"] = ([Requirement.Node, Requirement.Ws], ScriptPeer.WsServerAsync),
        ["websockets"] = ([Requirement.Websockets], ScriptPeer.WebsocketsServerAsync),
    };

    private static readonly Dictionary<string, (Requirement[] Needs, Func<Uri, PeerClientOptions, Task<ClientReport>> Play)> Clients = new()
    {
        ["Wspy messages"] = ([], WspyClient.PlayMessagesAsync),
        ["Wspy frames"] = ([], WspyClient.PlayFramesAsync),
        ["ClientWebSocket"] = ([], PlatformClient.PlayAsync),
        ["ws"] = ([Requirement.Node, Requirement.Ws], ScriptPeer.WsClientAsync),
        ["websockets"] = ([Requirement.Websockets], ScriptPeer.WebsocketsClientAsync),
    };

    public static TheoryData<string, string, bool> Pairs()
    {
        var pairs = new TheoryData<string, string, bool>();
        foreach (string server in Servers.Keys)
        {
            foreach (string client in Clients.Keys)
            {
                pairs.Add(server, client, false);
                pairs.Add(server, client, true);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_scenario_is_played_to_its_end(string server, string client, bool secure)
    {
        Requirement.Need(Servers[server].Needs.Union(Clients[client].Needs));
        using TestCertificate? certificate = secure ? new TestCertificate() : null;
        await using EchoServer peer = await Servers[server].Start(new PeerServerOptions { Subprotocols = ["echo"], Certificate = certificate });
        var options = new PeerClientOptions { Subprotocols = ["other", "echo"], Certificate = certificate };

        ClientReport report = await Clients[client].Play(peer.Url(secure), options);

        report.AssertPlayed(options, subprotocol: "echo");
        PeerEvent open = await peer.Events.TakeAsync("open");
        Assert.Equal(("/echo", "echo", ""), (open.Path, open.Subprotocol, open.Extensions));
        PeerEvent close = await peer.Events.TakeAsync("close");
        Assert.Equal((options.Code, options.Reason), (close.Code, close.Reason));
    }
}
