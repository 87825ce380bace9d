using System.Buffers.Binary;
using System.Collections.Concurrent;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>Sending and ending, from threads, from handlers to others, and from each handler.</summary>
public abstract class LoopSendTests(ServerEngine engine)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_of_many_threads_are_whole_and_in_each_ones_order(bool secure)
    {
        const int threads = 6, each = 60;
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 2, HighWaterMark = 50_000, Tls = secure ? Link.ServerTls : null });
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpen = client =>
        {
            opened.SetResult(client);
            return default;
        };
        await using Connection connection = await Connection.ConnectAsync(secure ? server.SecureUrl : server.Url, new ClientOptions { Tls = Link.TrustingTls });
        Client client = await opened.Task.WaitAsync(Link.Limit);
        Task sending = Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Link.OnThread(() =>
        {
            for (int i = 0; i < each; i++)
            {
                byte[] payload = new byte[8 + (i % 3 * 12_000)];
                BinaryPrimitives.WriteInt32LittleEndian(payload, thread);
                BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), i);
                payload.AsSpan(8).Fill((byte)thread);
                SendResult result = (i % 4) switch
                {
                    0 => client.SendAsync(payload).AsTask().GetAwaiter().GetResult(),
                    1 => client.Send(new BinaryMessage(payload), fragmentSize: 5000),
                    _ => client.Send(payload),
                };
                Assert.True(result is SendResult.Queued or SendResult.Sent, $"{result}");
                client.SendPing("between"u8);
            }
        })));
        int[] next = new int[threads];
        for (int i = 0; i < threads * each; i++)
        {
            byte[] payload = (await connection.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.ToArray();
            int thread = BinaryPrimitives.ReadInt32LittleEndian(payload);
            Assert.Equal(next[thread]++, BinaryPrimitives.ReadInt32LittleEndian(payload.AsSpan(4)));
            Assert.False(payload.AsSpan(8).ContainsAnyExcept((byte)thread));
        }

        await sending;
    }

    [Theory]
    [InlineData(10_000, false)]
    [InlineData(100_000, false)]
    [InlineData(10_000, true)]
    [InlineData(100_000, true)]
    public async Task A_view_can_be_sent_whole_and_in_part_and_stays_what_it_was(int size, bool secure)
    {
        byte[] payload = new byte[size];
        new Random(size).NextBytes(payload);
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, Tls = secure ? Link.ServerTls : null });
        server.WhenView = (client, message) =>
        {
            ReadOnlySpan<byte> view = message.Payload;
            client.Send(view);
            client.Send(view[..^1]);
            client.Send(view[1..]);
            client.Send(view[..9000]);
            client.Send(view.SequenceEqual(payload) ? "same"u8 : "altered"u8);
            client.Send(view);
        };
        await using Connection connection = await Connection.ConnectAsync(secure ? server.SecureUrl : server.Url, new ClientOptions { Tls = Link.TrustingTls });
        for (int i = 0; i < 3; i++)
        {
            await connection.SendAsync(payload);
            foreach (ReadOnlyMemory<byte> expected in new ReadOnlyMemory<byte>[] { payload, payload.AsMemory(..^1), payload.AsMemory(1..), payload.AsMemory(..9000), "same"u8.ToArray(), payload })
            {
                Message received = await connection.ReceiveAsync().AsTask().WaitAsync(Link.Limit);
                Assert.True(received.Payload.Span.SequenceEqual(expected.Span), $"{received.Payload.Length} bytes in the place of {expected.Length}");
            }
        }
    }

    [Fact]
    public async Task A_chat_reaches_everybody_across_loops()
    {
        const int people = 8, each = 20;
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 3 });
        server.WhenView = (_, message) =>
        {
            foreach (Client client in server.Clients)
            {
                client.Send(message);
            }
        };
        Connection[] all = await Task.WhenAll(Enumerable.Range(0, people).Select(_ => Connection.ConnectAsync(server.Url).AsTask()));
        await LoopServer.UntilAsync(() => server.Clients.Count == people);
        await Task.WhenAll(all.Select((person, number) => Link.OnThread(() =>
        {
            for (int i = 0; i < each; i++)
            {
                person.Send($"{number} {i}");
            }

            int[] next = new int[people];
            for (int i = 0; i < people * each; i++)
            {
                int[] words = [.. ((TextMessage)person.Receive(Link.Limit)).Text.Split(' ').Select(int.Parse)];
                Assert.Equal(next[words[0]]++, words[1]);
            }
        })));
        foreach (Connection person in all)
        {
            person.Dispose();
        }
    }

    // The loop's connections share one buffer for replies: what one leaves there must never reach another.
    [Theory]
    [InlineData("abort")]
    [InlineData("throw")]
    [InlineData("mark")]
    public async Task What_a_client_that_is_broken_off_was_to_get_reaches_nobody_else(string how)
    {
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, Backpressure = BackpressurePolicy.Close, HighWaterMark = 1000 });
        server.WhenView = (client, message) =>
        {
            if (message.Opcode == Opcode.Text)
            {
                client.Send(message);
                return;
            }

            client.Send("secret"u8);
            switch (how)
            {
                case "abort":
                    client.Abort();
                    break;
                case "throw":
                    client.Abort();
                    throw new InvalidOperationException("as the test wants it");
                default:
                    client.Close();
                    client.Abort();
                    break;
            }
        };
        using RawClient other = await server.OpenRawAsync();
        for (int i = 0; i < 5; i++)
        {
            using RawClient client = await server.OpenRawAsync();
            client.Send(LoopServer.Wire.Binary("x"u8));
            await LoopServer.UntilAsync(() => server.Ends.Count == i + 1);
            other.Send(LoopServer.Wire.Text("mine"));
            Assert.Equal([0x81, 4, .. "mine"u8], await other.ReadAsync(6));
        }
    }

    [Theory]
    [InlineData("open")]
    [InlineData("message")]
    [InlineData("ping")]
    [InlineData("pong")]
    [InlineData("sent")]
    [InlineData("error")]
    [InlineData("close")]
    public async Task A_handler_that_throws_ends_its_own_client_once(string handler)
    {
        await using var server = new TellingServer(engine, new ServerOptions { Loops = 1 });
        bool ThrowIf(string name, Client client) =>
            handler == name && client.Id == 1 ? throw new InvalidOperationException($"as the test wants it in {name}") : true;
        server.WhenOpen = client => ThrowIf("open", client) ? default : default;
        server.WhenView = (client, message) =>
        {
            ThrowIf(handler == "error" ? "error" : "message", client);
            client.Send(message);
        };
        server.WhenPing = (client, _) => ThrowIf("ping", client);
        server.WhenPong = (client, _) => ThrowIf("pong", client);
        server.WhenSent = (client, _) => ThrowIf("sent", client);
        server.WhenError = (client, _) => ThrowIf("error", client);
        server.WhenClose = (client, _) => ThrowIf("close", client);
        using RawClient raw = await server.OpenRawAsync();
        raw.Send([.. LoopServer.Wire.Ping(), .. LoopServer.Wire.Pong(), .. LoopServer.Wire.Text("one"), .. LoopServer.Wire.Text("two")]);
        await server.EchoAsync();
        raw.Send(LoopServer.Wire.Close(1000));
        string all = await raw.ReadToEndAsync();
        Assert.EndsWith(handler == "close" ? "\x88\x02\x03\xE8" : "\x88\x02\x03\xF3", all, StringComparison.Ordinal);
        await server.EchoAsync();
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Single(server.Calls, "open 1");
        Assert.Single(server.Calls, "close 1");

        // Each message that was taken is told of, so each may throw.
        Assert.InRange(server.Calls.Count(call => call == "error 1 InvalidOperationException"), handler == "close" ? 0 : 1, handler == "close" ? 0 : handler == "sent" ? 2 : 1);
    }

    [Theory]
    [InlineData("open", "close")]
    [InlineData("open", "abort")]
    [InlineData("message", "close")]
    [InlineData("message", "abort")]
    [InlineData("ping", "close")]
    [InlineData("ping", "abort")]
    [InlineData("sent", "close")]
    [InlineData("sent", "abort")]
    [InlineData("error", "close")]
    [InlineData("error", "abort")]
    [InlineData("close", "close")]
    [InlineData("close", "abort")]
    [InlineData("message", "stop")]
    [InlineData("close", "stop")]
    public async Task Each_handler_may_end_its_own_client(string handler, string how)
    {
        await using var server = new TellingServer(engine, new ServerOptions { Loops = 1 });
        void EndIf(string name, Client client)
        {
            if (handler != name || client.Id != 1)
            {
                return;
            }

            switch (how)
            {
                case "close":
                    client.Close(CloseCode.PolicyViolation, "enough");
                    client.Close();
                    Assert.Equal(SendResult.Closing, client.Send("too late"));
                    break;
                case "abort":
                    client.Abort();
                    client.Abort();
                    Assert.Equal(SendResult.Closing, client.Send("too late"));
                    break;
                default:
                    Assert.True(server.StopAsync().IsCompleted);
                    break;
            }
        }

        server.WhenOpen = client =>
        {
            EndIf("open", client);
            return default;
        };
        server.WhenView = (client, message) =>
        {
            EndIf("message", client);
            if (handler == "error")
            {
                throw new InvalidOperationException("as the test wants it");
            }

            client.Send(message);
        };
        server.WhenPing = (client, _) => EndIf("ping", client);
        server.WhenSent = (client, _) => EndIf("sent", client);
        server.WhenError = (client, _) => EndIf("error", client);
        server.WhenClose = (client, _) => EndIf("close", client);
        using var raw = new RawClient(server.EndPoint);
        raw.Send(RawClient.Upgrade());
        try
        {
            raw.Send([.. LoopServer.Wire.Ping(), .. LoopServer.Wire.Text("one"), .. LoopServer.Wire.Text("two"), .. LoopServer.Wire.Close(1000)]);
            string all = await raw.ReadToEndAsync();
            Assert.DoesNotContain("too late", all, StringComparison.Ordinal);
        }
        catch (System.Net.Sockets.SocketException)
        {
            Assert.Equal("abort", how);
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Single(server.Calls, "open 1");
        Assert.Single(server.Calls, "close 1");
        Assert.Equal("close 1", server.Calls.Last());
    }

    // A loop has others to serve: it does not wait for a client of another loop any more than for one of its own.
    [Fact]
    public async Task A_handler_never_blocks_on_a_client_of_another_loop()
    {
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 2, HighWaterMark = 50_000, SendTimeout = Timeout.InfiniteTimeSpan, CloseTimeout = TimeSpan.FromSeconds(1) });
        (RawClient stalled, Client target) = await server.OpenPairAsync(receiveBuffer: 4096);
        byte[] chunk = new byte[40_000];
        await LoopServer.FillAsync(target, 40_000, 50_000);
        var results = new ConcurrentQueue<SendResult>();
        server.WhenView = (client, message) =>
        {
            results.Enqueue(target.Send(chunk));
            client.Send(message);
        };
        for (int i = 0; i < 20; i++)
        {
            await server.EchoAsync();
        }

        Assert.Contains(SendResult.Dropped, results);
        stalled.Dispose();
    }
}

public sealed class EpollLoopSendTests() : LoopSendTests(ServerEngine.Epoll);

public sealed class PortableLoopSendTests() : LoopSendTests(ServerEngine.Portable);
