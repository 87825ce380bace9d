using System.Net.Sockets;
using Wspy.Loop;
using Wspy.Tests.LoopTests;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>Calls of the system that fail while a connection on a loop is connected, opened and used: the n-th of all, n = 0, 1, 2 … until the scenario passes without.</summary>
public class ConnectFaultTests
{
    private const int MostOperations = 400;

    public static TheoryData<PollerKind, bool, LoopFault> Cases
    {
        get
        {
            var data = new TheoryData<PollerKind, bool, LoopFault>();
            foreach (bool secure in new[] { false, true })
            {
                foreach (LoopFault fault in Enum.GetValues<LoopFault>())
                {
                    data.Add(PollerKind.Auto, secure, fault);
                    if (fault != LoopFault.WouldBlock)
                    {
                        // The platform's sockets tell of room only after they had none.
                        data.Add(PollerKind.Portable, secure, fault);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_operation_may_fail(PollerKind poller, bool secure, LoopFault fault)
    {
        var plan = new FaultPlan();
        await using var server = new TestServer(ServerEngine.Threads, new ServerOptions { Tls = secure ? Link.ServerTls : null });
        var loop = new ConnectionLoop(new ConnectionLoopOptions { Poller = poller }, "faults", () => Create(poller, plan));
        int failing = 0;
        bool reached = true;
        while (reached)
        {
            plan.Arm(fault, failing);

            // Who cannot send any more reads for as long, in case that it is told why.
            TimeSpan closeTimeout = fault == LoopFault.Reset ? TimeSpan.FromMilliseconds(100) : Link.Limit;
            Exception? failure = await Record.ExceptionAsync(() => PlayAsync(server, loop, secure, closeTimeout));
            reached = plan.HasFailed;
            plan.Disarm();
            Assert.True(failure is null || (fault == LoopFault.Reset && failure is SocketException or HandshakeException or ConnectionClosedException), $"operation {failing}: {failure}");
            await LoopServer.UntilAsync(() => plan.Open == 0 && loop.Connections == 0);
            failing++;
            Assert.True(failing < MostOperations, "the scenario never passed");
        }

        Assert.True(failing >= 8, $"only {failing} operations failed, so little was tested");
        await PlayAsync(server, loop, secure, Link.Limit);
        await loop.DisposeAsync().AsTask().WaitAsync(Link.Limit);
    }

    [Theory]
    [InlineData(PollerKind.Auto, SocketError.TooManyOpenSockets)]
    [InlineData(PollerKind.Auto, SocketError.NoBufferSpaceAvailable)]
    [InlineData(PollerKind.Auto, SocketError.NetworkUnreachable)]
    [InlineData(PollerKind.Portable, SocketError.TooManyOpenSockets)]
    [InlineData(PollerKind.Portable, SocketError.NoBufferSpaceAvailable)]
    public async Task A_socket_that_cannot_be_had_fails_its_own_connection(PollerKind poller, SocketError error)
    {
        var plan = new FaultPlan();
        await using var server = new TestServer(ServerEngine.Threads);
        var loop = new ConnectionLoop(new ConnectionLoopOptions { Poller = poller }, "faults", () => Create(poller, plan));
        var open = new TestConnection();
        await open.ConnectAsync(server.Url, loop: loop);
        lock (plan)
        {
            plan.ConnectErrors.Enqueue(error);
        }

        SocketException failure = await Assert.ThrowsAnyAsync<SocketException>(() => new TestConnection().ConnectAsync(server.Url, loop: loop).AsTask());
        Assert.Equal(error, failure.SocketErrorCode);

        // Nor one that cannot be watched.
        plan.RefusesToWatch = true;
        await Assert.ThrowsAsync<IOException>(() => new TestConnection().ConnectAsync(server.Url, loop: loop).AsTask());
        Assert.Equal((1, 1), (plan.Open, loop.Connections));
        open.Send("alive");
        Assert.Equal("alive", (await open.ReceiveAsync()).ToString());
        await PlayAsync(server, loop, secure: false, Link.Limit);
        await loop.DisposeAsync().AsTask().WaitAsync(Link.Limit);
        Assert.Equal(0, plan.Open);
    }

    private static FaultyPoller Create(PollerKind poller, FaultPlan plan) => new(poller == PollerKind.Portable || !OperatingSystem.IsLinux() ? new PortablePoller() : new EpollPoller(), plan);

    private static async Task PlayAsync(TestServer server, ConnectionLoop loop, bool secure, TimeSpan closeTimeout)
    {
        var client = new TestConnection();
        var options = new ClientOptions { Tls = Link.TrustingTls, CloseTimeout = closeTimeout };
        await client.ConnectAsync(secure ? $"wss://localhost:{server.EndPoint.Port}/" : server.Url, options, loop).AsTask().WaitAsync(Link.Limit);
        foreach (int size in new[] { 5, 20_000, 300_000 })
        {
            byte[] payload = new byte[size];
            new Random(size).NextBytes(payload);
            client.Send(payload, fragmentSize: size == 20_000 ? 7000 : 0);
            Task<Message> echo = client.ReceiveAsync();
            if (await Task.WhenAny(echo, client.Ended) != echo)
            {
                throw new ConnectionClosedException(await client.Ended);
            }

            Assert.True((await echo).Payload.Span.SequenceEqual(payload));
        }

        client.Close(CloseCode.NormalClosure, "done");
        CloseInfo info = await client.Ended.WaitAsync(Link.Limit);
        if (!info.WasClean)
        {
            throw new ConnectionClosedException(info);
        }
    }
}
