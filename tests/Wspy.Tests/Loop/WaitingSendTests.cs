using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>Sends that wait for room: many at once, of which few have room at a time.</summary>
public abstract class WaitingSendTests(ServerEngine engine)
{
    private const int Size = 60 * 1024;
    private const int Senders = 16;
    private const int Each = 300;

    [Fact]
    public async Task SendAsync_waits_without_a_thread_however_many_want_the_same_room()
    {
        var clock = new ThreadPoolClock();
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, TimeProvider = clock, HighWaterMark = Size });
        (RawClient raw, Client client) = await server.OpenPairAsync();
        int asked = clock.Asked;
        Task<byte[]> all = raw.ReadAsync(Senders * Each * (Size + 4));
        Task<SendResult[]>[] senders = [.. Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            var results = new SendResult[Each];
            for (int i = 0; i < Each; i++)
            {
                results[i] = await client.SendAsync(new byte[Size]);
            }

            return results;
        }))];
        SendResult[][] outcome = await Task.WhenAll(senders).WaitAsync(Link.Limit);
        await all.WaitAsync(Link.Limit);
        Assert.DoesNotContain(outcome, static results => results.Any(static result => result is SendResult.Dropped or SendResult.Closing));

        // Who blocks looks at the clock, to know for how long.
        Assert.Equal(asked, clock.Asked);
        raw.Dispose();
    }

    private sealed class ThreadPoolClock : TimeProvider
    {
        private int _asked;

        /// <summary>How often threads of the pool asked it.</summary>
        public int Asked => _asked;

        public override long GetTimestamp()
        {
            if (Thread.CurrentThread.IsThreadPoolThread)
            {
                Interlocked.Increment(ref _asked);
            }

            return base.GetTimestamp();
        }
    }
}

public sealed class EpollWaitingSendTests() : WaitingSendTests(ServerEngine.Epoll);

public sealed class PortableWaitingSendTests() : WaitingSendTests(ServerEngine.Portable);
