using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Many senders on one connection, and peers that do not read.</summary>
public class ConcurrencyTests
{
    public static TheoryData<LinkKind> Links => Link.All;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Many_senders_never_interleave_and_keep_their_order(LinkKind kind)
    {
        const int Senders = 8, Each = 60;
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
        var server = new Recorder(upper) { WhenReceived = (self, message) => self.Send(message, fragmentSize: 100) };
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        var client = new Connection(lower);
        Task<List<string>> receiving = Task.Run(async () =>
        {
            var texts = new List<string>();
            while (texts.Count < Senders * Each)
            {
                texts.Add(((TextMessage)await client.ReceiveAsync()).Text);
            }

            return texts;
        });
        Task[] sending = [.. Enumerable.Range(0, Senders).Select(sender => Link.OnThread(async () =>
        {
            for (int i = 0; i < Each; i++)
            {
                string text = $"{sender}:{i}:{new string((char)('a' + sender), i * 37)}";
                if (sender % 2 == 0)
                {
                    client.Send(text, fragmentSize: i % 3 == 0 ? 50 : 0);
                }
                else
                {
                    await client.SendAsync(text, fragmentSize: i % 3 == 0 ? 50 : 0);
                }

                client.SendPing();
            }
        }).Unwrap())];
        await Task.WhenAll(sending).WaitAsync(Link.Limit);
        int[] next = new int[Senders];
        foreach (string text in await receiving.WaitAsync(Link.Limit))
        {
            string[] parts = text.Split(':');
            int sender = int.Parse(parts[0]);
            Assert.Equal(next[sender]++, int.Parse(parts[1]));
            Assert.Equal(new string((char)('a' + sender), int.Parse(parts[1]) * 37), parts[2]);
        }

        Assert.All(next, count => Assert.Equal(Each, count));
        await client.CloseAsync().AsTask().WaitAsync(Link.Limit);
        Assert.True((await serving).WasClean);
        Assert.Equal(Senders * Each, server.Calls.Count(call => call == "ping"));
    }

    [Theory]
    [InlineData(LinkKind.Memory)]
    [InlineData(LinkKind.Tcp)]
    [InlineData(LinkKind.Tls)]
    [InlineData(LinkKind.Partial)]
    public async Task A_peer_that_does_not_read_ends_a_blocking_send_in_time(LinkKind kind)
    {
        (WebSocket reader, WebSocket upper) = await Link.OpenAsync(kind, serverOptions: new ServerOptions { SendTimeout = TimeSpan.FromMilliseconds(50) });
        var server = new Connection(upper);
        ConnectionClosedException closed = await Link.OnThread(() => Assert.Throws<ConnectionClosedException>(() => server.Send(new byte[30_000_000])));
        Assert.IsType<TimeoutException>(closed.InnerException);
        Assert.Contains("SendTimeout", closed.InnerException.Message, StringComparison.Ordinal);
        server.Dispose();
        Assert.Equal(CloseCode.AbnormalClosure, (await server.Closed).Code);
        reader.Abort();
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_peer_that_does_not_read_ends_an_asynchronous_send_in_time(LinkKind kind)
    {
        var clock = new FakeTimeProvider();
        (WebSocket reader, WebSocket upper) = await Link.OpenAsync(kind, serverOptions: new ServerOptions { TimeProvider = clock });
        var server = new Connection(upper);
        Task sending = server.SendAsync(new byte[30_000_000]).AsTask();
        Assert.False(sending.IsCompleted);
        Task<ConnectionClosedException> failing = Assert.ThrowsAsync<ConnectionClosedException>(() => sending);
        while (!failing.IsCompleted)
        {
            // Pieces that the system's buffers still take start the time again.
            clock.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(failing, Task.Delay(1));
        }

        Assert.IsType<TimeoutException>((await failing.WaitAsync(Link.Limit)).InnerException);
        await server.DisposeAsync();
        reader.Abort();
    }

    // Far more than the time-out in all, and less for each piece that is taken.
    [Fact]
    public async Task A_slow_reader_gets_a_large_message_whatever_the_time_out()
    {
        var clock = new FakeTimeProvider();
        (Stream near, Stream far) = Wspy.Transports.InMemoryStream.CreatePair();
        (WebSocket lower, WebSocket upper) = await Link.UpgradeAsync(near, far, null, new ServerOptions { TimeProvider = clock, SendTimeout = TimeSpan.FromSeconds(30) });
        var server = new Connection(upper);
        Task sending = server.SendAsync(new byte[5_000_000]).AsTask();
        byte[] buffer = new byte[64 * 1024];
        for (int taken = 0; taken < 5_000_000;)
        {
            taken += await near.ReadAsync(buffer).AsTask().WaitAsync(Link.Limit);
            clock.Advance(TimeSpan.FromSeconds(4));
        }

        await sending.WaitAsync(Link.Limit);
        lower.Abort();
        server.Abort();
    }

    // The receiver never waits for a sender: it reads on, and the ping is answered by whoever holds the turn.
    [Fact]
    public async Task A_ping_behind_a_stuck_sender_is_answered_when_the_sender_is_done()
    {
        (WebSocket lower, WebSocket upper) = WebSocket.CreatePair();
        var server = new Recorder(upper);
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        Task sending = Link.OnThread(() => server.Send(new byte[1_000_000]));
        await lower.SendAsync(new Frame(Opcode.Ping, "hello"u8.ToArray()));
        await lower.SendAsync(Frame.Text("read although nothing of the answer was taken"));
        while (!server.Calls.Contains("message"))
        {
            Assert.False(serving.IsCompleted);
            await Task.Yield();
        }

        Assert.False(sending.IsCompleted);
        Frame first = await lower.ReceiveAsync().AsTask().WaitAsync(Link.Limit);
        Frame second = await lower.ReceiveAsync().AsTask().WaitAsync(Link.Limit);
        (Frame message, Frame pong) = first.Opcode == Opcode.Pong ? (second, first) : (first, second);
        Assert.Equal(1_000_000, message.Payload.Length);
        Assert.Equal((Opcode.Pong, "hello"), (pong.Opcode, System.Text.Encoding.ASCII.GetString(pong.Payload.Span)));
        await sending;
        lower.Abort();
        await serving;
    }

    [Fact]
    public async Task Sends_closes_aborts_and_receives_at_once_end_once()
    {
        for (int i = 0; i < 150; i++)
        {
            (WebSocket lower, WebSocket upper) = i % 3 == 0 ? await Link.OpenAsync(LinkKind.Tcp) : WebSocket.CreatePair();
            var server = new Recorder(upper) { WhenReceived = (self, message) => self.Send(message) };
            var client = new Recorder(lower);
            using var start = new Barrier(5);
            Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
            int round = i;
            Task[] tasks =
            [
                Racing(start, () => client.Send("one")),
                Racing(start, () => client.SendPing()),
                Racing(start, () => client.Receive()),
                Racing(start, () => { if (round % 2 == 0) { client.Abort(); } else { client.Close(); } }),
                Racing(start, () => { if (round % 4 < 2) { server.Close(); } else { server.SendPing(); } }),
            ];
            await Task.WhenAll(tasks).WaitAsync(Link.Limit);
            client.Dispose();
            await serving;
            await client.Closed.WaitAsync(Link.Limit);
            Assert.Single(server.Calls, "close");
            Assert.Equal(client.Calls.Count(call => call == "open"), client.Calls.Count(call => call == "close"));
            Assert.False(client.Overlapped || server.Overlapped);
        }
    }

    private static Task Racing(Barrier start, Action act) => Link.OnThread(() =>
    {
        start.SignalAndWait();
        try
        {
            act();
        }
        catch (Exception exception) when (exception is ConnectionClosedException)
        {
            // Another was faster.
        }
    });
}
