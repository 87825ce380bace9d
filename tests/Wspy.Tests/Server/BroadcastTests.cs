using System.Text;
using Wspy.Tests.LoopTests;
using Wspy.Tests.Transports;
using Judge = Wspy.Conformance.Deflate.Inflater;

namespace Wspy.Tests.ServerTests;

/// <summary>One message to many clients, whatever they negotiated and however they read.</summary>
public abstract class BroadcastTests(ServerEngine engine)
{
    private const string Deflate = "Sec-WebSocket-Extensions: permessage-deflate";

    [Fact]
    public async Task Each_gets_what_it_negotiated_and_equals_get_equal_bytes_RFC7692_7()
    {
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [new Wspy.Extensions.DeflateMessage()] });
        using RawClient plain = await JoinAsync(server, ""), plainToo = await JoinAsync(server, "");
        using RawClient forgetful = await JoinAsync(server, $"{Deflate}; server_no_context_takeover\r\n"), forgetfulToo = await JoinAsync(server, $"{Deflate}; server_no_context_takeover\r\n");
        using RawClient small = await JoinAsync(server, $"{Deflate}; server_no_context_takeover; server_max_window_bits=9\r\n");
        using RawClient mindful = await JoinAsync(server, $"{Deflate}\r\n");
        var context = new Judge(15, takeover: true);
        int first = 0;
        foreach (string text in Enumerable.Repeat(Text(3000), 3))
        {
            BroadcastTally tally = server.Server.Broadcast(server.Clients, text);
            Assert.Equal((6, 0, 0), (tally.Sent + tally.Queued, tally.Dropped, tally.Closing));
            Assert.Equal(6, tally.Total);

            byte[] payload = Encoding.UTF8.GetBytes(text);
            byte[] expected = await ReadFrameAsync(plain);
            Assert.Equal(Frame.Text(text).ToArray(), expected);
            Assert.Equal(expected, await ReadFrameAsync(plainToo));
            byte[] compressed = await ReadFrameAsync(forgetful);
            Assert.Equal(compressed, await ReadFrameAsync(forgetfulToo));
            Assert.Equal(payload, new Judge(15, takeover: false).Inflate(Payload(compressed)).Bytes);
            Assert.Equal(payload, new Judge(9, takeover: false).Inflate(Payload(await ReadFrameAsync(small))).Bytes);
            byte[] inContext = await ReadFrameAsync(mindful);
            Assert.Equal(payload, context.Inflate(Payload(inContext)).Bytes);
            if (first == 0)
            {
                first = inContext.Length;
            }
            else
            {
                Assert.InRange(inContext.Length, 3, first / 10);
            }
        }
    }

    [Fact]
    public async Task Large_messages_arrive_whole_for_all_and_among_others()
    {
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [new Wspy.Extensions.DeflateMessage()], HighWaterMark = 16 << 20 });
        await using Connection plain = await ConnectAsync(server, new ClientOptions());
        await using Connection packed = await ConnectAsync(server, new ClientOptions { Extensions = [new Wspy.Extensions.DeflateMessage(new() { ServerContextTakeover = false })] });
        var large = new PreparedMessage(new BinaryMessage(Wspy.Conformance.Deflate.Samples.Random(1_000_000, 1).ToArray()));
        for (int i = 0; i < 3; i++)
        {
            server.Server.Broadcast([.. server.Clients], large);
            server.Server.Broadcast(server.Clients, new TextMessage($"then {i}"));
        }

        foreach (Connection client in (Connection[])[plain, packed])
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(large.Message.Payload.ToArray(), (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.ToArray());
                Assert.Equal($"then {i}", (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
            }
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_nobody_up_and_its_backlog_is_bounded()
    {
        const int Mark = 256 * 1024;
        await using var server = new TestServer(engine, new ServerOptions { HighWaterMark = Mark });
        using RawClient stuck = await JoinAsync(server, "");
        await using Connection reader = await ConnectAsync(server, new ClientOptions());
        var message = new PreparedMessage(new BinaryMessage(new byte[64 * 1024]));
        int dropped = 0;
        for (int i = 0; dropped < 3; i++)
        {
            // Its socket takes some megabytes, and then its backlog.
            Assert.InRange(i, 0, 2000);
            BroadcastTally tally = server.Server.Broadcast(server.Clients, message);
            Assert.Equal(64 * 1024, (await reader.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.Length);
            Assert.Equal(0, tally.Closing);
            dropped += tally.Dropped;

            // What passes from the queue to the socket at this moment may be counted twice.
            await LoopServer.UntilAsync(() => server.Clients.All(client => client.BufferedBytes <= Mark + 1024));
        }
    }

    [Fact]
    public async Task Who_is_gone_is_counted_and_disturbs_nobody()
    {
        await using var server = new TestServer(engine, new ServerOptions());
        Connection leaving = await ConnectAsync(server, new ClientOptions());
        Client gone = server.Clients.Single();
        leaving.Abort();
        await gone.Closed.WaitAsync(Link.Limit);
        await using Connection staying = await ConnectAsync(server, new ClientOptions());
        Client there = server.Clients.Single(client => client != gone);

        BroadcastTally tally = server.Server.Broadcast([gone, there], new PreparedMessage("here"));
        Assert.Equal((1, 1), (tally.Closing, tally.Sent + tally.Queued));
        Assert.Equal(SendResult.Closing, gone.Send(new PreparedMessage("gone")));
        Assert.NotEqual(SendResult.Closing, there.Send(new PreparedMessage("there")));
        Assert.Equal("here", (await staying.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
        Assert.Equal("there", (await staying.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
    }

    private static string Text(int words)
    {
        var random = new Random(7);
        return string.Join(' ', Enumerable.Range(0, words).Select(_ => random.Next(100_000)));
    }

    private static async Task<RawClient> JoinAsync(TestServer server, string headers)
    {
        Task opened = NextAsync(server);
        var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade(headers));
        Assert.StartsWith("HTTP/1.1 101", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await opened;
        return client;
    }

    private static async Task<Connection> ConnectAsync(TestServer server, ClientOptions options)
    {
        Task opened = NextAsync(server);
        Connection client = await Connection.ConnectAsync(server.Url, options);
        await opened;
        return client;
    }

    private static Task NextAsync(TestServer server)
    {
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = _ => opened.TrySetResult();
        return opened.Task.WaitAsync(Link.Limit);
    }

    private static async Task<byte[]> ReadFrameAsync(RawClient client)
    {
        byte[] start = await client.ReadAsync(2);
        byte[] length = await client.ReadAsync(start[1] switch { 127 => 8, 126 => 2, _ => 0 });
        int size = length.Length == 0 ? start[1] : length.Aggregate(0, (sum, next) => (sum << 8) | next);
        return [.. start, .. length, .. await client.ReadAsync(size)];
    }

    private static byte[] Payload(byte[] frame)
    {
        Assert.Equal(0xC1, frame[0]);
        return frame[(frame[1] switch { 127 => 10, 126 => 4, _ => 2 })..];
    }
}

public sealed class ThreadedBroadcastTests() : BroadcastTests(ServerEngine.Threads);

public sealed class EpollBroadcastTests() : BroadcastTests(ServerEngine.Epoll);

public sealed class PortableBroadcastTests() : BroadcastTests(ServerEngine.Portable);
