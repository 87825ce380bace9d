using System.Net.WebSockets;
using System.Text;

namespace Wspy.Interop.Tests.Harness;

/// <summary>The platform's <see cref="ClientWebSocket"/>, playing the scenario of the other clients (it cannot send a ping of its own).</summary>
internal static class PlatformClient
{
    public static async Task<ClientReport> PlayAsync(Uri url, PeerClientOptions options)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using ClientWebSocket client = await ConnectAsync(url, options, patience.Token);
        var player = new Player(client, patience.Token);
        await player.EchoAsync("text empty", [""]);
        await player.EchoAsync("text", ["Hello"]);
        await player.EchoAsync("text beyond ASCII", ["κόσμε 🌍"]);
        await player.EchoAsync("text again and again", [Again()]);
        foreach (int size in (int[])[0, 1, 125, 126, 65535, 65536, 1 << 20])
        {
            await player.EchoAsync($"binary {size}", WebSocketMessageType.Binary, Pattern(size));
        }

        await player.EchoAsync("text in fragments", ["κόσ", "", "με ", "🌍"]);
        await player.EchoAsync("binary in fragments", WebSocketMessageType.Binary, Pattern(1), Pattern(126), Pattern(65536), []);
        await player.EchoAsync("code point across fragments", WebSocketMessageType.Text, [0xF0, 0x9F], [0x8C, 0x8D]);
        await client.CloseAsync((WebSocketCloseStatus)options.Code, options.Reason, patience.Token);
        var close = new Close((int)client.CloseStatus!, client.CloseStatusDescription ?? "");
        return new ClientReport($"ClientWebSocket {Environment.Version}", client.SubProtocol ?? "", client.HttpResponseHeaders is { } headers && headers.TryGetValue("Sec-WebSocket-Extensions", out IEnumerable<string>? extensions) ? string.Join(", ", extensions) : "", [.. player.Echoes], [], null, close, "");
    }

    /// <summary>A connected client, for tests that go their own way.</summary>
    public static async Task<ClientWebSocket> ConnectAsync(Uri url, PeerClientOptions options, CancellationToken cancellationToken)
    {
        var client = new ClientWebSocket();
        try
        {
            foreach (string subprotocol in options.Subprotocols)
            {
                client.Options.AddSubProtocol(subprotocol);
            }

            client.Options.CollectHttpResponseDetails = true;
            client.Options.DangerousDeflateOptions = options.Deflate is not { } deflate ? null : new WebSocketDeflateOptions
            {
                ServerContextTakeover = !deflate.ServerNoContextTakeover,
                ClientContextTakeover = !deflate.ClientNoContextTakeover,
                ServerMaxWindowBits = deflate.ServerMaxWindowBits is 0 ? 15 : deflate.ServerMaxWindowBits,
                ClientMaxWindowBits = deflate.ClientMaxWindowBits is 0 ? 15 : deflate.ClientMaxWindowBits,
            };
            if (options.Certificate is { } trusted)
            {
                client.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == trusted.Certificate.GetCertHashString();
            }

            await client.ConnectAsync(url, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Octets in which a lost, repeated or moved part shows; the scripts make the same.</summary>
    public static byte[] Pattern(int size)
    {
        var data = new byte[size];
        for (int i = 0; i < size; i++)
        {
            data[i] = (byte)((i * 31) + (i >> 8));
        }

        return data;
    }

    /// <summary>A text and the same text again, farther away than small windows reach; the scripts make the same.</summary>
    public static string Again()
    {
        string text = string.Concat(Enumerable.Range(0, 500).Select(i => $"{i * 7919 % 10007} "));
        return text + text;
    }

    private sealed class Player(ClientWebSocket client, CancellationToken cancellationToken)
    {
        public List<Echo> Echoes { get; } = [];

        public Task EchoAsync(string name, string[] parts) => EchoAsync(name, WebSocketMessageType.Text, [.. parts.Select(Encoding.UTF8.GetBytes)]);

        /// <summary>Sends the parts as the fragments of one message and compares what comes back.</summary>
        public async Task EchoAsync(string name, WebSocketMessageType type, params byte[][] parts)
        {
            for (int i = 0; i < parts.Length; i++)
            {
                await client.SendAsync(parts[i].AsMemory(), type, endOfMessage: i == parts.Length - 1, cancellationToken);
            }

            using var received = new MemoryStream();
            var buffer = new byte[16384];
            ValueWebSocketReceiveResult result;
            do
            {
                result = await client.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                received.Write(buffer, 0, result.Count);
            }
            while (!result.EndOfMessage);
            bool same = result.MessageType == type && received.ToArray().AsSpan().SequenceEqual(parts.SelectMany(part => part).ToArray());
            Echoes.Add(new Echo(name, received.Length, same));
        }
    }
}
