using System.Net.Security;
using System.Text;
using System.Threading.Channels;
using Wspy;
using Wspy.Extensions;

namespace Wspy.Interop.Tests.Harness;

/// <summary>Wspy's client, playing the scenario of the other clients: asynchronously over a <see cref="Connection"/>, or blocking over frames.</summary>
internal static class WspyClient
{
    private static readonly int[] Sizes = [0, 1, 125, 126, 65535, 65536, 1 << 20];

    /// <summary>The scenario over messages.</summary>
    public static async Task<ClientReport> PlayMessagesAsync(Uri url, PeerClientOptions options)
    {
        List<Echo> echoes = [];
        await using var connection = new Recorder(await WebSocket.ConnectAsync(url, ToOptions(options)));
        await EchoAsync("text empty", new TextMessage(""));
        await EchoAsync("text", new TextMessage("Hello"));
        await EchoAsync("text beyond ASCII", new TextMessage("κόσμε 🌍"));
        await EchoAsync("text again and again", new TextMessage(PlatformClient.Again()));
        foreach (int size in Sizes)
        {
            await EchoAsync($"binary {size}", new BinaryMessage(PlatformClient.Pattern(size)));
        }

        await EchoAsync("text in fragments", new TextMessage("κόσμε 🌍"), fragmentSize: 3);
        await EchoAsync("binary in fragments", new BinaryMessage(PlatformClient.Pattern(65536 + 127)), fragmentSize: 1000);
        await connection.SendPingAsync("wspy"u8.ToArray());
        await connection.SendPingAsync();
        await EchoAsync("after pings", new TextMessage("still here"));
        await connection.CloseAsync((CloseCode)options.Code, options.Reason);
        CloseInfo info = await connection.Closed;
        return new ClientReport(
            "Wspy messages", connection.Subprotocol ?? "", connection.WebSocket.Response!.Headers["Sec-WebSocket-Extensions"] ?? "", [.. echoes],
            [], [.. connection.Pongs], new Close((int)info.Code, info.Reason), info.WasClean ? "" : info.ToString());

        async Task EchoAsync(string name, Message message, int fragmentSize = 0)
        {
            await connection.SendAsync(message, fragmentSize);
            Message back = await connection.ReceiveAsync();
            echoes.Add(new Echo(name, back.Payload.Length, back.Opcode == message.Opcode && back.Payload.Span.SequenceEqual(message.Payload.Span)));
        }
    }

    /// <summary>The scenario over frames, whose fragments, pongs and Close frame are seen one by one.</summary>
    public static Task<ClientReport> PlayFramesAsync(Uri url, PeerClientOptions options) => Task.Run(() => PlayFrames(url, options));

    private static ClientReport PlayFrames(Uri url, PeerClientOptions options)
    {
        List<Echo> echoes = [];
        List<string> pongs = [];
        using WebSocket webSocket = WebSocket.Connect(url, ToOptions(options));
        Play("text empty", Frame.Text(""));
        Play("text", Frame.Text("Hello"));
        Play("text beyond ASCII", Frame.Text("κόσμε 🌍"));
        Play("text again and again", Frame.Text(PlatformClient.Again()));
        foreach (int size in Sizes)
        {
            Play($"binary {size}", Frame.Binary(PlatformClient.Pattern(size)));
        }

        Play("text in fragments", [.. Frame.Text("κόσμε 🌍").Fragment(5)]);
        webSocket.Send(ControlFrame.Ping("wspy"u8.ToArray()));
        Play("after a ping", Frame.Text("still here"));
        Play("ping between fragments", Frame.Binary(PlatformClient.Pattern(7), fin: false), ControlFrame.Ping(), new Frame(Opcode.Continuation, PlatformClient.Pattern(9)));
        webSocket.Send(ControlFrame.Close((CloseCode)options.Code, options.Reason));
        var close = (ControlFrame)webSocket.Receive();
        return new ClientReport(
            "Wspy frames", webSocket.Subprotocol ?? "", webSocket.Response!.Headers["Sec-WebSocket-Extensions"] ?? "", [.. echoes], [], [.. pongs], new Close((int)close.CloseCode!, close.CloseReason), "");

        void Play(string name, params Frame[] frames)
        {
            webSocket.Send(frames);
            var received = new MemoryStream();
            Opcode? opcode = null;
            Frame frame;
            do
            {
                frame = webSocket.Receive();
                switch (frame.Opcode)
                {
                    case Opcode.Ping:
                        webSocket.Send(ControlFrame.Pong(frame.Payload));
                        break;
                    case Opcode.Pong:
                        pongs.Add(Convert.ToHexStringLower(frame.Payload.Span));
                        break;
                    default:
                        opcode ??= frame.Opcode;
                        received.Write(frame.Payload.Span);
                        break;
                }
            }
            while (frame.Opcode.IsControl() || !frame.Fin);
            byte[] sent = [.. frames.Where(part => !part.Opcode.IsControl()).SelectMany(part => part.Payload.ToArray())];
            echoes.Add(new Echo(name, received.Length, opcode == frames[0].Opcode && received.ToArray().AsSpan().SequenceEqual(sent)));
        }
    }

    /// <summary>The scenario on an event loop.</summary>
    public static async Task<ClientReport> PlayOnLoopAsync(Uri url, PeerClientOptions options)
    {
        List<Echo> echoes = [];
        await using var connection = new LoopRecorder();
        await connection.ConnectAsync(url, ToOptions(options));
        await EchoAsync("text empty", new TextMessage(""));
        await EchoAsync("text", new TextMessage("Hello"));
        await EchoAsync("text beyond ASCII", new TextMessage("κόσμε 🌍"));
        await EchoAsync("text again and again", new TextMessage(PlatformClient.Again()));
        foreach (int size in Sizes)
        {
            await EchoAsync($"binary {size}", new BinaryMessage(PlatformClient.Pattern(size)));
        }

        await EchoAsync("text in fragments", new TextMessage("κόσμε 🌍"), fragmentSize: 3);
        await EchoAsync("binary in fragments", new BinaryMessage(PlatformClient.Pattern(65536 + 127)), fragmentSize: 1000);
        connection.SendPing("wspy"u8);
        connection.SendPing();
        await EchoAsync("after pings", new TextMessage("still here"));
        await connection.CloseAsync((CloseCode)options.Code, options.Reason);
        CloseInfo info = await connection.Closed;
        return new ClientReport(
            "Wspy loop", connection.Subprotocol ?? "", connection.Response!.Headers["Sec-WebSocket-Extensions"] ?? "", [.. echoes],
            [], [.. connection.Pongs], new Close((int)info.Code, info.Reason), info.WasClean ? "" : $"{info} {info.Exception?.Message}");

        async Task EchoAsync(string name, Message message, int fragmentSize = 0)
        {
            connection.Send(message, fragmentSize);
            Message back = await connection.ReceiveAsync();
            echoes.Add(new Echo(name, back.Payload.Length, back.Opcode == message.Opcode && back.Payload.Span.SequenceEqual(message.Payload.Span)));
        }
    }

    /// <summary>Wspy's extension with such wishes. Everything is compressed, however short.</summary>
    public static DeflateMessage ToExtension(DeflateTerms terms) => new(new DeflateMessageOptions
    {
        ServerContextTakeover = !terms.ServerNoContextTakeover,
        ClientContextTakeover = !terms.ClientNoContextTakeover,
        ServerMaxWindowBits = terms.ServerMaxWindowBits is 0 ? 15 : terms.ServerMaxWindowBits,
        ClientMaxWindowBits = terms.ClientMaxWindowBits is 0 ? 15 : terms.ClientMaxWindowBits,
        Threshold = 0,
    });

    private static ClientOptions ToOptions(PeerClientOptions options) => new()
    {
        Extensions = options.Deflate is { } deflate ? [ToExtension(deflate)] : [],
        Subprotocols = options.Subprotocols,
        Tls = options.Certificate is not { } trusted ? null : new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == trusted.Certificate.GetCertHashString(),
        },
    };

    private sealed class Recorder(WebSocket webSocket) : Connection(webSocket)
    {
        public List<string> Pongs { get; } = [];

        protected override void OnPong(ReadOnlySpan<byte> payload) => Pongs.Add(Convert.ToHexStringLower(payload));
    }

    private sealed class LoopRecorder : AsyncConnection
    {
        private readonly Channel<Message> _messages = Channel.CreateUnbounded<Message>();

        public List<string> Pongs { get; } = [];

        public ValueTask<Message> ReceiveAsync() => _messages.Reader.ReadAsync();

        protected override void OnMessage(Message message) => _messages.Writer.TryWrite(message);

        protected override void OnPong(ReadOnlySpan<byte> payload) => Pongs.Add(Convert.ToHexStringLower(payload));

        protected override void OnClose(CloseInfo info) => _messages.Writer.TryComplete(new ConnectionClosedException(info));
    }
}
