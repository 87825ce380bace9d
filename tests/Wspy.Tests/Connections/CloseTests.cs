using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>The ways a connection can end (RFC 6455 §7), each exactly once.</summary>
public class CloseTests
{
    public static TheoryData<LinkKind> Links => Link.All;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task All_codes_arrive_from_either_side(LinkKind kind)
    {
        foreach (CloseCode code in new[] { CloseCode.NormalClosure, CloseCode.GoingAway, CloseCode.InternalError, (CloseCode)1012, (CloseCode)1014, (CloseCode)3000, (CloseCode)4999, CloseCode.NoStatusReceived })
        {
            foreach (bool clientCloses in new[] { true, false })
            {
                (WebSocket client, WebSocket server) = await Link.OpenAsync(kind);
                (Connection near, Connection far) = (new Connection(clientCloses ? client : server), new Connection(clientCloses ? server : client));
                Task<CloseInfo> receiving = Link.OnThread(far.ReceiveForever);
                string reason = code == CloseCode.NoStatusReceived ? "" : "because";
                await near.CloseAsync(code, reason).AsTask().WaitAsync(Link.Limit);
                CloseInfo info = await receiving;
                Assert.Equal((code, reason, CloseInitiator.Peer, true), (info.Code, info.Reason, info.Initiator, info.WasClean));
                info = await near.Closed;
                Assert.Equal((code, reason, CloseInitiator.Local, true), (info.Code, info.Reason, info.Initiator, info.WasClean));
                Assert.Null(info.Exception);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Both_may_close_at_once(LinkKind kind)
    {
        for (int i = 0; i < 20; i++)
        {
            (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
            (Connection client, Connection server) = (new Connection(lower), new Connection(upper));
            Task<CloseInfo> receiving = Link.OnThread(server.ReceiveForever);
            using var start = new Barrier(2);
            Task first = Link.OnThread(() =>
            {
                start.SignalAndWait();
                client.Close(CloseCode.NormalClosure, "client");
            });
            Task second = Link.OnThread(() =>
            {
                start.SignalAndWait();
                server.Close(CloseCode.GoingAway, "server");
            });
            await first;
            await second;
            Assert.True((await client.Closed.WaitAsync(Link.Limit)).WasClean, $"{await client.Closed}");
            Assert.True((await receiving).WasClean, $"{await server.Closed}");
        }
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Close_beside_a_pending_receive_ends_it(LinkKind kind)
    {
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
        (Connection client, Connection server) = (new Connection(lower), new Connection(upper));
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        Task<Message> receiving = client.ReceiveAsync().AsTask();
        await client.CloseAsync(CloseCode.NormalClosure, "bye").AsTask().WaitAsync(Link.Limit);
        ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(() => receiving.WaitAsync(Link.Limit));
        Assert.True(closed.CloseInfo.WasClean);
        Assert.Equal("bye", (await serving).Reason);

        // Once more, in every way: nothing happens.
        client.Close(CloseCode.InternalError);
        await client.CloseAsync(CloseCode.InternalError);
        client.Abort();
        client.Dispose();
        await client.DisposeAsync();
        Assert.Equal(CloseCode.NormalClosure, (await client.Closed).Code);
        Assert.Throws<ConnectionClosedException>(() => client.Send("late"));
        Assert.Throws<ConnectionClosedException>(() => client.Receive());
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_receive_beside_a_close_waits_for_the_end_and_tells_it(LinkKind kind)
    {
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
        (Connection client, Connection server) = (new Connection(lower), new Connection(upper));
        Task closing = client.CloseAsync().AsTask();
        Task<Message> late = client.ReceiveAsync().AsTask();
        Assert.False(late.IsCompleted);
        await Link.OnThread(server.ReceiveForever);
        ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(() => late.WaitAsync(Link.Limit));
        Assert.True(closed.CloseInfo.WasClean, $"{closed.CloseInfo}");
        await closing.WaitAsync(Link.Limit);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task An_abort_ends_what_is_under_way_with_1006(LinkKind kind)
    {
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
        var client = new Recorder(lower);
        var server = new Recorder(upper);
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        Task<CloseInfo> receiving = Link.OnThread(client.ReceiveForever);
        await Task.Yield();
        client.Abort();
        Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Local), ((await receiving).Code, (await receiving).Initiator));
        Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Transport, false), ((await serving).Code, (await serving).Initiator, (await serving).WasClean));
    }

    // The receiver gives up its place at the same moment: nobody may think that the other completes the end.
    [Fact]
    public async Task An_abort_between_two_receives_completes_the_end()
    {
        for (int i = 0; i < 200; i++)
        {
            (Connection lower, Connection other) = Connection.CreatePair();
            using Connection server = other;
            var client = new Recorder(lower.WebSocket);
            server.Send("one");
            Task aborting = Task.Run(client.Abort);
            try
            {
                Assert.Equal("one", ((TextMessage)client.Receive()).Text);
            }
            catch (ConnectionClosedException)
            {
                // The abort was faster.
            }

            await aborting.WaitAsync(Link.Limit);
            Assert.Equal(CloseCode.AbnormalClosure, (await client.Closed.WaitAsync(Link.Limit)).Code);
            Assert.Equal(client.Calls.Count(call => call == "open"), client.Calls.Count(call => call == "close"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_vanishes_is_1006(bool reset)
    {
        (Socket near, Socket far) = await Link.ConnectAsync();
        Task<WebSocket> accepting = WebSocket.AcceptAsync(far).AsTask();
        WebSocket client = await WebSocket.ConnectAsync(near, new Uri("ws://localhost/"));
        var server = new Recorder(await accepting);
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        if (reset)
        {
            client.Abort();
        }
        else
        {
            near.Shutdown(SocketShutdown.Send);
        }

        CloseInfo info = await serving;
        Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Transport, false), (info.Code, info.Initiator, info.WasClean));
        Assert.Equal(reset, info.Exception is not null);
        Assert.Equal(["open", "close"], server.Calls);
        near.Dispose();
    }

    [Fact]
    public async Task The_peers_code_is_reported_although_a_send_failed_before_it_was_read()
    {
        (Stream near, Stream far) = Wspy.Transports.InMemoryStream.CreatePair();
        (WebSocket lower, WebSocket server) = await Link.UpgradeAsync(near, far);
        using var client = new Connection(lower);
        await server.SendAsync([new Frame(Opcode.Close, new byte[] { 0x03, 0xE9, (byte)'x' })]);
        far.Dispose();
        Assert.Throws<ConnectionClosedException>(() => client.Send(new byte[10]));
        ConnectionClosedException closed = Assert.Throws<ConnectionClosedException>(() => client.Receive());
        Assert.Equal((CloseCode.GoingAway, "x", CloseInitiator.Peer), (closed.CloseInfo.Code, closed.CloseInfo.Reason, closed.CloseInfo.Initiator));
        Assert.False(closed.CloseInfo.WasClean, "our Close frame could not be sent");
        Assert.NotNull(closed.InnerException);
        server.Abort();
    }

    [Fact]
    public async Task A_close_from_a_handler_is_limited_in_time()
    {
        var clock = new FakeTimeProvider();
        (WebSocket silent, WebSocket upper) = WebSocket.CreatePair(null, new ServerOptions { TimeProvider = clock });
        var server = new Recorder(upper) { WhenOpened = self => self.Close() };
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        Assert.Equal(Opcode.Close, (await silent.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Opcode);
        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(serving.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        CloseInfo info = await serving;
        Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Local), (info.Code, info.Initiator));
        Assert.IsType<TimeoutException>(info.Exception);
        silent.Abort();
    }

    [Fact]
    public async Task A_cancelled_close_ends_the_connection()
    {
        (WebSocket silent, WebSocket upper) = WebSocket.CreatePair();
        var server = new Connection(upper);
        foreach (bool beside in new[] { false, true })
        {
            using var source = new CancellationTokenSource();
            Task<Message>? receiving = beside ? server.ReceiveAsync().AsTask() : null;
            Task closing = server.CloseAsync(cancellationToken: source.Token).AsTask();
            await source.CancelAsync();
            await closing.WaitAsync(Link.Limit);
            CloseInfo info = await server.Closed.WaitAsync(Link.Limit);
            Assert.Equal(CloseCode.AbnormalClosure, info.Code);
            Assert.IsAssignableFrom<OperationCanceledException>(info.Exception);
            if (receiving is not null)
            {
                await Assert.ThrowsAsync<ConnectionClosedException>(() => receiving.WaitAsync(Link.Limit));
            }

            silent.Abort();
            (silent, upper) = WebSocket.CreatePair();
            server = new Connection(upper);
        }

        server.Abort();
        silent.Abort();
    }

    // The answer to the peer's Close frame goes out behind a send that is under way, on the sender's thread, while the receiver waits already.
    [Fact]
    public async Task The_sender_that_answers_the_peers_close_ends_the_stream()
    {
        // Again when the Close frame was answered before the send began, as happens on a busy machine.
        for (int i = 0; i < 100 && !await SenderAnswersAsync(); i++)
        {
        }
    }

    private static async Task<bool> SenderAnswersAsync()
    {
        (WebSocket client, WebSocket upper) = WebSocket.CreatePair(new ClientOptions { CloseTimeout = TimeSpan.FromSeconds(20) }, new ServerOptions { CloseTimeout = TimeSpan.FromSeconds(20) });
        var server = new Recorder(upper);
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        Task sending = Link.OnThread(() => server.Send(new byte[300_000]));
        Task closing = client.SendAsync(new Frame(Opcode.Close, new byte[] { 0x03, 0xE8 })).AsTask();
        await closing.WaitAsync(Link.Limit);
        Frame first = await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit);
        if (first.Opcode == Opcode.Close)
        {
            await Assert.ThrowsAsync<ConnectionClosedException>(() => sending.WaitAsync(Link.Limit));
            return false;
        }

        Assert.Equal(300_000, first.Payload.Length);
        await sending;
        Assert.Equal(Opcode.Close, (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Opcode);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => client.ReceiveAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True((await serving).WasClean);
        return true;
    }
}
