using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Wspy.Handshake;
using Wspy.Loop;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>TLS on a loop: however the records are cut or gathered, and what comes in their place.</summary>
public abstract class LoopTlsTests(ServerEngine engine)
{
    private static readonly ClientOptions Trusting = new() { Tls = Link.TrustingTls };

    private static ServerOptions Secure => new() { Loops = 1, Tls = Link.ServerTls };

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Records_that_are_cut_anywhere(SslProtocols protocol)
    {
        await using var server = new LoopServer(engine, Secure);
        for (int seed = 0; seed < 4; seed++)
        {
            using Stream tls = await ConnectAsync(server, socket => new PartialStream(new NetworkStream(socket, ownsSocket: true), seed, 300), protocol);
            await using WebSocket webSocket = await WebSocket.ConnectAsync(tls, new Uri("wss://localhost/"));
            await EchoAsync(webSocket, 0, 1, 5000, 60_000);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Many_records_in_one_segment(SslProtocols protocol)
    {
        await using var server = new LoopServer(engine, Secure);
        GatheringStream? gathering = null;
        using Stream tls = await ConnectAsync(server, socket => gathering = new GatheringStream(new NetworkStream(socket, ownsSocket: true)), protocol);
        await tls.WriteAsync(System.Text.Encoding.ASCII.GetBytes(RawClient.Upgrade()));
        byte[] head = new byte[1];
        for (int matched = 0; matched < 4;)
        {
            await tls.ReadExactlyAsync(head).AsTask().WaitAsync(Link.Limit);
            matched = head[0] == "\r\n\r\n"u8[matched] ? matched + 1 : head[0] == '\r' ? 1 : 0;
        }

        gathering!.Gathers = true;
        for (int i = 0; i < 200; i++)
        {
            await tls.WriteAsync(LoopServer.Wire.Text($"message {i}"));
        }

        await tls.WriteAsync(LoopServer.Wire.Binary(new byte[100_000]));
        await tls.WriteAsync(LoopServer.Wire.Close(1000));
        await gathering.ReleaseAsync();
        using var reader = new MemoryStream();
        await tls.CopyToAsync(reader).WaitAsync(Link.Limit);
        string all = System.Text.Encoding.Latin1.GetString(reader.ToArray());
        int from = 0;
        for (int i = 0; i < 200; i++)
        {
            string frame = $"\x81{(char)$"message {i}".Length}message {i}";
            Assert.True((from = all.IndexOf(frame, from, StringComparison.Ordinal)) >= 0);
        }

        // The echo of the large one, the Close frame, and close_notify: the copy ended without an exception.
        Assert.EndsWith("\x88\x02\x03\xE8", all, StringComparison.Ordinal);
        Assert.Equal(100_000, all.Length - all.IndexOf("\x82\x7F", StringComparison.Ordinal) - 10 - 4);
    }

    [Fact]
    public async Task A_clients_close_notify_is_the_end_of_the_stream()
    {
        await using var server = new LoopServer(engine, Secure);
        using (SslStream tls = await ConnectAsync(server, static socket => new NetworkStream(socket, ownsSocket: true), SslProtocols.None))
        {
            await using WebSocket webSocket = await WebSocket.ConnectAsync(tls, new Uri("wss://localhost/"));
            await EchoAsync(webSocket, 10);
            await tls.ShutdownAsync();
            await LoopServer.UntilAsync(() => server.Ends.ContainsKey(1));
            webSocket.Abort();
        }

        Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Transport), (server.Ends[1].Code, server.Ends[1].Initiator));
    }

    // The arithmetic of handshakes may be behind, and its peers are not cut for that: the system holds what the loop does not take.
    [Fact]
    public async Task More_than_every_buffer_before_the_handshake_has_ended()
    {
        var plan = new FaultPlan();
        using var release = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        SslServerAuthenticationOptions slow = Link.ServerTls;
        slow.ClientCertificateRequired = true;
        slow.RemoteCertificateValidationCallback = (_, _, _, _) =>
        {
            entered.TrySetResult();
            return release.Wait(Link.Limit);
        };
        await using var server = new LoopServer(
            engine, Secure with { Tls = slow, HandshakeTimeout = TimeSpan.FromMinutes(1) }, () => new FaultyPoller(engine == ServerEngine.Portable ? new PortablePoller() : new EpollPoller(), plan));
        await using SslStream tls = await ConnectAsync(server, static socket => new NetworkStream(socket, ownsSocket: true), SslProtocols.Tls13);
        await entered.Task.WaitAsync(Link.Limit);
        byte[] payload = new byte[300_000];
        Task writing = tls.WriteAsync((byte[])[.. System.Text.Encoding.ASCII.GetBytes(RawClient.Upgrade()), .. LoopServer.Wire.Binary(payload)]).AsTask();
        await LoopServer.UntilAsync(() => plan.Received >= 64 * 1024);
        release.Set();
        await writing.WaitAsync(Link.Limit);
        byte[] answer = new byte[payload.Length];
        await tls.ReadExactlyAsync(answer).AsTask().WaitAsync(Link.Limit);
        Assert.StartsWith("HTTP/1.1 101 ", System.Text.Encoding.ASCII.GetString(answer, 0, 100), StringComparison.Ordinal);
        Assert.True(server.Clients.Single().IsOpen);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("plain")]
    [InlineData("huge record")]
    [InlineData("cut")]
    [InlineData("nothing")]
    public async Task What_is_no_TLS_ends_alone(string what)
    {
        using var log = new LogLines();

        // A few bytes may still become a record, and have their time for that.
        await using var server = new LoopServer(engine, Secure with { LoggerFactory = log, HandshakeTimeout = TimeSpan.FromSeconds(2) });
        for (int i = 0; i < 5; i++)
        {
            byte[] bytes = new byte[i * 300];
            new Random(i).NextBytes(bytes);
            using var client = new RawClient(server.EndPoint);
            switch (what)
            {
                case "garbage":
                    client.Send([0x2A, .. bytes, 0, 0, 0, 0, 0]);
                    break;
                case "plain":
                    client.Send(RawClient.Upgrade());
                    break;
                case "huge record":
                    client.Send([0x16, 0x03, 0x03, 0xFF, 0xFF, .. bytes]);
                    break;
                case "cut":
                    client.Send([0x16, 0x03, 0x01, 0x10, 0x00, .. bytes]);
                    client.Reset();
                    break;
                default:
                    client.Reset();
                    break;
            }

            if (what is "garbage" or "plain")
            {
                using var limit = new CancellationTokenSource(Link.Limit);
                await client.DrainAsync(limit.Token);
            }
        }

        using var healthy = Connection.Connect(server.SecureUrl, Trusting);
        healthy.Send("alive");
        Assert.Equal("alive", ((TextMessage)healthy.Receive(Link.Limit)).Text);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(5, log.Lines.Count(line => line.Line.StartsWith("No WebSocket", StringComparison.Ordinal)));
        Assert.Equal(["open 1", "close 1"], server.Calls);
    }

    [Fact]
    public async Task Two_hundred_that_stall_in_the_handshake_hold_up_nobody()
    {
        await using var server = new LoopServer(engine, Secure);
        RawClient[] stalled = [.. Enumerable.Range(0, 200).Select(_ => new RawClient(server.EndPoint))];
        for (int i = 0; i < stalled.Length; i++)
        {
            // A ClientHello whose end never comes, or nothing at all.
            stalled[i].Send(i % 2 == 0 ? [] : [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, .. new byte[i]]);
        }

        for (int i = 0; i < 3; i++)
        {
            await using Connection client = await Connection.ConnectAsync(server.SecureUrl, Trusting).AsTask().WaitAsync(Link.Limit);
            await client.SendAsync("alive");
            Assert.Equal("alive", ((TextMessage)await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Text);
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        Array.ForEach(stalled, static client => client.Dispose());
    }

    [Fact]
    public async Task A_client_that_distrusts_the_server_is_a_failed_handshake()
    {
        using var log = new LogLines();
        await using var server = new LoopServer(engine, Secure with { LoggerFactory = log });
        await Assert.ThrowsAsync<HandshakeException>(() => Connection.ConnectAsync(server.SecureUrl).AsTask().WaitAsync(Link.Limit));
        await using Connection healthy = await Connection.ConnectAsync(server.SecureUrl, Trusting);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Contains(log.Lines, line => line.Line.StartsWith("No WebSocket", StringComparison.Ordinal));
    }

    private static async Task<SslStream> ConnectAsync(LoopServer server, Func<Socket, Stream> wrap, SslProtocols protocol)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.EndPoint);
        var tls = new SslStream(wrap(socket));
        SslClientAuthenticationOptions options = Link.TrustingTls;
        options.EnabledSslProtocols = protocol;
        await tls.AuthenticateAsClientAsync(options).WaitAsync(Link.Limit);
        return tls;
    }

    private static async Task EchoAsync(WebSocket webSocket, params int[] sizes)
    {
        foreach (int size in sizes)
        {
            byte[] payload = new byte[size];
            new Random(size).NextBytes(payload);
            await webSocket.SendAsync(Frame.Binary(payload));
            Assert.True((await webSocket.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.Span.SequenceEqual(payload));
        }
    }

    // Keeps what is written until it is released, all at once.
    private sealed class GatheringStream(Stream inner) : StreamWrapper(inner)
    {
        private readonly MemoryStream _gathered = new();

        public bool Gathers { get; set; }

        public override int Read(Span<byte> buffer) => Inner.Read(buffer);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Inner.ReadAsync(buffer, cancellationToken);

        public override void Write(ReadOnlySpan<byte> buffer) => (Gathers ? _gathered : Inner).Write(buffer);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            (Gathers ? _gathered : Inner).WriteAsync(buffer, cancellationToken);

        public Task ReleaseAsync()
        {
            Gathers = false;
            return Inner.WriteAsync(_gathered.ToArray()).AsTask();
        }
    }
}

public sealed class EpollLoopTlsTests() : LoopTlsTests(ServerEngine.Epoll);

public sealed class PortableLoopTlsTests() : LoopTlsTests(ServerEngine.Portable);
