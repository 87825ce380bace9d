using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Wspy.Extensions;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>A peer that does not read: what waits for it is bounded, and nobody else notices.</summary>
public abstract class BackpressureTests(ServerEngine engine)
{
    private const int Mark = 200_000;
    private const int Chunk = 40_000;

    private static ServerOptions Options(BackpressurePolicy policy) => new()
    {
        Loops = 1,
        HighWaterMark = Mark,
        Backpressure = policy,
        CloseTimeout = TimeSpan.FromSeconds(20),
    };

    // What the portable poller's sockets hold themselves comes on top.
    private static long Most => Mark + (64 * 1024) + 10 * 14;

    [Fact]
    public async Task Wait_holds_up_the_sender_until_the_peer_reads()
    {
        await using var server = new LoopServer(engine, Options(BackpressurePolicy.Wait));
        (RawClient raw, Client client) = await server.OpenPairAsync(receiveBuffer: 4096);
        int sent = 0, total = 300;
        Task sending = Link.OnThread(() =>
        {
            for (int i = 0; i < total; i++)
            {
                Assert.NotEqual(SendResult.Dropped, i % 2 == 0 ? client.Send(Numbered(i)) : client.SendAsync(Numbered(i)).AsTask().GetAwaiter().GetResult());
                Assert.InRange(client.BufferedBytes, 0, Most);
                Interlocked.Increment(ref sent);
            }
        });
        await LoopServer.UntilAsync(() => client.BufferedBytes > Mark / 2);
        await server.EchoAsync();
        Assert.False(sending.IsCompleted);
        for (int i = 0; i < total; i++)
        {
            Assert.Equal(i, Number(await raw.ReadAsync(Chunk + 4)));
        }

        await sending;
        await LoopServer.UntilAsync(() => client.BufferedBytes == 0);
        raw.Dispose();
    }

    [Fact]
    public async Task SendAsync_can_be_cancelled_and_ends_with_the_client()
    {
        await using var server = new LoopServer(engine, Options(BackpressurePolicy.Wait));
        (RawClient raw, Client client) = await server.OpenPairAsync(receiveBuffer: 4096);
        await LoopServer.FillAsync(client, Chunk, Mark);
        Task<SendResult> waiting = client.SendAsync(new byte[Chunk]).AsTask();
        using var source = new CancellationTokenSource();
        Task<SendResult> cancelled = client.SendAsync(new byte[Chunk], cancellationToken: source.Token).AsTask();
        Assert.False(cancelled.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Link.Limit));
        client.Abort();
        Assert.Equal(SendResult.Closing, await waiting.WaitAsync(Link.Limit));
        raw.Dispose();
    }

    [Theory]
    [InlineData(BackpressurePolicy.DropNewest, false)]
    [InlineData(BackpressurePolicy.DropNewest, true)]
    [InlineData(BackpressurePolicy.DropOldest, false)]
    [InlineData(BackpressurePolicy.DropOldest, true)]
    [InlineData(BackpressurePolicy.Wait, true)]
    public async Task Dropping_keeps_the_right_messages_whole_and_within_the_mark(BackpressurePolicy policy, bool onLoop)
    {
        const int total = 400;
        await using var server = new LoopServer(engine, Options(policy));
        (RawClient raw, Client client) = await server.OpenPairAsync(receiveBuffer: 4096);
        var results = new ConcurrentQueue<SendResult>();
        long most = 0;
        void SendAll()
        {
            for (int i = 0; i < total; i++)
            {
                results.Enqueue(client.Send(Numbered(i)));
                most = Math.Max(most, client.BufferedBytes);
            }
        }

        if (onLoop)
        {
            // In a handler of another client, all in one turn of the loop.
            server.WhenView = (other, message) =>
            {
                if (results.IsEmpty)
                {
                    SendAll();
                }

                other.Send(message);
            };
            await server.EchoAsync();
        }
        else
        {
            await Link.OnThread(SendAll);
        }

        client.Close();
        var numbers = new List<int>();
        while (true)
        {
            byte[] head = await raw.ReadAsync(4);
            if (head[0] == 0x88)
            {
                break;
            }

            byte[] payload = await raw.ReadAsync(Chunk);
            numbers.Add(BinaryPrimitives.ReadInt32LittleEndian(payload));
            Assert.False(payload.AsSpan(4).ContainsAnyExcept((byte)(numbers[^1] % 251)));
        }

        Assert.Equal(numbers.Order().Distinct(), numbers);
        Assert.True(numbers.Count < total, "nothing was dropped");
        if (policy == BackpressurePolicy.DropOldest)
        {
            // The last ones are there.
            Assert.Equal(Enumerable.Range(total - 3, 3), numbers[^3..]);
        }
        else if (onLoop)
        {
            Assert.Equal(Enumerable.Range(0, 4), numbers[..4]);
            Assert.Equal(results.Count(result => result != SendResult.Dropped), numbers.Count);
        }

        if (onLoop)
        {
            Assert.InRange(most, 1, Most);
        }

        raw.Dispose();
    }

    // RFC 7692 §7.1.1.1: both ends remember the last 32 KiB; a compressed message that never arrives would garble all later ones.
    [Fact]
    public async Task DropOldest_never_drops_what_a_compressor_remembers()
    {
        await using var server = new LoopServer(engine, Options(BackpressurePolicy.DropOldest) with { Extensions = [new DeflateMessage()] });
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpen = opened.SetFrom;
        await using Connection connection = await Connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [new DeflateMessage()] });
        Client client = await opened.Task.WaitAsync(Link.Limit);
        byte[] noise = new byte[30_000];
        new Random(1).NextBytes(noise);
        var results = new List<SendResult>();
        await Link.OnThread(() =>
        {
            for (int i = 0; i < 600; i++)
            {
                new Random(i).NextBytes(noise.AsSpan(0, 20_000));
                BinaryPrimitives.WriteInt32LittleEndian(noise, i);
                results.Add(client.Send(noise));
            }
        });
        client.Close();
        int last = -1, count = 0;
        try
        {
            while (true)
            {
                byte[] payload = (await connection.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.ToArray();
                int number = BinaryPrimitives.ReadInt32LittleEndian(payload);
                Assert.True(number > last);
                new Random(last = number).NextBytes(noise.AsSpan(0, 20_000));
                Assert.True(payload.AsSpan(4).SequenceEqual(noise.AsSpan(4)));
                count++;
            }
        }
        catch (ConnectionClosedException exception)
        {
            Assert.Equal(CloseCode.NormalClosure, exception.CloseInfo.Code);
        }

        Assert.InRange(count, 5, 599);
    }

    [Fact]
    public async Task Close_ends_the_client_that_is_too_slow()
    {
        await using var server = new LoopServer(engine, Options(BackpressurePolicy.Close));
        (RawClient raw, Client client) = await server.OpenPairAsync(receiveBuffer: 4096);
        await Link.OnThread(() =>
        {
            while (client.Send(new byte[Chunk]) != SendResult.Closing)
            {
            }
        });
        CloseInfo info = await client.Closed.WaitAsync(Link.Limit);
        LimitExceededException exceeded = Assert.IsType<LimitExceededException>(info.Exception);
        Assert.Contains("HighWaterMark", exceeded.Message, StringComparison.Ordinal);
        Assert.Equal(CloseCode.AbnormalClosure, info.Code);
        await server.EchoAsync();
        raw.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SendTimeout_ends_a_client_that_takes_nothing_and_no_other(bool secure)
    {
        var clock = new FakeTimeProvider();
        ServerOptions options = Options(BackpressurePolicy.DropNewest) with
        {
            TimeProvider = clock,
            SendTimeout = TimeSpan.FromSeconds(5),
            PingInterval = Timeout.InfiniteTimeSpan,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            Tls = secure ? Link.ServerTls : null,
        };
        await using var server = new LoopServer(engine, options);
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpen = opened.SetFrom;
        await using Connection connection = await Connection.ConnectAsync(secure ? server.SecureUrl : server.Url, new ClientOptions { Tls = Link.TrustingTls });
        Client client = await opened.Task.WaitAsync(Link.Limit);

        // Long after the last progress, of which there was none yet: only waiting counts.
        clock.Advance(TimeSpan.FromSeconds(100));
        await LoopServer.FillAsync(client, Chunk, Mark);
        clock.Advance(TimeSpan.FromSeconds(4));
        client.SendPing();
        await LoopServer.UntilAsync(() => client.BufferedBytes > 0);
        Assert.True(client.IsOpen);

        // On a busy machine the system may have taken all of it only now: more is sent until something stays.
        await LoopServer.UntilAsync(() => !client.IsOpen, () =>
        {
            client.Send(new byte[Chunk]);
            clock.Advance(TimeSpan.FromSeconds(1));
        });
        CloseInfo info = await client.Closed.WaitAsync(Link.Limit);
        Assert.Contains("SendTimeout", Assert.IsType<TimeoutException>(info.Exception).Message, StringComparison.Ordinal);
        connection.Abort();
    }

    // A few bytes that the system did not take are waited for from then on, and not from some time long ago.
    [Fact]
    public async Task A_peer_that_reads_slowly_over_TLS_is_not_ended()
    {
        var clock = new FakeTimeProvider();
        await using var server = new LoopServer(engine, Options(BackpressurePolicy.Wait) with
        {
            HighWaterMark = 1 << 26,
            TimeProvider = clock,
            SendTimeout = TimeSpan.FromSeconds(30),
            PingInterval = TimeSpan.FromSeconds(1),
            PingTimeout = Timeout.InfiniteTimeSpan,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            Tls = Link.ServerTls,
        });
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpen = opened.SetFrom;
        await using Connection connection = await Connection.ConnectAsync(server.SecureUrl, new ClientOptions { Tls = Link.TrustingTls });
        Client client = await opened.Task.WaitAsync(Link.Limit);
        clock.Advance(TimeSpan.FromSeconds(200));
        int count = 0;
        for (int full = 0; full < 10;)
        {
            if (client.BufferedBytes < 100_000)
            {
                client.Send(new byte[Chunk]);
                count++;
                full = 0;
            }
            else
            {
                full++;
                await Task.Delay(2);
            }
        }

        for (int i = 0; i < 20; i++)
        {
            // The sweep looks at it, for its ping.
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        Assert.True(client.IsOpen);
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(Chunk, (await connection.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.Length);
        }
    }

    // Pongs are output like any other: who asks for them without reading them is not read any more.
    [Fact]
    public async Task A_flood_of_pings_is_bounded()
    {
        await using var server = new LoopServer(engine, Options(BackpressurePolicy.Wait));
        (RawClient raw, Client client) = await server.OpenPairAsync(receiveBuffer: 4096);
        byte[] pings = [.. Enumerable.Range(0, 500).SelectMany(_ => LoopServer.Wire.Ping(new string('x', 125)))];
        long most = 0;
        using var stop = new CancellationTokenSource();
        Task flooding = Task.Run(async () =>
        {
            for (int i = 0; i < 400 && !stop.IsCancellationRequested; i++)
            {
                await raw.SendAsync(pings, stop.Token);
            }
        });
        await LoopServer.UntilAsync(() => client.BufferedBytes >= Mark);
        for (int i = 0; i < 50; i++)
        {
            most = Math.Max(most, client.BufferedBytes);
            await server.EchoAsync();
        }

        Assert.InRange(most, Mark, Mark + (600 * 1024));
        Assert.False(flooding.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flooding);
        raw.Dispose();
    }

    [Fact]
    public async Task An_echo_of_a_peer_that_does_not_read_pauses_and_loses_nothing()
    {
        const int total = 400;
        await using var server = new LoopServer(engine, Options(BackpressurePolicy.Wait));
        (RawClient raw, Client client) = await server.OpenPairAsync(receiveBuffer: 4096);
        using RawClient neighbour = await server.OpenRawAsync();
        Task flooding = Task.Run(async () =>
        {
            for (int i = 0; i < total; i++)
            {
                await raw.SendAsync(LoopServer.Wire.Binary(Numbered(i)), CancellationToken.None);
            }
        });
        await LoopServer.UntilAsync(() => client.BufferedBytes >= Mark || flooding.IsCompleted);
        for (int i = 0; i < total; i++)
        {
            Assert.Equal(i, Number(await raw.ReadAsync(Chunk + 4)));

            // The one buffer for replies is used in between by somebody else.
            neighbour.Send(LoopServer.Wire.Text("mine"));
            Assert.Equal([0x81, 4, .. "mine"u8], await neighbour.ReadAsync(6));
        }

        await flooding.WaitAsync(Link.Limit);
        raw.Dispose();
    }

    [Fact]
    public async Task PauseReading_and_ResumeReading_in_the_order_of_the_calls()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1 });
        server.WhenView = (client, message) =>
        {
            seen.Enqueue(System.Text.Encoding.UTF8.GetString(message.Payload));
            if (seen.Count == 1)
            {
                client.PauseReading();
                client.ResumeReading();
                client.PauseReading();
            }
        };
        (RawClient raw, Client client) = await server.OpenPairAsync();
        raw.Send([.. LoopServer.Wire.Text("1"), .. LoopServer.Wire.Text("2"), .. LoopServer.Wire.Ping("p")]);
        server.WhenOpen = null;
        (RawClient second, Client other) = await server.OpenPairAsync();
        second.Send(LoopServer.Wire.Ping("q"));
        Assert.Equal([0x8A, 1, (byte)'q'], await second.ReadAsync(3));
        Assert.Equal(["1"], seen);
        client.ResumeReading();
        Assert.Equal([0x8A, 1, (byte)'p'], await raw.ReadAsync(3));
        Assert.Equal(["1", "2"], seen);
        client.PauseReading();
        client.ResumeReading();
        raw.Send(LoopServer.Wire.Ping("r"));
        Assert.Equal([0x8A, 1, (byte)'r'], await raw.ReadAsync(3));
        raw.Dispose();
        second.Dispose();
        Assert.NotSame(client, other);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnSent_is_told_once_for_each_message_in_order(bool onLoop)
    {
        var told = new ConcurrentQueue<Message>();
        await using var server = new TellingServer(engine, Options(BackpressurePolicy.Wait));
        server.WhenSent = (_, message) => told.Enqueue(message);
        server.WhenOpen = null;
        Message[] messages = [.. Enumerable.Range(0, 40).Select(i => new BinaryMessage(new byte[i % 5 == 4 ? 300_000 : i * 10]))];
        (RawClient raw, Client client) = await server.OpenPairAsync(receiveBuffer: 4096);
        void SendAll()
        {
            for (int i = 0; i < messages.Length; i++)
            {
                client.Send(messages[i], fragmentSize: i % 3 == 0 ? 1000 : 0);
            }
        }

        Task sending;
        if (onLoop)
        {
            server.WhenView = (_, _) => SendAll();
            raw.Send(LoopServer.Wire.Text("go"));
            sending = Task.CompletedTask;
        }
        else
        {
            sending = Link.OnThread(SendAll);
        }

        using var limit = new CancellationTokenSource(Link.Limit);
        Task draining = raw.DrainAsync(limit.Token);
        await sending;
        await LoopServer.UntilAsync(() => told.Count >= messages.Length);
        server.WhenView = null;
        await server.EchoAsync();
        client.Abort();
        await draining;
        Assert.Equal(messages, told.Take(messages.Length));
        raw.Dispose();
    }

    private static byte[] Numbered(int number)
    {
        byte[] payload = new byte[Chunk];
        payload.AsSpan().Fill((byte)(number % 251));
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return payload;
    }

    private static int Number(byte[] frame)
    {
        Assert.Equal([0x82, 126, Chunk >> 8, Chunk & 0xFF], frame[..4]);
        int number = BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(4));
        Assert.False(frame.AsSpan(8).ContainsAnyExcept((byte)(number % 251)));
        return number;
    }
}

public sealed class EpollBackpressureTests() : BackpressureTests(ServerEngine.Epoll);

public sealed class PortableBackpressureTests() : BackpressureTests(ServerEngine.Portable);
