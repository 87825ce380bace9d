using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Wspy.Handshake;
using Wspy.Loop;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>Every call of the system fails once: the n-th of all, n = 0, 1, 2 … until the scenario passes without.</summary>
public class LoopFaultTests
{
    private const int MostOperations = 400;

    public static TheoryData<ServerEngine, bool, LoopFault> Cases
    {
        get
        {
            var data = new TheoryData<ServerEngine, bool, LoopFault>();
            foreach (bool secure in new[] { false, true })
            {
                foreach (LoopFault fault in Enum.GetValues<LoopFault>())
                {
                    data.Add(ServerEngine.Epoll, secure, fault);
                    if (fault != LoopFault.WouldBlock)
                    {
                        // The platform's sockets tell of room only after they had none.
                        data.Add(ServerEngine.Portable, secure, fault);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_operation_may_fail(ServerEngine engine, bool secure, LoopFault fault)
    {
        var plan = new FaultPlan();
        await using var server = Create(engine, plan, new ServerOptions { Loops = 1, Tls = secure ? Link.ServerTls : null });
        var options = new ClientOptions { Tls = Link.TrustingTls, CloseTimeout = TimeSpan.FromSeconds(20) };
        string url = secure ? server.SecureUrl : server.Url;
        int failing = 0;
        bool reached = true;
        while (reached)
        {
            plan.Arm(fault, failing);
            bool passed = true;
            try
            {
                await Link.OnThread(() => Play(url, options));
            }
            catch (Exception exception) when (exception is ConnectionClosedException or HandshakeException)
            {
                passed = false;
            }

            reached = plan.HasFailed;
            plan.Disarm();
            Assert.True(passed || fault == LoopFault.Reset, $"operation {failing} was not tried again");
            await LoopServer.UntilAsync(() => plan.Open == 0);
            await LoopServer.UntilAsync(() => server.Clients.Count == 0);
            failing++;
            Assert.True(failing < MostOperations, "the scenario never passed");
        }

        Assert.True(failing >= 8, $"only {failing} operations failed, so little was tested");
        await Link.OnThread(() => Play(url, options));
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(server.Calls.Count(call => call.StartsWith("open", StringComparison.Ordinal)), server.Ends.Count);
        Assert.DoesNotContain(server.Calls, call => call.StartsWith("error", StringComparison.Ordinal));
        Assert.Equal(0, plan.Open);
    }

    [Theory]
    [InlineData(ServerEngine.Epoll)]
    [InlineData(ServerEngine.Portable)]
    public async Task Accept_errors_are_logged_once_for_each_interval_and_accepting_goes_on(ServerEngine engine)
    {
        long began = Stopwatch.GetTimestamp();
        var plan = new FaultPlan();
        using var log = new LogLines();
        await using var server = Create(engine, plan, new ServerOptions { LoggerFactory = log });
        foreach (SocketError error in new[] { SocketError.ConnectionAborted, SocketError.TooManyOpenSockets, SocketError.NoBufferSpaceAvailable, SocketError.NetworkUnreachable })
        {
            lock (plan)
            {
                plan.AcceptErrors.Enqueue(error);
            }

            await server.EchoAsync();
        }

        Assert.Empty(plan.AcceptErrors);
        int lines = log.Lines.Count(line => line.Level == LogLevel.Warning && line.Line.StartsWith("Accepting failed", StringComparison.Ordinal));
        Assert.InRange(lines, 1, 1 + (int)(Stopwatch.GetElapsedTime(began) / AcceptTrouble.TellInterval));
    }

    [Theory]
    [InlineData(ServerEngine.Epoll)]
    [InlineData(ServerEngine.Portable)]
    public async Task A_wait_that_is_interrupted_again_and_again(ServerEngine engine)
    {
        var plan = new FaultPlan { Interrupts = true };
        await using var server = Create(engine, plan, new ServerOptions { Loops = 1 });
        for (int i = 0; i < 5; i++)
        {
            await Link.OnThread(() => Play(server.Url, new ClientOptions()));
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.All(server.Ends.Values, static end => Assert.True(end.WasClean));
    }

    // As when the system has no memory for it: with output that waits, and when reading is paused.
    [Theory]
    [InlineData(ServerEngine.Epoll, false)]
    [InlineData(ServerEngine.Epoll, true)]
    [InlineData(ServerEngine.Portable, false)]
    [InlineData(ServerEngine.Portable, true)]
    public async Task A_socket_whose_watch_cannot_be_changed_ends_alone(ServerEngine engine, bool pauses)
    {
        var plan = new FaultPlan();
        await using var server = Create(engine, plan, new ServerOptions { Loops = 1 });
        (RawClient raw, Client client) = await server.OpenPairAsync(receiveBuffer: 4096);
        plan.RefusesToChange = true;
        if (pauses)
        {
            server.WhenView = (paused, message) =>
            {
                paused.PauseReading();
                paused.Send(message);
            };
            raw.Send(LoopServer.Wire.Text("x"));
            Assert.Equal([0x81, 1, (byte)'x'], await raw.ReadAsync(3));

            // The next one is not wanted.
            raw.Send(LoopServer.Wire.Text("x"));
        }
        else
        {
            byte[] chunk = new byte[100_000];
            await LoopServer.UntilAsync(() => !client.IsOpen, () => _ = client.SendAsync(chunk).AsTask());
        }

        CloseInfo info = await client.Closed.WaitAsync(Link.Limit);
        Assert.Equal("as the test wants it", Assert.IsType<IOException>(info.Exception).Message);
        raw.Dispose();
        server.WhenView = null;
        await server.EchoAsync();
        await LoopServer.UntilAsync(() => plan.Open == 0);
    }

    [Theory]
    [InlineData(ServerEngine.Epoll)]
    [InlineData(ServerEngine.Portable)]
    public async Task A_socket_that_cannot_be_watched_ends_alone(ServerEngine engine)
    {
        var plan = new FaultPlan();
        using var log = new LogLines();
        await using var server = Create(engine, plan, new ServerOptions { LoggerFactory = log, MaxConnectionsPerAddress = 2 });
        for (int i = 0; i < 4; i++)
        {
            plan.RefusesToWatch = true;
            using (var refused = new RawClient(server.EndPoint))
            {
                using var limit = new CancellationTokenSource(Link.Limit);
                await refused.DrainAsync(limit.Token);
            }

            await server.EchoAsync();
            await LoopServer.UntilAsync(() => plan.Open == 0);
        }

        Assert.Equal(4, log.Lines.Count(line => line.Line.Contains("cannot be watched", StringComparison.Ordinal)));
        await server.StopAsync().WaitAsync(Link.Limit);
    }

    private static LoopServer Create(ServerEngine engine, FaultPlan plan, ServerOptions options) =>
        new(engine, options, () => new FaultyPoller(engine == ServerEngine.Portable ? new PortablePoller() : new EpollPoller(), plan));

    private static void Play(string url, ClientOptions options)
    {
        using var client = Connection.Connect(url, options);
        foreach (int size in new[] { 5, 20_000, 300_000 })
        {
            byte[] payload = new byte[size];
            new Random(size).NextBytes(payload);
            client.Send(payload, fragmentSize: size == 20_000 ? 7000 : 0);
            Assert.True(client.Receive(Link.Limit).Payload.Span.SequenceEqual(payload));
        }

        client.Close(CloseCode.NormalClosure, "done");
    }
}
