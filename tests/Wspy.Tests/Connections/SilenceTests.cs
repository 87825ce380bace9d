using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.LoopTests;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Peers that say nothing: pings, and what follows when nothing follows. The same on every engine, and for a connection.</summary>
public class SilenceTests
{
    // Far apart, so that a machine that is slow to answer comes into no other time-out.
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10_000);
    private static readonly TimeSpan Long = TimeSpan.FromDays(20);

    private readonly FakeTimeProvider _clock = new();

    private static DateTimeOffset Start { get; } = new FakeTimeProvider().Start;

    private ClientOptions ClientOptions => new() { TimeProvider = _clock, PingInterval = PingInterval, PingTimeout = PingTimeout, IdleTimeout = Long, CloseTimeout = Long };

    private ServerOptions ServerOptions => new() { TimeProvider = _clock, PingInterval = PingInterval, PingTimeout = PingTimeout, IdleTimeout = Long, CloseTimeout = Long, Loops = 1 };

    [Theory]
    [InlineData(ServerEngine.Threads)]
    [InlineData(ServerEngine.Epoll)]
    [InlineData(ServerEngine.Portable)]
    public async Task A_servers_client_is_pinged_kept_while_it_answers_and_lost_when_it_does_not(ServerEngine engine)
    {
        await using var server = new TestServer(engine, ServerOptions);
        CloseInfo? end = null;
        server.WhenClosed = (_, info) => Volatile.Write(ref end, info);
        using RawClient raw = await OpenAsync(server);
        for (int i = 0; i < 3; i++)
        {
            await AdvanceUntilAsync(raw.ReadAsync(2), [0x89, 0]);
            raw.Send(i == 1 ? LoopServer.Wire.Text("x") : [.. LoopServer.Wire.Pong(), .. LoopServer.Wire.Text("x")]);
            Assert.Equal([0x81, 1, (byte)'x'], await raw.ReadAsync(3));
        }

        await AdvanceUntilAsync(raw.ReadAsync(2), [0x89, 0]);
        await LoopServer.UntilAsync(() => Volatile.Read(ref end) is not null, Leap);
        Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Transport), (end!.Code, end.Initiator));
        Assert.Equal(PingTimeout, Assert.IsType<PingTimeoutException>(end.Exception).Timeout);
        Assert.Equal(["open 1", "close 1 1006"], server.Calls);
    }

    [Theory]
    [InlineData(ServerEngine.Threads)]
    [InlineData(ServerEngine.Epoll)]
    [InlineData(ServerEngine.Portable)]
    public async Task Without_pings_silence_is_closed_with_1001(ServerEngine engine)
    {
        await using var server = new TestServer(engine, ServerOptions with { PingInterval = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.FromSeconds(100) });
        using RawClient raw = await OpenAsync(server);
        byte[] close = [0x88, 42, 0x03, 0xE9, .. "Nothing was received for 100 s"u8];
        close[1] = (byte)(close.Length - 2);
        await AdvanceUntilAsync(raw.ReadAsync(close.Length), close);
        raw.Send(LoopServer.Wire.Close(1001));
        Assert.Empty(await raw.ReadToEndAsync());
        raw.Dispose();
        await LoopServer.UntilAsync(() => server.Calls.Contains("close 1 1001"));
    }

    [Theory]
    [InlineData(LinkKind.Memory, false)]
    [InlineData(LinkKind.Memory, true)]
    [InlineData(LinkKind.Tcp, false)]
    [InlineData(LinkKind.Tcp, true)]
    [InlineData(LinkKind.Tls, false)]
    [InlineData(LinkKind.Tls, true)]
    public async Task A_connection_that_receives_pings_and_gives_a_silent_peer_up(LinkKind kind, bool asynchronous)
    {
        (WebSocket near, WebSocket far) = await Link.OpenAsync(kind, ClientOptions);
        using var connection = new Connection(near);
        Task<Message> receiving = asynchronous ? connection.ReceiveAsync().AsTask() : Link.OnThread(connection.Receive);
        for (int i = 0; i < 2; i++)
        {
            Task<Frame> ping = far.ReceiveAsync().AsTask();
            await LoopServer.UntilAsync(() => ping.IsCompleted, Step);
            Assert.Equal(Opcode.Ping, (await ping).Opcode);
            if (i == 0)
            {
                await far.SendAsync([ControlFrame.Pong(), Frame.Text("here")]);
                Assert.Equal("here", (await receiving.WaitAsync(Link.Limit)).ToString());
                receiving = asynchronous ? connection.ReceiveAsync().AsTask() : Link.OnThread(connection.Receive);
            }
        }

        await LoopServer.UntilAsync(() => receiving.IsCompleted, Leap);
        ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(() => receiving);
        Assert.IsType<PingTimeoutException>(closed.CloseInfo.Exception);
        Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Transport), (closed.CloseInfo.Code, closed.CloseInfo.Initiator));
        far.Abort();
    }

    // A peer that reads nothing at all cannot be pinged, and gets its time all the same.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_takes_nothing_is_given_up_and_one_that_takes_the_ping_later_is_pinged(bool reads)
    {
        (Socket socket, WebSocket near, WebSocket far) = await OpenBlockingAsync(secure: false);
        using var connection = new Connection(near);
        socket.SendBufferSize = 4096;
        int sent = 0;
        Task filling = Link.OnThread(() =>
        {
            // Until the system has no room, so that a ping would wait.
            while (socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite))
            {
                connection.Send(new byte[1000]);
                sent++;
            }
        });
        await filling.WaitAsync(Link.Limit);
        Task<Message> receiving = Link.OnThread(connection.Receive);
        if (reads)
        {
            await LoopServer.UntilAsync(() => _clock.GetUtcNow() > Start + (2 * PingInterval), Step);
            Assert.False(receiving.IsCompleted);
            for (int i = 0; i < sent; i++)
            {
                Assert.Equal(Opcode.Binary, (await far.ReceiveAsync()).Opcode);
            }

            Task<Frame> ping = far.ReceiveAsync().AsTask();
            await LoopServer.UntilAsync(() => ping.IsCompleted, Step);
            Assert.Equal(Opcode.Ping, (await ping).Opcode);
            await far.SendAsync(Frame.Text("here"));
            Assert.Equal("here", (await receiving.WaitAsync(Link.Limit)).ToString());
        }
        else
        {
            await LoopServer.UntilAsync(() => receiving.IsCompleted, Leap);
            ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(() => receiving);
            Assert.IsType<PingTimeoutException>(closed.CloseInfo.Exception);
        }

        far.Abort();
        connection.Abort();
    }

    // An asynchronous send would make the platform emulate blocking from then on, which allocates for each receive that waits.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Receives_after_a_ping_allocate_nothing(bool secure)
    {
        const int window = 50;
        (_, WebSocket near, WebSocket far) = await OpenBlockingAsync(secure);
        var connection = new Metered(near, window);
        Task<CloseInfo> receiving = Link.OnThread(connection.ReceiveForever);
        Task<Frame> answer = far.ReceiveAsync().AsTask();
        await LoopServer.UntilAsync(() => answer.IsCompleted, Step);
        Assert.Equal(Opcode.Ping, (await answer).Opcode);

        // One at a time, so that the receiver waits for each.
        for (int i = 0; i < 10 * window; i++)
        {
            await far.SendAsync(Frame.Text("x"));
            Assert.Equal(Opcode.Text, (await far.ReceiveAsync()).Opcode);
        }

        Assert.Equal(0, connection.Least);
        far.Abort();
        await receiving.WaitAsync(Link.Limit);
    }

    [Fact]
    public async Task Silence_says_nothing_while_nobody_receives()
    {
        (WebSocket near, WebSocket far) = await Link.OpenAsync(LinkKind.Tcp, ClientOptions);
        using var connection = new Connection(near);
        await far.SendAsync(Frame.Text("one"));
        Assert.Equal("one", (await connection.ReceiveAsync()).ToString());
        for (int i = 0; i < 50; i++)
        {
            Leap();
        }

        // What had come meanwhile is there, and the peer as well.
        await far.SendAsync(Frame.Text("two"));
        Assert.Equal("two", (await connection.ReceiveAsync()).ToString());
        Assert.True(connection.IsOpen);
        Task<Message> receiving = connection.ReceiveAsync().AsTask();
        Task<Frame> ping = far.ReceiveAsync().AsTask();
        await LoopServer.UntilAsync(() => ping.IsCompleted, Step);
        Assert.Equal(Opcode.Ping, (await ping).Opcode);
        await far.SendAsync(Frame.Text("three"));
        Assert.Equal("three", (await receiving.WaitAsync(Link.Limit)).ToString());
        far.Abort();
    }

    [Fact]
    public async Task A_WebSocket_sends_no_pings_by_itself()
    {
        (WebSocket near, WebSocket far) = await Link.OpenAsync(LinkKind.Memory, ClientOptions);
        Task<Frame> receiving = near.ReceiveAsync().AsTask();
        for (int i = 0; i < 50; i++)
        {
            Leap();
        }

        await far.SendAsync(Frame.Text("here"));
        Assert.Equal("here"u8.ToArray(), (await receiving.WaitAsync(Link.Limit)).Payload.ToArray());
        await near.SendAsync(Frame.Text("first"));
        Assert.Equal("first"u8.ToArray(), (await far.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.ToArray());
        near.Abort();
        far.Abort();
    }

    private static async Task<RawClient> OpenAsync(TestServer server)
    {
        var raw = new RawClient(server.EndPoint);
        raw.Send(RawClient.Upgrade());
        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        raw.Send(LoopServer.Wire.Text("up"));
        Assert.Equal([0x81, 2, .. "up"u8], await raw.ReadAsync(4));
        return raw;
    }

    // By a socket that was never used asynchronously.
    private async Task<(Socket Socket, WebSocket Near, WebSocket Far)> OpenBlockingAsync(bool secure)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.LocalEndPoint!);
        Task<WebSocket> accepting = WebSocket.AcceptAsync(listener.Accept(), new ServerOptions { Tls = secure ? Link.ServerTls : null }).AsTask();
        WebSocket near = await Link.OnThread(() => WebSocket.Connect(socket, new Uri(secure ? "wss://localhost/" : "ws://localhost/"), ClientOptions with { Tls = secure ? Link.TrustingTls : null }));
        return (socket, near, await accepting.WaitAsync(Link.Limit));
    }

    // The least of several windows: what the runtime does once in a while is not per message.
    private sealed class Metered(WebSocket webSocket, int window) : Connection(webSocket)
    {
        private long _start;
        private int _count;

        public long Least { get; private set; } = long.MaxValue;

        protected override void OnMessage(MessageView message)
        {
            if (++_count % window == 0)
            {
                long now = GC.GetAllocatedBytesForCurrentThread();
                Least = _count > window ? Math.Min(Least, now - _start) : Least;
                _start = GC.GetAllocatedBytesForCurrentThread();
            }

            Send(message);
        }
    }

    private async Task AdvanceUntilAsync(Task<byte[]> reading, byte[] expected)
    {
        await LoopServer.UntilAsync(() => reading.IsCompleted, Step);
        Assert.Equal(expected, await reading);
    }

    private void Step() => _clock.Advance(TimeSpan.FromSeconds(1));

    private void Leap() => _clock.Advance(TimeSpan.FromSeconds(1000));
}
