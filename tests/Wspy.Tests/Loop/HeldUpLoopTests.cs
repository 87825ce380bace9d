using System.Buffers.Binary;
using System.Collections.Concurrent;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>A loop that a handler holds up, and one whose handlers always have more to send.</summary>
public abstract class HeldUpLoopTests(ServerEngine engine)
{
    private const int Mark = 200_000;
    private const int Chunk = 40_000;

    /// <summary>As many posts of one connection as may wait, whatever they carry.</summary>
    private const int MostPosts = 16 * 1024;

    [Theory]
    [InlineData(BackpressurePolicy.DropNewest, false)]
    [InlineData(BackpressurePolicy.DropNewest, true)]
    [InlineData(BackpressurePolicy.DropOldest, false)]
    [InlineData(BackpressurePolicy.DropOldest, true)]
    [InlineData(BackpressurePolicy.Close, false)]
    [InlineData(BackpressurePolicy.Close, true)]
    public async Task What_other_threads_send_meanwhile_stays_within_the_mark(BackpressurePolicy policy, bool prepared)
    {
        const int total = 100;
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, HighWaterMark = Mark, Backpressure = policy });
        (RawClient raw, Client client) = await server.OpenPairAsync();
        var results = new List<SendResult>();
        await HoldUpAsync(server, () =>
        {
            for (int i = 0; i < total; i++)
            {
                results.Add(prepared ? client.Send(new PreparedMessage(new BinaryMessage(Numbered(i)))) : client.Send(Numbered(i)));
                Assert.InRange(client.BufferedBytes, 0, Mark);
            }
        });
        client.Close();
        if (policy == BackpressurePolicy.Close)
        {
            CloseInfo info = await client.Closed.WaitAsync(Link.Limit);
            LimitExceededException exceeded = Assert.IsType<LimitExceededException>(info.Exception);
            Assert.Equal((nameof(WebSocketOptions.HighWaterMark), (long)Mark), (exceeded.LimitName, exceeded.Limit));
            Assert.Equal([.. Enumerable.Repeat(SendResult.Queued, Mark / Chunk), .. Enumerable.Repeat(SendResult.Closing, total - (Mark / Chunk))], results);
            return;
        }

        var numbers = new List<int>();
        while (true)
        {
            byte[] head = await raw.ReadAsync(4);
            if (head[0] == 0x88)
            {
                break;
            }

            numbers.Add(BinaryPrimitives.ReadInt32LittleEndian(await raw.ReadAsync(Chunk)));
        }

        bool newest = policy == BackpressurePolicy.DropNewest;
        Assert.Equal(newest ? Mark / Chunk : total, results.Count(result => result == SendResult.Queued));
        Assert.Equal(Enumerable.Range(newest ? 0 : total - numbers.Count, numbers.Count), numbers);
        Assert.InRange(numbers.Count, 1, Mark / Chunk);
        raw.Dispose();
    }

    [Theory]
    [InlineData(BackpressurePolicy.Wait)]
    [InlineData(BackpressurePolicy.DropNewest)]
    [InlineData(BackpressurePolicy.DropOldest)]
    public async Task What_weighs_nothing_is_bounded_by_its_number(BackpressurePolicy policy)
    {
        const int total = MostPosts + 100;
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, Backpressure = policy });
        (RawClient raw, Client client) = await server.OpenPairAsync();
        Task<int> queueing = Task.FromResult(0);
        int pings = 0;
        await HoldUpAsync(server, () =>
        {
            for (int i = 0; i < 50; i++)
            {
                pings += client.SendPing() == SendResult.Queued ? 1 : 0;
            }

            queueing = Link.OnThread(() => Enumerable.Range(0, total).Count(_ => client.Send([]) == SendResult.Queued));
            if (policy == BackpressurePolicy.Wait)
            {
                // It is about to wait when it has sent that many.
                Assert.False(queueing.Wait(TimeSpan.FromMilliseconds(200)));
            }
            else
            {
                queueing.Wait(Link.Limit);
                Assert.Equal(SendResult.Dropped, client.SendPing());
            }
        });
        int queued = await queueing;
        Assert.Equal(50, pings);
        Assert.Equal(policy == BackpressurePolicy.DropNewest ? MostPosts - 50 : total, queued);
        int arrive = policy == BackpressurePolicy.Wait ? total : MostPosts - 50;
        byte[] all = await raw.ReadAsync(2 * (50 + arrive));
        Assert.Equal(50, Enumerable.Range(0, 50 + arrive).Count(i => all[2 * i] == 0x89));
        Assert.Equal(arrive, Enumerable.Range(0, 50 + arrive).Count(i => all[2 * i] == 0x82));
        await server.EchoAsync();
        raw.Dispose();
    }

    [Fact]
    public async Task An_OnSent_that_sends_again_each_time_holds_up_nobody()
    {
        await using var server = new TellingServer(engine, new ServerOptions { Loops = 1 });
        (RawClient raw, Client client) = await server.OpenPairAsync();
        byte[] chunk = new byte[1000];
        server.WhenSent = (sender, _) =>
        {
            if (sender == client)
            {
                client.Send(chunk);
            }
        };
        Task reading = raw.DrainAsync(CancellationToken.None);
        client.Send(chunk);
        for (int i = 0; i < 5; i++)
        {
            await server.EchoAsync();
        }

        Assert.False(reading.IsCompleted);
        client.Abort();
        await reading.WaitAsync(Link.Limit);
        raw.Dispose();
    }

    [Fact]
    public async Task Two_whose_OnSent_sends_to_each_other_hold_up_nobody()
    {
        await using var server = new TellingServer(engine, new ServerOptions { Loops = 1 });
        (RawClient firstRaw, Client first) = await server.OpenPairAsync();
        (RawClient secondRaw, Client second) = await server.OpenPairAsync();
        long told = 0;
        server.WhenSent = (sender, message) =>
        {
            Client? other = sender == first ? second : sender == second ? first : null;
            if (other is not null)
            {
                told++;
                other.Send(message);
            }
        };
        Task[] reading = [firstRaw.DrainAsync(CancellationToken.None), secondRaw.DrainAsync(CancellationToken.None)];
        first.Send(new byte[100]);
        for (int i = 0; i < 5; i++)
        {
            await server.EchoAsync();
        }

        Assert.True(Interlocked.Read(ref told) > 5);
        first.Abort();
        second.Abort();
        await Task.WhenAll(reading).WaitAsync(Link.Limit);
        firstRaw.Dispose();
        secondRaw.Dispose();
    }

    // Runs the action while a handler of another client blocks the loop.
    private static async Task HoldUpAsync(LoopServer server, Action meanwhile)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        server.WhenView = (_, _) =>
        {
            entered.TrySetResult();
            release.Wait();
        };
        using RawClient blocker = await server.OpenRawAsync();
        blocker.Send(LoopServer.Wire.Text("x"));
        await entered.Task.WaitAsync(Link.Limit);
        try
        {
            await Link.OnThread(meanwhile);
        }
        finally
        {
            server.WhenView = null;
            release.Set();
        }
    }

    private static byte[] Numbered(int number)
    {
        byte[] payload = new byte[Chunk];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return payload;
    }
}

public sealed class EpollHeldUpLoopTests() : HeldUpLoopTests(ServerEngine.Epoll);

public sealed class PortableHeldUpLoopTests() : HeldUpLoopTests(ServerEngine.Portable);
