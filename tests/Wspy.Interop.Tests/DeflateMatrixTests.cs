using System.Net.WebSockets;
using Microsoft.Playwright;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests;

/// <summary>
/// Permessage-deflate with every wish of either end, between all of Wspy's ends and the others: what is negotiated is what docs/compression.md says, at
/// both ends, and what is sent comes back. What a new version negotiates differently shows here; it is to be understood, and written there.
/// </summary>
public class DeflateMatrixTests
{
    private const string ClientHeading = "### Wspy's clients";
    private const string ServerHeading = "### Wspy's servers";

    private static readonly Dictionary<string, (Requirement[] Needs, Func<PeerServerOptions, Task<EchoServer>> Start, Func<DeflateRow, bool> Can)> Servers = new()
    {
        ["ws"] = ([Requirement.Node, Requirement.Ws], ScriptPeer.WsServerAsync, _ => true),
        ["Kestrel"] = ([], KestrelServer.StartAsync, row => row.Server is { ClientNoContextTakeover: false, ClientMaxWindowBits: 0 }),
        ["websockets"] = ([Requirement.Websockets], ScriptPeer.WebsocketsServerAsync, _ => true),
    };

    private static readonly Dictionary<string, (Requirement[] Needs, Func<Uri, PeerClientOptions, Task<ClientReport>> Play, Func<DeflateRow, bool> Can)> Clients = new()
    {
        ["ws"] = ([Requirement.Node, Requirement.Ws], ScriptPeer.WsClientAsync, _ => true),
        ["ClientWebSocket"] = ([], PlatformClient.PlayAsync, row => row.Client is { NoHint: false, ServerMaxWindowBits: not 8, ClientMaxWindowBits: not 8 }),
        ["websockets"] = ([Requirement.Websockets], ScriptPeer.WebsocketsClientAsync, _ => true),
        ["Chromium"] = ([Requirement.Chromium], PlayInChromiumAsync, row => row.Client == new DeflateTerms()),
    };

    private static readonly Func<Uri, PeerClientOptions, Task<ClientReport>>[] OwnClients = [WspyClient.PlayMessagesAsync, WspyClient.PlayFramesAsync, WspyClient.PlayOnLoopAsync];

    private static readonly PeerServerOptions[] OwnServers = [new(), new() { Threads = false, Poller = PollerKind.Auto }, new() { Threads = false, Poller = PollerKind.Portable }];

    // Wspy's clients always give the hint.
    private static IEnumerable<string> ClientRows => DeflateRow.All.Where(row => !row.Client.NoHint).Select(row => row.Name);

    public static TheoryData<string, string> ClientCases => Cases(ClientRows, Servers.Keys);

    public static TheoryData<string, string> ServerCases => Cases(DeflateRow.All.Select(row => row.Name), Clients.Keys);

    [Theory]
    [MemberData(nameof(ClientCases))]
    public async Task Wspys_clients_and_another_server_agree_as_documented(string rowName, string server)
    {
        DeflateRow row = DeflateRow.Named(rowName);
        string documented = DeflateDocument.Read(ClientHeading)[rowName][server];
        if (!Servers[server].Can(row))
        {
            Assert.Equal(DeflateDocument.Impossible, documented);
            return;
        }

        Requirement.Need(Servers[server].Needs);
        await using EchoServer peer = await Servers[server].Start(new PeerServerOptions { Deflate = row.Server });
        foreach (Func<Uri, PeerClientOptions, Task<ClientReport>> play in OwnClients)
        {
            var options = new PeerClientOptions { Deflate = row.Client };
            ClientReport report;
            try
            {
                report = await play(peer.Url(secure: false), options);
            }
            catch (HandshakeException failure) when (row.Asks8)
            {
                AssertDocumented(DeflateDocument.Fails, $"{play.Method.Name}: {failure.Message}");
                continue;
            }

            AssertDocumented(DeflateDocument.Cell(report.Extensions), report.Peer);
            Assert.Equal(report.Extensions, (await peer.Events.TakeAsync("open")).Extensions);
            report.AssertPlayed(options, subprotocol: "");
        }

        void AssertDocumented(string negotiated, string detail) =>
            Assert.True(documented == negotiated, $"'{rowName}' with {server}: documented is {documented}, negotiated was {negotiated} ({detail})");
    }

    [Theory]
    [MemberData(nameof(ServerCases))]
    public async Task Wspys_servers_and_another_client_agree_as_documented(string rowName, string client)
    {
        DeflateRow row = DeflateRow.Named(rowName);
        string documented = DeflateDocument.Read(ServerHeading)[rowName][client];
        if (!Clients[client].Can(row))
        {
            Assert.Equal(DeflateDocument.Impossible, documented);
            return;
        }

        Requirement.Need(Clients[client].Needs);
        foreach (PeerServerOptions own in OwnServers.Where(own => own.Threads || own.Poller != PollerKind.Auto || OperatingSystem.IsLinux()))
        {
            await using EchoServer server = await WspyServer.StartAsync(own with { Deflate = row.Server });
            var options = new PeerClientOptions { Deflate = row.Client };
            ClientReport report;
            try
            {
                report = await Clients[client].Play(server.Url(secure: false), options);
            }
            catch (WebSocketException failure) when (row.Asks8)
            {
                AssertDocumented(DeflateDocument.Fails, failure.Message);
                continue;
            }

            AssertDocumented(report is { Extensions: "", Echoes: [], Error: not "" } && row.Asks8 ? DeflateDocument.Fails : DeflateDocument.Cell(report.Extensions), report.ToString());
            if (documented == DeflateDocument.Fails)
            {
                continue;
            }

            Assert.Equal(report.Extensions, (await server.Events.TakeAsync("open")).Extensions);
            report.AssertPlayed(options, subprotocol: "");
        }

        void AssertDocumented(string negotiated, string detail) =>
            Assert.True(documented == negotiated, $"'{rowName}' with {client}: documented is {documented}, negotiated was {negotiated} ({detail})");
    }

    [Fact]
    public void The_document_has_these_rows_and_peers_and_no_others()
    {
        Assert.Equal(ClientRows, DeflateDocument.Read(ClientHeading).Keys);
        Assert.All(DeflateDocument.Read(ClientHeading).Values, row => Assert.Equal(Servers.Keys, row.Keys));
        Assert.Equal(DeflateRow.All.Select(row => row.Name), DeflateDocument.Read(ServerHeading).Keys);
        Assert.All(DeflateDocument.Read(ServerHeading).Values, row => Assert.Equal(Clients.Keys, row.Keys));
    }

    private static TheoryData<string, string> Cases(IEnumerable<string> rows, IEnumerable<string> peers) =>
        new(rows.SelectMany(_ => peers, (row, peer) => (row, peer)));

    // A browser sends no fragments and no pings, and names what was agreed on in its own words, which are the header's.
    // Its page is the server's own: pages of other origins, such as about:blank, are refused (RFC 6455 §10.2).
    private static async Task<ClientReport> PlayInChromiumAsync(Uri url, PeerClientOptions options)
    {
        await using Browser browser = await Browser.StartAsync();
        IPage page = await browser.OpenAsync(new Uri($"http://{url.Authority}/"));
        string[] seen = await page.EvaluateAsync<string[]>("""
            ([url, code, reason]) => new Promise((resolve, reject) => {
              const pattern = (size) => Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
              const again = Array.from({ length: 500 }, (_, i) => `${(i * 7919) % 10007} `).join('').repeat(2);
              const messages = ['', 'Hello', 'κόσμε 🌍', again, again, ...[0, 1, 125, 126, 65535, 65536, 1 << 20].map(pattern)];
              const same = (one, other) => typeof one === 'string' ? one === other : one.length === other.byteLength && new Uint8Array(other).every((value, i) => value === one[i]);
              const socket = new WebSocket(url);
              const report = [];
              let extensions = '';
              socket.binaryType = 'arraybuffer';
              const next = () => report.length < messages.length ? socket.send(messages[report.length]) : socket.close(Number(code), reason);
              socket.onopen = () => { extensions = socket.extensions; next(); };
              socket.onmessage = ({ data }) => {
                const sent = messages[report.length];
                report.push(`${typeof sent === 'string' ? 'text' : `binary ${sent.length}`}|${data.byteLength ?? data.length}|${same(sent, data)}`);
                next();
              };
              socket.onclose = (event) => resolve([extensions, `${event.code}`, event.reason, ...report]);
            })
            """, new[] { url.ToString(), $"{options.Code}", options.Reason });
        Echo[] echoes = [.. seen.Skip(3).Select(line => line.Split('|')).Select(part => new Echo(part[0], long.Parse(part[1], provider: null), part[2] == "true"))];
        return new ClientReport("Chromium", "", seen[0], echoes, [], null, new Close(int.Parse(seen[1], provider: null), seen[2]), "");
    }
}
