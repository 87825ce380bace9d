using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Wspy.Loop;
using Wspy.Tests.ClientTests;
using Wspy.Tests.LoopTests;
using Wspy.Tests.Protocol;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>The application's log fails at each line: that is nobody's end, no loop's, no accepting thread's and no client's.</summary>
public abstract class FailingLogTests(ServerEngine engine)
{
    private static readonly Wire Wire = LoopServer.Wire;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_goes_on(bool failsWhenAsked)
    {
        var log = new ThrowingLog(failsWhenAsked);
        var options = new ServerOptions { LoggerFactory = log, MaxConnections = 3, CloseTimeout = TimeSpan.FromMilliseconds(200), BlockedLoopThreshold = TimeSpan.FromTicks(1) };
        await using var server = new TestServer(engine, options);
        await EchoAsync(server);

        // A handler that throws, a rule that is broken, and a request that asks for no upgrade.
        server.WhenReceived = static (_, _) => throw new InvalidOperationException("as the test wants it");
        Assert.Equal(CloseCode.InternalError, await LeaveAsync(server, Wire.Text("x")));
        server.WhenFailed = static (_, _) => throw new InvalidOperationException("this as well");
        server.WhenClosed = static (_, _) => throw new InvalidOperationException("and this");
        Assert.Equal(CloseCode.InternalError, await LeaveAsync(server, Wire.Text("x")));
        (server.WhenReceived, server.WhenFailed, server.WhenClosed) = (null, null, null);
        Assert.Equal(CloseCode.ProtocolError, await LeaveAsync(server, [0xF1, 0x80, 0, 0, 0, 0]));
        Assert.StartsWith("HTTP/1.1 426 ", await AskAsync(server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray()), StringComparison.Ordinal);
        await AskAsync(server, [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);

        // More clients than there may be.
        var crowd = new List<RawClient>();
        for (string head = ""; !head.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal);)
        {
            crowd.Add(new RawClient(server.EndPoint));
            crowd[^1].Send(RawClient.Upgrade());
            head = await crowd[^1].ReadHeadAsync();
        }

        Assert.Equal(3, server.Server.Broadcast(server.Clients, "to all").Total);
        crowd.ForEach(static client => client.Dispose());
        await LoopServer.UntilAsync(() => server.Clients.Count == 0);
        await EchoAsync(server);
        await server.StopAsync().WaitAsync(Link.Limit);
        int opened = server.Calls.Count(static call => call.StartsWith("open", StringComparison.Ordinal));
        Assert.Equal(opened, server.Calls.Count(static call => call.StartsWith("close", StringComparison.Ordinal)));
        if (!failsWhenAsked)
        {
            int[] expected = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15, 16];
            log.AssertWasGiven([.. expected, .. engine == ServerEngine.Threads ? Array.Empty<int>() : [13]]);
        }
    }

    // The signal that ends Run must end it.
    [Fact]
    public async Task Run_returns()
    {
        await using var server = new TestServer(engine, new ServerOptions { LoggerFactory = new ThrowingLog(failsWhenAsked: false) });
        using var source = new CancellationTokenSource();
        Task running = Link.OnThread(() => server.Run(source.Token));
        await EchoAsync(server);
        await source.CancelAsync();
        await running.WaitAsync(Link.Limit);
    }

    private static async Task EchoAsync(TestServer server)
    {
        await using Connection client = await Connection.ConnectAsync(server.Url);
        await client.SendAsync("alive");
        Assert.Equal("alive", (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
    }

    private static async Task<CloseCode> LeaveAsync(TestServer server, byte[] frames)
    {
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade());
        await client.ReadHeadAsync();
        client.Send(frames);
        byte[] close = await client.ReadAsync(4);
        Assert.Equal(0x88, close[0]);
        return (CloseCode)((close[2] << 8) | close[3]);
    }

    private static async Task<string> AskAsync(TestServer server, byte[] bytes)
    {
        using var client = new RawClient(server.EndPoint);
        client.Send(bytes);
        return await client.ReadHeadAsync();
    }
}

public sealed class ThreadedFailingLogTests() : FailingLogTests(ServerEngine.Threads);

public sealed class EpollFailingLogTests() : FailingLogTests(ServerEngine.Epoll);

public sealed class PortableFailingLogTests() : FailingLogTests(ServerEngine.Portable);

/// <summary>What only loops log, and loops of clients.</summary>
public class FailingLoopLogTests
{
    [Theory]
    [InlineData(ServerEngine.Epoll)]
    [InlineData(ServerEngine.Portable)]
    public async Task Accepting_goes_on(ServerEngine engine)
    {
        var log = new ThrowingLog(failsWhenAsked: false);
        var plan = new FaultPlan { RefusesToListen = true };
        await using var server = new LoopServer(
            engine,
            new ServerOptions { LoggerFactory = log, MaxConnectionsPerAddress = 1 },
            () => new FaultyPoller(engine == ServerEngine.Portable ? new PortablePoller() : new EpollPoller(), plan));
        await server.EchoAsync();
        await LoopServer.UntilAsync(() => plan.Open == 0);
        lock (plan)
        {
            plan.AcceptErrors.Enqueue(SocketError.TooManyOpenSockets);
        }

        using (RawClient first = await server.OpenRawAsync())
        {
            using var second = new RawClient(server.EndPoint);
            await second.DrainAsync(new CancellationTokenSource(Link.Limit).Token);
        }

        await LoopServer.UntilAsync(() => plan.Open == 0);
        plan.RefusesToWatch = true;
        using (var refused = new RawClient(server.EndPoint))
        {
            await refused.DrainAsync(new CancellationTokenSource(Link.Limit).Token);
        }

        await server.EchoAsync();
        await server.StopAsync().WaitAsync(Link.Limit);
        log.AssertWasGiven(1, 2, 3, 9, 10, 14);
    }

    [Fact]
    public async Task So_do_the_connections_of_a_loop_of_clients()
    {
        var log = new ThrowingLog(failsWhenAsked: false);
        await using var server = new TestServer(ServerEngine.Threads);
        await using var loop = new ConnectionLoop(new ConnectionLoopOptions { LoggerFactory = log, BlockedLoopThreshold = TimeSpan.FromTicks(1) });
        await using var other = new TestConnection();
        await other.ConnectAsync(server.Url, loop: loop);
        var failing = new Failing();
        await failing.ConnectAsync(server.Url, loop: loop);
        failing.Send("x");
        Assert.Equal(CloseCode.InternalError, (await failing.Closed.WaitAsync(Link.Limit)).Code);
        other.Send("alive");
        Assert.Equal("alive", (await other.ReceiveAsync()).ToString());
        log.AssertWasGiven(20, 21);
    }

    private sealed class Failing : AsyncConnection
    {
        // Called where the line is made.
        public override string ToString() => throw new UnreachableException("as the test wants it");

        protected override void OnMessage(MessageView message) => throw new InvalidOperationException("as the test wants it");

        protected override void OnError(Exception error) => throw new InvalidOperationException("this as well");

        protected override void OnClose(CloseInfo info) => throw new InvalidOperationException("and this");
    }
}

/// <summary>A log that throws, at the latest when it is given a line.</summary>
internal sealed class ThrowingLog(bool failsWhenAsked) : ILoggerFactory, ILogger
{
    private readonly ConcurrentBag<int> _events = [];

    /// <summary>That it had lines of all of these events.</summary>
    public void AssertWasGiven(params int[] events) => Assert.Empty(events.Except(_events));

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => throw new InvalidOperationException("the log");

    public bool IsEnabled(LogLevel logLevel) => failsWhenAsked ? throw new InvalidOperationException("the log") : true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _events.Add(eventId.Id);
        throw new InvalidOperationException("the log: " + formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
