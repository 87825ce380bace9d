using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.LoopTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Stopping: 1001 to every client, their answers, and the end of all handlers.</summary>
public abstract class ServerStopTests(ServerEngine engine)
{
    [Fact]
    public async Task Clients_get_1001_and_the_last_handler_has_returned_when_it_completes()
    {
        // On a loop one handler that blocks holds up the others, so there it is one client.
        int count = engine == ServerEngine.Threads ? 5 : 1;
        using var release = new ManualResetEventSlim();
        await using var server = new TestServer(engine);
        int returned = 0;
        server.WhenClosed = (_, _) =>
        {
            release.Wait();
            Interlocked.Increment(ref returned);
        };
        Connection[] clients = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Connection.ConnectAsync(server.Url).AsTask()));
        foreach (Connection client in clients)
        {
            await client.SendAsync("in");
            await client.ReceiveAsync();
        }

        Task stopping = server.StopAsync();
        foreach (Connection client in clients)
        {
            ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(() => client.ReceiveAsync().AsTask().WaitAsync(Link.Limit));
            Assert.Equal((CloseCode.GoingAway, true), (closed.CloseInfo.Code, closed.CloseInfo.WasClean));
        }

        // All connections have ended, and handlers still run.
        await Assert.ThrowsAsync<TimeoutException>(() => stopping.WaitAsync(TimeSpan.FromMilliseconds(100)));
        release.Set();
        await stopping.WaitAsync(Link.Limit);
        Assert.Equal(count, returned);
        Assert.Empty(server.Clients);
        Assert.Throws<ObjectDisposedException>(server.Start);
        await server.StopAsync();
    }

    [Fact]
    public async Task Who_does_not_answer_is_ended_at_the_deadline()
    {
        var clock = new FakeTimeProvider();
        await using var server = new TestServer(engine, new ServerOptions { TimeProvider = clock, StopTimeout = TimeSpan.FromSeconds(3) });
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = _ => opened.SetResult();
        using var silent = new RawClient(server.EndPoint);
        silent.Send(RawClient.Upgrade());
        await silent.ReadHeadAsync();
        await opened.Task.WaitAsync(Link.Limit);
        Task stopping = server.StopAsync();

        // The Close frame with 1001, which nobody answers.
        Assert.Equal([0x88, 2, 0x03, 0xE9], await silent.ReadAsync(4));
        while (!stopping.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(stopping, Task.Delay(1));
        }

        await stopping;
        Assert.Contains(server.Calls, call => call.StartsWith("close", StringComparison.Ordinal) && call.EndsWith("1006", StringComparison.Ordinal));
    }

    // Connections are ended when their time is over; code cannot be.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_that_does_not_return_is_named_and_waited_for(bool blocks)
    {
        var clock = new FakeTimeProvider();
        using var log = new LogLines();
        using var release = new ManualResetEventSlim();
        var returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions { TimeProvider = clock, StopTimeout = TimeSpan.FromSeconds(3), LoggerFactory = log, Loops = 1 });
        server.WhenReceived = (client, message) =>
        {
            client.Send(message);
            if (message.Payload.Length > 0 && blocks)
            {
                release.Wait();
            }
            else if (message.Payload.Length > 0)
            {
                client.Await(new ValueTask(returned.Task));
            }
        };
        await using Connection other = await EchoAsync("");
        await using Connection held = await EchoAsync("x");
        Task stopping = server.StopAsync();
        await LoopServer.UntilAsync(() => log.Lines.Count(IsTold) == 2, () => clock.Advance(TimeSpan.FromSeconds(1)));
        (LogLevel level, string line) = log.Lines.First(IsTold);
        Assert.Equal((LogLevel.Warning, $"Stopping waits for handlers that have not returned: 1, of client 2 from {held.WebSocket.LocalEndPoint}"), (level, line));
        await Assert.ThrowsAsync<TimeoutException>(() => server.StopAsync().WaitAsync(TimeSpan.FromMilliseconds(50)));
        Assert.False(stopping.IsCompleted);
        if (!blocks || engine == ServerEngine.Threads)
        {
            // A loop that is held up ends nothing; else there are such handlers left and no connection.
            await Assert.ThrowsAsync<ConnectionClosedException>(() => held.ReceiveAsync().AsTask().WaitAsync(Link.Limit));
            await Assert.ThrowsAsync<ConnectionClosedException>(() => other.ReceiveAsync().AsTask().WaitAsync(Link.Limit));
            await Assert.ThrowsAnyAsync<SocketException>(() => Connection.ConnectAsync(server.Url).AsTask());
        }

        release.Set();
        returned.SetResult();
        await stopping.WaitAsync(Link.Limit);
        Assert.Equal(2, server.Calls.Count(static call => call.StartsWith("close", StringComparison.Ordinal)));
        Assert.Equal("Stopped", log.Lines.Last().Line);

        static bool IsTold((LogLevel Level, string Line) entry) => entry.Line.StartsWith("Stopping waits", StringComparison.Ordinal);

        async Task<Connection> EchoAsync(string text)
        {
            Connection client = await Connection.ConnectAsync(server.Url, new ClientOptions { CloseTimeout = TimeSpan.FromMilliseconds(100) });
            await client.SendAsync(text);
            if (!blocks || text.Length == 0 || engine == ServerEngine.Threads)
            {
                Assert.Equal(text, (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
            }

            return client;
        }
    }

    [Fact]
    public async Task A_second_call_can_hurry()
    {
        await using var server = new TestServer(engine, new ServerOptions { StopTimeout = Timeout.InfiniteTimeSpan, CloseTimeout = Timeout.InfiniteTimeSpan });
        using var silent = new RawClient(server.EndPoint);
        silent.Send(RawClient.Upgrade());
        await silent.ReadHeadAsync();
        Task patient = server.StopAsync();
        Assert.Equal([0x88, 2, 0x03, 0xE9], await silent.ReadAsync(4));
        Assert.False(patient.IsCompleted);
        using var hurry = new CancellationTokenSource();
        await hurry.CancelAsync();
        await server.StopAsync(hurry.Token).WaitAsync(Link.Limit);
        await patient.WaitAsync(Link.Limit);
    }

    [Fact]
    public async Task Openings_do_not_hold_it_up()
    {
        await using var server = new TestServer(engine, new ServerOptions { HandshakeTimeout = Timeout.InfiniteTimeSpan });
        RawClient[] silent = [.. Enumerable.Range(0, 10).Select(_ => new RawClient(server.EndPoint))];
        await server.StopAsync().WaitAsync(Link.Limit);
        foreach (RawClient client in silent)
        {
            client.Dispose();
        }
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("dispose")]
    [InlineData("dispose asynchronously")]
    public async Task A_handler_may_stop_its_own_server(string how)
    {
        var server = new TestServer(engine);
        server.WhenReceived = (_, _) =>
        {
            switch (how)
            {
                case "stop":
                    server.StopAsync().GetAwaiter().GetResult();
                    break;
                case "dispose":
                    server.Dispose();
                    break;
                default:
                    server.DisposeAsync().AsTask().GetAwaiter().GetResult();
                    break;
            }
        };
        using var client = Connection.Connect(server.Url);
        client.Send("stop");
        Assert.Equal(CloseCode.GoingAway, Assert.Throws<ConnectionClosedException>(() => client.Receive(Link.Limit)).CloseInfo.Code);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.EndsWith("1001", server.Calls.Last(), StringComparison.Ordinal);
        await server.DisposeAsync();
    }

    // Its own thread is held up by that handler, and the others' Close frames are read while it waits.
    [Theory]
    [InlineData("stop")]
    [InlineData("dispose")]
    [InlineData("dispose asynchronously")]
    public async Task What_a_handler_started_may_wait_for_the_stop(string how)
    {
        await using var server = new TestServer(engine, new ServerOptions { StopTimeout = Timeout.InfiniteTimeSpan, CloseTimeout = Timeout.InfiniteTimeSpan });
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool othersEnded = false;
        using var release = new ManualResetEventSlim();
        server.WhenReceived = (client, _) =>
        {
            Task stopping = Task.Run(async () =>
            {
                await Task.Yield();
                switch (how)
                {
                    case "stop":
                        await server.StopAsync();
                        break;
                    case "dispose":
                        server.Dispose();
                        break;
                    default:
                        await server.DisposeAsync();
                        break;
                }

                othersEnded = server.Clients.All(other => other == client);
                stopped.SetResult();
            });
            if (engine == ServerEngine.Threads)
            {
                // A loop's handler may not.
                Assert.True(stopping.Wait(Link.Limit));
                release.Wait(Link.Limit);
            }
        };
        Connection[] clients = [.. Enumerable.Range(0, 3).Select(_ => Connection.Connect(server.Url))];
        Task[] ends = [.. clients.Select(client => Link.OnThread(client.ReceiveForever))];
        clients[0].Send("stop");
        await stopped.Task.WaitAsync(Link.Limit);
        Assert.True(othersEnded);
        Task all = server.StopAsync();
        if (engine == ServerEngine.Threads)
        {
            // For everybody else it is not over before the handler has returned.
            Assert.False(all.IsCompleted);
        }

        release.Set();
        await all.WaitAsync(Link.Limit);
        await Task.WhenAll(ends);
        Assert.All(clients, client => Assert.Equal((CloseCode.GoingAway, true), (client.Closed.Result.Code, client.Closed.Result.WasClean)));
    }

    [Fact]
    public async Task Run_returns_on_cancellation_when_all_has_ended()
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions { LoggerFactory = log });
        using var source = new CancellationTokenSource();
        Task running = Link.OnThread(() => server.Run(source.Token));
        using var client = Connection.Connect(server.Url);
        await source.CancelAsync();
        Assert.Equal(CloseCode.GoingAway, Assert.Throws<ConnectionClosedException>(() => client.Receive(Link.Limit)).CloseInfo.Code);
        await running;
        Assert.Equal("Stopped", log.Lines.Last().Line);
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT, 2)]
    [InlineData(PosixSignal.SIGTERM, 15)]
    public async Task A_signal_ends_Run_with_1001_at_the_client_and_exit_code_0(PosixSignal signal, int number)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send.");
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, Environment = { [ChildServer.Variable] = $"{engine}" } };
        using Process child = Process.Start(start)!;
        try
        {
            string? line = await child.StandardOutput.ReadLineAsync().WaitAsync(Link.Limit);
            using var client = Connection.Connect($"ws://127.0.0.1:{line}/");
            client.Send("alive");
            Assert.Equal("alive", ((TextMessage)client.Receive(Link.Limit)).Text);
            using Process kill = Process.Start("kill", [$"-{number}", $"{child.Id}"]);
            ConnectionClosedException closed = Assert.Throws<ConnectionClosedException>(() => client.Receive(Link.Limit));
            Assert.Equal(CloseCode.GoingAway, closed.CloseInfo.Code);
            await child.WaitForExitAsync().WaitAsync(Link.Limit);
            Assert.True(child.ExitCode == 0, $"exit code {child.ExitCode} after {signal}");
        }
        finally
        {
            if (!child.HasExited)
            {
                child.Kill();
            }
        }
    }
}

public sealed class ThreadedServerStopTests() : ServerStopTests(ServerEngine.Threads);

public sealed class EpollServerStopTests() : ServerStopTests(ServerEngine.Epoll);

public sealed class PortableServerStopTests() : ServerStopTests(ServerEngine.Portable);
