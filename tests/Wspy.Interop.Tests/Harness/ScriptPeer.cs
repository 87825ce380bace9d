using System.Diagnostics;
using System.Text.Json;

namespace Wspy.Interop.Tests.Harness;

/// <summary>The peers written as scripts: <c>ws</c> on Node.js and <c>websockets</c> on Python.</summary>
internal static class ScriptPeer
{
    public static Task<EchoServer> WsServerAsync(PeerServerOptions options) => ListenAsync(Node("ws-echo.mjs"), options);

    public static Task<EchoServer> WebsocketsServerAsync(PeerServerOptions options) => ListenAsync(Python("websockets_echo.py"), options);

    public static Task<ClientReport> WsClientAsync(Uri url, PeerClientOptions options) => PlayAsync(Node("ws-client.mjs"), url, options);

    public static Task<ClientReport> WebsocketsClientAsync(Uri url, PeerClientOptions options) => PlayAsync(Python("websockets_client.py"), url, options);

    private static async Task<EchoServer> ListenAsync(ProcessStartInfo start, PeerServerOptions options)
    {
        var settings = new Dictionary<string, object?> { ["subprotocols"] = options.Subprotocols, ["compress"] = options.Compress, ["deflate"] = options.Deflate };
        if (options.Certificate is { } certificate)
        {
            settings["certificate"] = certificate.CertificateFile;
            settings["key"] = certificate.KeyFile;
        }

        start.ArgumentList.Add(JsonSerializer.Serialize(settings, JsonSerializerOptions.Web));
        var server = new Server();
        await server.StartAsync(start);
        return server;
    }

    private static Task<ClientReport> PlayAsync(ProcessStartInfo start, Uri url, PeerClientOptions options)
    {
        start.ArgumentList.Add(url.ToString());
        start.ArgumentList.Add(JsonSerializer.Serialize(new
        {
            subprotocols = options.Subprotocols,
            deflate = options.Deflate,
            code = options.Code,
            reason = options.Reason,
            ca = options.Certificate?.CertificateFile,
        }, JsonSerializerOptions.Web));
        return Peer.ReportAsync<ClientReport>(start);
    }

    private static ProcessStartInfo Node(string script) => new("node", [script]) { WorkingDirectory = Tree.Peers };

    // Debian's interpreter and not the first on the path: its packages are what the requirement installs. -B: no bytecode in the tree.
    private static ProcessStartInfo Python(string script) => new("/usr/bin/python3", ["-B", script]) { WorkingDirectory = Tree.Peers };

    private sealed class Server : EchoServer
    {
        private Peer? _peer;
        private int _port;

        public override int Port => _port;

        public async Task StartAsync(ProcessStartInfo start) => (_peer, _port) = await Peer.ListenAsync(start, Read);

        public override ValueTask DisposeAsync() => _peer?.DisposeAsync() ?? default;

        private void Read(string line)
        {
            if (line.StartsWith('{') && JsonSerializer.Deserialize<PeerEvent>(line, JsonSerializerOptions.Web) is { } item)
            {
                Events.Add(item);
            }
        }
    }
}
