using System.Net;
using System.Net.Sockets;
using Wspy.Loop;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>What a poller still tells of sockets that were given up, which would keep its loop from resting.</summary>
public sealed class PollerTests
{
    private const long Token = 7;

    [Theory]
    [InlineData(PollerKind.Epoll)]
    [InlineData(PollerKind.Portable)]
    public void A_listener_that_was_closed_is_told_of_no_more(PollerKind kind)
    {
        using Poller poller = Create(kind);
        using Socket listener = Listen();
        LoopListener watched = poller.Listen(listener, Token);
        using var first = new RawClient((IPEndPoint)listener.LocalEndPoint!);
        Await(poller);
        watched.Close();
        listener.Dispose();
        AssertRests(poller);
    }

    // As after socket activation, where the system holds it too, or when the application has it twice.
    [Fact]
    public void Closing_a_listener_that_others_hold_as_well_is_told_of_no_more()
    {
        using Poller poller = Create(PollerKind.Epoll);
        using Socket owner = Listen();
        using Socket listener = Again(owner);
        LoopListener watched = poller.Listen(listener, Token);
        using var waiting = new RawClient((IPEndPoint)owner.LocalEndPoint!);
        Await(poller);
        watched.Close();
        listener.Dispose();
        AssertRests(poller);
        Assert.True(owner.Poll(0, SelectMode.SelectRead), "Somebody still waits to be accepted.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_given_socket_that_others_hold_as_well_is_ended_and_told_of_no_more(bool resets)
    {
        using Poller poller = Create(PollerKind.Epoll);
        using Socket listener = Listen();
        using var raw = new RawClient((IPEndPoint)listener.LocalEndPoint!);
        using Socket owner = listener.Accept();
        LoopSocket socket = poller.Adopt(Again(owner));
        poller.Add(socket, Token, Interest.Read);
        socket.Close(resets);
        Assert.Empty(await raw.ReadToEndAsync());
        raw.Dispose();
        AssertRests(poller);
    }

    [Fact]
    public async Task A_server_that_waits_for_a_handler_to_stop_rests()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int waits = 0;
        await using var server = new LoopServer(ServerEngine.Portable, new ServerOptions { Loops = 1 }, () => new CountingPoller(() => Interlocked.Increment(ref waits)));
        server.WhenMessage = async (_, _) =>
        {
            entered.SetResult();
            await gate.Task;
        };
        using RawClient raw = await server.OpenRawAsync();
        raw.Send(LoopServer.Wire.Text("one"));
        await entered.Task.WaitAsync(Link.Limit);
        Task stopping = server.StopAsync();
        Assert.Equal([0x88, 2, 0x03, 0xE9], await raw.ReadAsync(4));
        int before = Volatile.Read(ref waits);
        await Task.WhenAny(stopping, LoopServer.UntilAsync(() => Volatile.Read(ref waits) - before > 1000, patience: TimeSpan.FromMilliseconds(300)));
        int more = Volatile.Read(ref waits) - before;
        gate.SetResult();
        raw.Dispose();
        await stopping.WaitAsync(Link.Limit);
        Assert.InRange(more, 0, 1000);
    }

    private static Poller Create(PollerKind kind)
    {
        Assert.SkipWhen(kind == PollerKind.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        return kind == PollerKind.Epoll ? new EpollPoller() : new PortablePoller();
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    // Of the same file, and not its end.
    private static Socket Again(Socket owner) => new(new SafeSocketHandle(owner.Handle, ownsHandle: false));

    private static void Await(Poller poller)
    {
        while (poller.Wait((int)Link.Limit.TotalMilliseconds) == 0)
        {
        }

        Assert.Equal(Token, poller[0].Token);
    }

    private static void AssertRests(Poller poller)
    {
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(0, poller.Wait(5));
        }
    }

    private sealed class CountingPoller(Action whenWaiting) : Poller
    {
        private readonly PortablePoller _inner = new();

        public override PollEvent this[int index] => _inner[index];

        public override LoopListener Listen(Socket listener, long token) => _inner.Listen(listener, token);

        public override LoopSocket Adopt(Socket socket) => _inner.Adopt(socket);

        public override LoopSocket Connect(EndPoint endPoint, TcpKeepAlive? keepAlive) => _inner.Connect(endPoint, keepAlive);

        public override void Add(LoopSocket socket, long token, Interest interest) => _inner.Add(socket, token, interest);

        public override int Wait(int milliseconds)
        {
            whenWaiting();
            return _inner.Wait(milliseconds);
        }

        public override void Wake() => _inner.Wake();

        public override void Dispose() => _inner.Dispose();
    }
}
