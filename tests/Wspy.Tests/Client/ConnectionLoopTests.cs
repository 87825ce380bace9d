using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>The loop that connections share: its end, and what it logs.</summary>
public class ConnectionLoopTests
{
    [Theory]
    [InlineData(PollerKind.Auto)]
    [InlineData(PollerKind.Portable)]
    public async Task Disposing_ends_every_connection_and_everything_that_is_under_way(PollerKind poller)
    {
        await using var server = new TestServer(ServerEngine.Threads);
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var loop = new ConnectionLoop(new ConnectionLoopOptions { Poller = poller });
        TestConnection[] open = [new(), new(), new()];
        foreach (TestConnection connection in open)
        {
            await connection.ConnectAsync(server.Url, loop: loop);
        }

        Task opening = new TestConnection().ConnectAsync($"ws://{silent.LocalEndpoint}/", loop: loop).AsTask();
        using System.Net.Sockets.Socket accepted = await silent.AcceptSocketAsync();
        await Link.OnThread(loop.Dispose);
        foreach (TestConnection connection in open)
        {
            CloseInfo info = await connection.Ended.WaitAsync(Link.Limit);
            Assert.Equal((CloseCode.AbnormalClosure, CloseInitiator.Local), (info.Code, info.Initiator));
            Assert.IsType<ObjectDisposedException>(info.Exception);
            Assert.Equal(SendResult.Closing, connection.Send("too late"));
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => opening.WaitAsync(Link.Limit));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => new TestConnection().ConnectAsync(server.Url, loop: loop).AsTask());
        Assert.Equal(0, loop.Connections);
        await Link.OnThread(loop.Dispose);
    }

    [Fact]
    public async Task A_handler_may_dispose_its_own_loop()
    {
        await using var server = new TestServer(ServerEngine.Threads);
        var loop = new ConnectionLoop();
        var connection = new TestConnection { WhenOpened = loop.Dispose };
        await connection.ConnectAsync(server.Url, loop: loop).AsTask().WaitAsync(Link.Limit);
        await connection.Ended.WaitAsync(Link.Limit);
        await loop.DisposeAsync().AsTask().WaitAsync(Link.Limit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_may_await_the_end_of_its_own_loop(bool asynchronously)
    {
        await using var server = new TestServer(ServerEngine.Threads);
        var loop = new ConnectionLoop();
        bool returned = false;
        var connection = new TestConnection
        {
            WhenReceived = async (_, _) =>
            {
                await Task.Yield();
                if (asynchronously)
                {
                    await loop.DisposeAsync();
                }
                else
                {
                    loop.Dispose();
                }

                returned = true;
            },
        };
        await connection.ConnectAsync(server.Url, loop: loop).AsTask().WaitAsync(Link.Limit);
        connection.Send("x");
        await connection.Ended.WaitAsync(Link.Limit);
        Assert.True(returned);
        await loop.DisposeAsync().AsTask().WaitAsync(Link.Limit);
    }

    [Fact]
    public async Task The_shared_loop_is_one_and_stays()
    {
        await using var server = new TestServer(ServerEngine.Threads);
        Assert.Same(ConnectionLoop.Default, ConnectionLoop.Default);
        ConnectionLoop.Default.Dispose();
        await using var connection = new TestConnection();
        await connection.ConnectAsync(server.Url).AsTask().WaitAsync(Link.Limit);
        connection.Send("still here");
        Assert.Equal("still here", $"{await connection.ReceiveAsync()}");
    }

    [Fact]
    public async Task No_threshold_is_no_warning()
    {
        await using var server = new TestServer(ServerEngine.Threads);
        using var log = new LogLines();
        await using (var loop = new ConnectionLoop(new ConnectionLoopOptions { LoggerFactory = log, BlockedLoopThreshold = Timeout.InfiniteTimeSpan }))
        {
            await using var connection = new TestConnection();
            await connection.ConnectAsync(server.Url, loop: loop);
            connection.Send("quick");
            await connection.ReceiveAsync();
            await connection.CloseAsync();
        }

        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task Handlers_that_fail_or_block_are_logged()
    {
        await using var server = new TestServer(ServerEngine.Threads);
        using var log = new LogLines();
        await using var loop = new ConnectionLoop(new ConnectionLoopOptions { LoggerFactory = log, BlockedLoopThreshold = TimeSpan.FromMilliseconds(1) });
        await using var connection = new TestConnection
        {
            // As long as it takes to be noticed, whatever else the machine does.
            WhenReceived = (_, _) =>
            {
                SpinWait.SpinUntil(static () => false, TimeSpan.FromMilliseconds(5));
                throw new FormatException("mine");
            },
            WhenClosed = () => throw new FormatException("OnClose's"),
        };
        await connection.ConnectAsync(server.Url, loop: loop);
        connection.Send("fail");
        await connection.Ended.WaitAsync(Link.Limit);
        await loop.DisposeAsync().AsTask().WaitAsync(Link.Limit);
        Assert.Equal(2, log.Lines.Count(entry => entry.Line.Contains("A handler failed", StringComparison.Ordinal)));
        Assert.Contains(log.Lines, entry => entry.Line.Contains("held up the event loop", StringComparison.Ordinal));
    }
}
