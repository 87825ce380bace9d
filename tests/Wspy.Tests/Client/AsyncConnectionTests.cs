using Wspy.Extensions;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>Connections of clients on an event loop, over both pollers, plain and secure.</summary>
public class AsyncConnectionTests
{
    private static readonly int[] Sizes = [0, 1, 125, 126, 127, 4096, 8 * 1024, 8 * 1024 + 1, 65535, 65536, 200_000, 3 << 20];

    public static TheoryData<PollerKind, bool> Kinds => new()
    {
        { PollerKind.Epoll, false },
        { PollerKind.Epoll, true },
        { PollerKind.Portable, false },
        { PollerKind.Portable, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task All_sizes_there_and_back_whole_and_in_fragments(PollerKind poller, bool secure)
    {
        await using ConnectionLoop loop = NewLoop(poller);
        await using TestServer server = NewServer(secure);
        await using TestConnection connection = await ConnectAsync(server, loop, secure);
        foreach (int size in Sizes)
        {
            byte[] payload = Payload(size);
            foreach (int fragmentSize in new[] { 0, Math.Max(size / 3, 1) })
            {
                // The marks below are of messages that are sent whole.
                byte[] kept = [.. payload];
                Assert.NotEqual(SendResult.Dropped, await connection.SendAsync(payload, fragmentSize: size > 100_000 ? fragmentSize : 0));
                Assert.True((await connection.ReceiveAsync()).Payload.Span.SequenceEqual(kept), $"{size} bytes came back changed");
                Assert.True(payload.AsSpan().SequenceEqual(kept), "the caller's memory was masked");
            }
        }

        await connection.CloseAsync(CloseCode.NormalClosure, "done").AsTask().WaitAsync(Link.Limit);
        CloseInfo info = await connection.Ended.WaitAsync(Link.Limit);
        Assert.Equal((CloseCode.NormalClosure, true, CloseInitiator.Local), (info.Code, info.WasClean, info.Initiator));
        Assert.False(connection.Overlapped);
        Assert.Single(connection.Threads);
        Assert.Equal("open", connection.Calls.First());
        Assert.Equal("close 1000", connection.Calls.Last());
        Assert.Equal(2 * Sizes.Length, connection.Calls.Count(call => call.StartsWith("sent", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_handler_that_echoes_on_the_loop_and_senders_on_other_threads_keep_their_order(PollerKind poller, bool secure)
    {
        await using ConnectionLoop loop = NewLoop(poller);
        await using TestServer server = NewServer(secure);
        await using TestConnection connection = await ConnectAsync(server, loop, secure);
        const int Senders = 4, Each = 250;
        Task[] sending = [.. Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
            {
                SendResult result = await connection.SendAsync($"{sender} {i}");
                Assert.True(result is SendResult.Sent or SendResult.Queued);
            }
        }))];
        int[] next = new int[Senders];
        for (int i = 0; i < Senders * Each; i++)
        {
            string[] parts = ((TextMessage)await connection.ReceiveAsync()).Text.Split(' ');
            int sender = int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal($"{next[sender]++}", parts[1]);
        }

        await Task.WhenAll(sending).WaitAsync(Link.Limit);
        Assert.Equal(0, connection.BufferedBytes);
    }

    [Theory]
    [InlineData(PollerKind.Epoll)]
    [InlineData(PollerKind.Portable)]
    public async Task A_thousand_connections_on_one_loop(PollerKind poller)
    {
        const int Count = 1000;
        await using ConnectionLoop loop = NewLoop(poller);
        await using var server = new TestServer(ServerEngine.Epoll, new ServerOptions { Loops = 1, MaxConnections = Count });
        TestConnection[] connections = [.. Enumerable.Range(0, Count).Select(_ => new TestConnection())];
        await Parallel.ForEachAsync(connections, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (connection, cancellationToken) => await connection.ConnectAsync(server.Url, loop: loop, cancellationToken: cancellationToken));
        Assert.Equal(Count, loop.Connections);
        for (int i = 0; i < Count; i++)
        {
            Assert.NotEqual(SendResult.Closing, connections[i].Send($"I am {i}"));
        }

        for (int i = 0; i < Count; i++)
        {
            Assert.Equal($"I am {i}", ((TextMessage)await connections[i].ReceiveAsync()).Text);
        }

        Assert.Single(connections.SelectMany(connection => connection.Threads.Keys).Distinct());
        await Task.WhenAll(connections.Select(connection => connection.CloseAsync().AsTask())).WaitAsync(Link.Limit);
        await Task.WhenAll(connections.Select(connection => connection.Ended)).WaitAsync(Link.Limit);
        Assert.All(connections, connection => Assert.True(connection.Closed.Result.WasClean));
        Assert.Equal(0, loop.Connections);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_server_closes_aborts_or_vanishes(PollerKind poller, bool secure)
    {
        await using ConnectionLoop loop = NewLoop(poller);
        await using TestServer server = NewServer(secure);
        server.WhenReceived = (client, message) =>
        {
            if (((TextMessage)message).Text == "close")
            {
                client.Close((CloseCode)4001, "your wish");
            }
            else
            {
                client.Abort();
            }
        };
        await using TestConnection closed = await ConnectAsync(server, loop, secure);
        closed.Send("close");
        CloseInfo info = await closed.Ended.WaitAsync(Link.Limit);
        Assert.Equal(((CloseCode)4001, "your wish", true, CloseInitiator.Peer), (info.Code, info.Reason, info.WasClean, info.Initiator));
        Assert.Equal(SendResult.Closing, closed.Send("too late"));
        Assert.Equal(SendResult.Closing, closed.SendPing());

        await using TestConnection aborted = await ConnectAsync(server, loop, secure);
        aborted.Send("abort");
        info = await aborted.Ended.WaitAsync(Link.Limit);
        Assert.Equal((CloseCode.AbnormalClosure, false, CloseInitiator.Transport), (info.Code, info.WasClean, info.Initiator));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Aborting_ends_at_once_and_pings_pass_both_ways(PollerKind poller, bool secure)
    {
        await using ConnectionLoop loop = NewLoop(poller);
        await using TestServer server = NewServer(secure);
        server.WhenReceived = (client, message) =>
        {
            client.SendPing("from the server"u8);
            client.Send(message);
        };
        await using TestConnection connection = await ConnectAsync(server, loop, secure);
        connection.SendPing("ours"u8);
        connection.Send("ping me");
        await connection.ReceiveAsync();
        Assert.Contains("pong 4", connection.Calls);
        Assert.Contains("ping 15", connection.Calls);

        connection.Abort();
        CloseInfo info = await connection.Ended.WaitAsync(Link.Limit);
        Assert.Equal((CloseCode.AbnormalClosure, false, CloseInitiator.Local), (info.Code, info.WasClean, info.Initiator));
        Assert.False(connection.IsOpen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_that_throws_closes_its_connection_with_1011(bool later)
    {
        await using ConnectionLoop loop = NewLoop(PollerKind.Auto);
        await using TestServer server = NewServer(secure: false);
        await using var connection = new TestConnection
        {
            WhenReceived = async (_, _) =>
            {
                if (later)
                {
                    await Task.Yield();
                }

                throw new FormatException("mine");
            },
            WhenFailed = () => throw new FormatException("OnError's"),
            WhenClosed = () => throw new FormatException("OnClose's"),
        };
        await using TestConnection other = await ConnectAsync(server, loop, secure: false);
        await connection.ConnectAsync(server.Url, loop: loop);
        connection.Send("throw");
        CloseInfo info = await connection.Ended.WaitAsync(Link.Limit);
        Assert.Equal(CloseCode.InternalError, info.Code);
        Assert.Equal("mine", Assert.IsType<FormatException>(info.Exception).Message);
        Assert.Equal(["open", "sent 5", "message", "error", "close 1011"], connection.Calls);

        other.Send("still here");
        Assert.Equal("still here", $"{await other.ReceiveAsync()}");
    }

    [Fact]
    public async Task An_OnOpen_that_throws_was_open_all_the_same()
    {
        await using ConnectionLoop loop = NewLoop(PollerKind.Auto);
        await using TestServer server = NewServer(secure: false);
        await using var connection = new TestConnection { WhenOpened = () => throw new FormatException("mine") };
        await connection.ConnectAsync(server.Url, loop: loop);
        Assert.Equal(CloseCode.InternalError, (await connection.Ended.WaitAsync(Link.Limit)).Code);
        Assert.Equal(["open", "error", "close 1011"], connection.Calls);
    }

    [Fact]
    public async Task An_asynchronous_handler_holds_up_its_own_connection_only()
    {
        await using ConnectionLoop loop = NewLoop(PollerKind.Auto);
        await using TestServer server = NewServer(secure: false);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int running = 0, most = 0;
        await using var slow = new TestConnection
        {
            WhenReceived = async (_, _) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await gate.Task;
                Interlocked.Decrement(ref running);
            },
        };
        await slow.ConnectAsync(server.Url, loop: loop);
        await using TestConnection fast = await ConnectAsync(server, loop, secure: false);
        slow.Send("1");
        slow.Send("2");
        await slow.ReceiveAsync();
        fast.Send("quick");
        Assert.Equal("quick", $"{await fast.ReceiveAsync()}");
        Assert.Equal(1, slow.Calls.Count(call => call == "message"));
        gate.SetResult();
        Assert.Equal("2", $"{await slow.ReceiveAsync()}");
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Nothing_is_received_while_reading_is_paused()
    {
        await using ConnectionLoop loop = NewLoop(PollerKind.Auto);
        await using TestServer server = NewServer(secure: false);
        await using TestConnection paused = await ConnectAsync(server, loop, secure: false);
        await using TestConnection other = await ConnectAsync(server, loop, secure: false);
        paused.PauseReading();
        paused.Send("later");
        for (int i = 0; i < 5; i++)
        {
            other.Send("now");
            await other.ReceiveAsync();
        }

        Assert.DoesNotContain("message", paused.Calls);
        paused.ResumeReading();
        Assert.Equal("later", $"{await paused.ReceiveAsync()}");
    }

    [Theory]
    [InlineData(PollerKind.Epoll)]
    [InlineData(PollerKind.Portable)]
    public async Task Subprotocols_and_compression_are_agreed_on_and_used(PollerKind poller)
    {
        await using ConnectionLoop loop = NewLoop(poller);
        await using var server = new TestServer(ServerEngine.Epoll, new ServerOptions { Extensions = [new DeflateMessage()], Subprotocols = ["chat"], Loops = 1 });
        await using var connection = new TestConnection();
        await connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [new DeflateMessage()], Subprotocols = ["feed", "chat"] }, loop);
        Assert.Equal("chat", connection.Subprotocol);
        Assert.Equal("permessage-deflate", Assert.Single(connection.Extensions).Name);
        Assert.Equal(101, connection.Response!.StatusCode);
        for (int i = 0; i < 20; i++)
        {
            string text = string.Concat(Enumerable.Repeat($"over and over {i} ", 1 << (i % 12)));
            connection.Send(text, fragmentSize: i % 3 == 0 ? 1000 : 0);
            Assert.Equal(text, $"{await connection.ReceiveAsync()}");
        }
    }

    [Fact]
    public async Task Without_a_connection_there_is_nothing_to_send_to_and_an_instance_connects_once()
    {
        await using TestServer server = NewServer(secure: false);
        await using var connection = new TestConnection();
        Assert.False(connection.IsOpen);
        Assert.Equal(0, connection.BufferedBytes);
        Assert.Throws<InvalidOperationException>(() => connection.Send("where to?"));
        Assert.Throws<InvalidOperationException>(() => connection.Close());
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.Closed);

        // On the shared loop.
        await connection.ConnectAsync(server.Url);
        Assert.True(connection.IsOpen);
        Assert.Equal(server.EndPoint, connection.RemoteEndPoint);
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.ConnectAsync(server.Url).AsTask());
        Assert.Throws<ArgumentException>(() => connection.Close((CloseCode)1005, "a reason without a code"));
        Assert.Throws<ArgumentException>(() => connection.Send("x"u8, Opcode.Ping));
        await connection.DisposeAsync();
        Assert.Equal(CloseCode.NormalClosure, (await connection.Ended.WaitAsync(Link.Limit)).Code);
    }

    private static ConnectionLoop NewLoop(PollerKind poller)
    {
        Assert.SkipWhen(poller == PollerKind.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        return new ConnectionLoop(new ConnectionLoopOptions { Poller = poller });
    }

    private static TestServer NewServer(bool secure) => new(ServerEngine.Portable, new ServerOptions { Tls = secure ? Link.ServerTls : null, Loops = 1 });

    private static async Task<TestConnection> ConnectAsync(TestServer server, ConnectionLoop loop, bool secure)
    {
        var connection = new TestConnection();
        string url = secure ? server.Url.Replace("ws:", "wss:", StringComparison.Ordinal) : server.Url;
        await connection.ConnectAsync(url, new ClientOptions { Tls = secure ? Link.TrustingTls : null }, loop).AsTask().WaitAsync(Link.Limit);
        return connection;
    }

    private static byte[] Payload(int size)
    {
        byte[] payload = new byte[size];
        new Random(size).NextBytes(payload);
        return payload;
    }
}
