using Microsoft.Extensions.Time.Testing;
using Wspy.Extensions;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Connections that send nothing for a while give up what they compress with.</summary>
public abstract class IdleCompressionTests(ServerEngine engine)
{
    private static readonly string Text = string.Concat(Enumerable.Repeat("again and ", 100));

    [Fact]
    public async Task Memory_is_released_after_ReleaseAfter_and_taken_again()
    {
        var time = new FakeTimeProvider();
        var memory = new DeflateMemory(100 << 20);
        var options = new DeflateMessageOptions { Memory = memory, ReleaseAfter = TimeSpan.FromSeconds(2) };
        await using var server = new TestServer(engine, new ServerOptions { TimeProvider = time, Extensions = [new DeflateMessage(options)] });
        await using Connection client = await Connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [new DeflateMessage()] });
        Assert.Equal(DeflateMemory.InflaterSize, memory.Used);
        for (int round = 0; round < 3; round++)
        {
            await client.SendAsync(Text);
            Assert.Equal(Text, (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
            Assert.True(memory.Used > DeflateMemory.InflaterSize);
            time.Advance(TimeSpan.FromSeconds(1));
            await client.SendAsync(Text);
            Assert.Equal(Text, (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());

            // Twice: a timer that came too early for the last message comes once more.
            await AdvanceUntilAsync(time, () => memory.Used == DeflateMemory.InflaterSize);
        }
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider time, Func<bool> condition)
    {
        time.Advance(TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(2));
        using var limit = new CancellationTokenSource(Link.Limit);
        while (!condition())
        {
            // The loop looks at a clock that is not the system's from time to time.
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}

public sealed class ThreadedIdleCompressionTests() : IdleCompressionTests(ServerEngine.Threads);

public sealed class EpollIdleCompressionTests() : IdleCompressionTests(ServerEngine.Epoll);

public sealed class PortableIdleCompressionTests() : IdleCompressionTests(ServerEngine.Portable);
