using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>Pings, silence and what may not take longer, on a clock of the test's.</summary>
public abstract class LoopTimerTests(ServerEngine engine)
{
    private readonly FakeTimeProvider _clock = new();

    private ServerOptions Options => new()
    {
        Loops = 1,
        TimeProvider = _clock,
        PingInterval = TimeSpan.FromSeconds(30),
        PingTimeout = TimeSpan.FromSeconds(20),
        IdleTimeout = TimeSpan.FromSeconds(100),
    };

    [Fact]
    public async Task A_silent_peer_is_pinged_and_then_lost()
    {
        await using var server = new LoopServer(engine, Options);
        (RawClient raw, Client client) = await server.OpenPairAsync();
        await AdvanceAsync(31);
        Assert.Equal([0x89, 0], await raw.ReadAsync(2));
        await AdvanceAsync(18);
        Assert.True(client.IsOpen);
        await LoopServer.UntilAsync(() => !client.IsOpen, () => _clock.Advance(TimeSpan.FromSeconds(1)));
        CloseInfo info = await client.Closed.WaitAsync(Link.Limit);
        Assert.Equal(CloseCode.AbnormalClosure, info.Code);
        Assert.IsType<PingTimeoutException>(info.Exception);
        raw.Dispose();
    }

    // A peer behind a thin line gets the ping when it has taken what was sent before.
    [Fact]
    public async Task Who_takes_slowly_what_is_before_the_ping_is_not_lost()
    {
        const int Size = 32 << 20;
        await using var server = new LoopServer(engine, Options with { HighWaterMark = 2 * Size, SendTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = Timeout.InfiniteTimeSpan });
        (RawClient raw, Client client) = await server.OpenPairAsync();
        client.Send(new byte[Size]);
        await LoopServer.UntilAsync(() => client.BufferedBytes is > 0 and < Size);
        await AdvanceAsync(31);
        int unread = Size + 10;
        for (int i = 0; i < 4; i++)
        {
            for (long before = client.BufferedBytes; client.BufferedBytes >= before; unread -= 1 << 16)
            {
                await raw.ReadAsync(1 << 16);
            }

            await AdvanceAsync(15);
            Assert.True(client.IsOpen);
        }

        Assert.NotEqual(0, client.BufferedBytes);
        await raw.ReadAsync(unread);
        Assert.Equal([0x89, 0], await raw.ReadAsync(2));
        await LoopServer.UntilAsync(() => !client.IsOpen, () => _clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.IsType<PingTimeoutException>((await client.Closed.WaitAsync(Link.Limit)).Exception);
        raw.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_it_sends_keeps_a_peer(bool answers)
    {
        await using var server = new LoopServer(engine, Options);
        (RawClient raw, Client client) = await server.OpenPairAsync();
        int pongs = 0;
        server.WhenPong = (_, _) => Interlocked.Increment(ref pongs);
        for (int i = 0; i < 5; i++)
        {
            await AdvanceAsync(31);
            Assert.Equal([0x89, 0], await raw.ReadAsync(2));
            await AdvanceAsync(15);
            if (answers)
            {
                raw.Send(LoopServer.Wire.Pong());
                await LoopServer.UntilAsync(() => Volatile.Read(ref pongs) == i + 1);
            }
            else
            {
                raw.Send(LoopServer.Wire.Text("x"));
                Assert.Equal([0x81, 1, (byte)'x'], await raw.ReadAsync(3));
            }
        }

        Assert.True(client.IsOpen);
        raw.Dispose();
    }

    [Fact]
    public async Task Without_pings_silence_is_closed_with_1001()
    {
        await using var server = new LoopServer(engine, Options with { PingInterval = Timeout.InfiniteTimeSpan });
        (RawClient raw, Client client) = await server.OpenPairAsync();
        await AdvanceAsync(95);
        Assert.True(client.IsOpen);
        await LoopServer.UntilAsync(() => !client.IsOpen, () => _clock.Advance(TimeSpan.FromSeconds(1)));
        byte[] head = await raw.ReadAsync(4);
        Assert.Equal((0x88, 0x03, 0xE9), (head[0], head[2], head[3]));
        raw.Send(LoopServer.Wire.Close(1001));
        raw.Dispose();
        Assert.True((await client.Closed.WaitAsync(Link.Limit)).WasClean);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_is_not_judged_while_nothing_is_read_and_afresh_after_that(bool byHandler)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new LoopServer(engine, Options);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenMessage = (client, _) =>
        {
            entered.TrySetResult();
            if (byHandler)
            {
                return new ValueTask(gate.Task);
            }

            client.PauseReading();
            return default;
        };
        (RawClient raw, Client client) = await server.OpenPairAsync();
        raw.Send(LoopServer.Wire.Text("x"));
        await entered.Task.WaitAsync(Link.Limit);
        await AdvanceAsync(1000);
        Assert.True(client.IsOpen);
        gate.SetResult();
        client.ResumeReading();
        raw.Send(LoopServer.Wire.Ping("p"));
        Assert.Equal([0x8A, 1, (byte)'p'], await raw.ReadAsync(3));
        await AdvanceAsync(25);
        Assert.True(client.IsOpen);
        await AdvanceAsync(6);
        Assert.Equal([0x89, 0], await raw.ReadAsync(2));
        raw.Dispose();
    }

    // What a peer sent while a handler of somebody else's held up the loop lies in the system, unread.
    [Fact]
    public async Task A_peer_that_answered_while_the_loop_was_held_up_is_kept()
    {
        await using var server = new LoopServer(engine, Options);
        (RawClient raw, Client client) = await server.OpenPairAsync();
        using RawClient blocker = await server.OpenRawAsync();
        using var release = new ManualResetEventSlim();
        int pongs = 0;
        server.WhenPong = (_, _) => Interlocked.Increment(ref pongs);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenView = (_, _) =>
        {
            entered.SetResult();
            Assert.True(release.Wait(Link.Limit));
        };
        await AdvanceAsync(31);
        Assert.Equal([0x89, 0], await raw.ReadAsync(2));
        blocker.Send(LoopServer.Wire.Text("x"));
        await entered.Task.WaitAsync(Link.Limit);
        raw.Send(LoopServer.Wire.Pong());
        _clock.Advance(TimeSpan.FromSeconds(40));
        release.Set();
        await LoopServer.UntilAsync(() => Volatile.Read(ref pongs) == 1);
        Assert.True(client.IsOpen);
        raw.Dispose();
    }

    [Fact]
    public async Task The_closing_handshake_takes_no_longer_than_CloseTimeout()
    {
        await using var server = new LoopServer(engine, Options with { CloseTimeout = TimeSpan.FromSeconds(3) });
        (RawClient raw, Client client) = await server.OpenPairAsync();
        client.Close(CloseCode.NormalClosure, "bye");
        Assert.Equal([0x88, 5, 0x03, 0xE8, .. "bye"u8], await raw.ReadAsync(7));
        await AdvanceAsync(2);
        Assert.False(client.Closed.IsCompleted);
        await LoopServer.UntilAsync(() => client.Closed.IsCompleted, () => _clock.Advance(TimeSpan.FromSeconds(1)));
        CloseInfo info = await client.Closed;
        Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Local), (info.Code, info.Initiator));
        Assert.Contains("CloseTimeout", Assert.IsType<TimeoutException>(info.Exception).Message, StringComparison.Ordinal);
        raw.Dispose();
    }

    // Second by second, with a look of the loop's at each.
    private async Task AdvanceAsync(int seconds)
    {
        int step = Math.Max(seconds / 10, 1);
        for (int i = 0; i < seconds; i += step)
        {
            _clock.Advance(TimeSpan.FromSeconds(Math.Min(step, seconds - i)));
            await Task.Delay(12);
        }
    }
}

public sealed class EpollLoopTimerTests() : LoopTimerTests(ServerEngine.Epoll);

public sealed class PortableLoopTimerTests() : LoopTimerTests(ServerEngine.Portable);
