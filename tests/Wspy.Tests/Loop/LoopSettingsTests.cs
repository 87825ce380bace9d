using System.Net;
using System.Net.Sockets;
using Wspy.Loop;

namespace Wspy.Tests.LoopTests;

/// <summary>Which poller a loop gets, and when it is made.</summary>
public class LoopSettingsTests
{
    [Theory]
    [InlineData(PollerKind.Auto, true, PollerKind.Epoll)]
    [InlineData(PollerKind.Auto, false, PollerKind.Portable)]
    [InlineData(PollerKind.Epoll, true, PollerKind.Epoll)]
    [InlineData(PollerKind.Portable, true, PollerKind.Portable)]
    [InlineData(PollerKind.Portable, false, PollerKind.Portable)]
    public void The_best_that_there_is(PollerKind asked, bool hasEpoll, PollerKind expected) => Assert.Equal(expected, LoopSettings.Resolve(asked, hasEpoll));

    [Fact]
    public void Epoll_where_there_is_none()
    {
        PlatformNotSupportedException exception = Assert.Throws<PlatformNotSupportedException>(() => LoopSettings.Resolve(PollerKind.Epoll, hasEpoll: false));
        Assert.Equal("PollerKind.Epoll needs Linux; PollerKind.Auto takes the best that this system has.", exception.Message);
        if (!OperatingSystem.IsLinux())
        {
            Assert.Throws<PlatformNotSupportedException>(() => new AsyncServer(new ServerOptions { Poller = PollerKind.Epoll }));
            Assert.Throws<PlatformNotSupportedException>(() => new ConnectionLoop(new ConnectionLoopOptions { Poller = PollerKind.Epoll }));
        }
    }

    [Fact]
    public async Task A_server_that_never_starts_has_no_pollers()
    {
        int made = 0;
        Poller Make()
        {
            made++;
            return new PortablePoller();
        }

        await using (var server = new AsyncServer(new ServerOptions { Port = 0, Loops = 3 }, Make))
        {
            Assert.Empty(server.Clients);
        }

        Assert.Equal(0, made);
    }

    [Fact]
    public async Task A_start_that_fails_holds_nothing_and_may_be_tried_again()
    {
        var pollers = new List<CountingPoller>();
        bool fails = true;
        Poller Make()
        {
            if (fails && pollers.Count == 2)
            {
                throw new IOException("as the test wants it");
            }

            pollers.Add(new CountingPoller());
            return pollers[^1];
        }

        int port;
        using (var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)free.LocalEndPoint!).Port;
        }

        var server = new AsyncServer(new ServerOptions { Port = port, Loops = 3 }, Make);
        Assert.Throws<IOException>(server.Start);
        Assert.Equal([1, 1], pollers.Select(static poller => poller.Disposed));
        Assert.Throws<InvalidOperationException>(() => server.EndPoint);
        pollers.Clear();
        fails = false;
        server.Start();
        Assert.Equal(port, server.EndPoint.Port);
        await server.DisposeAsync().AsTask().WaitAsync(Transports.Link.Limit);
        Assert.Equal([1, 1, 1], pollers.Select(static poller => poller.Disposed));
    }

    private sealed class CountingPoller : Poller
    {
        private readonly PortablePoller _inner = new();

        public int Disposed { get; private set; }

        public override PollEvent this[int index] => _inner[index];

        public override LoopListener Listen(Socket listener, long token) => _inner.Listen(listener, token);

        public override LoopSocket Adopt(Socket socket) => _inner.Adopt(socket);

        public override LoopSocket Connect(EndPoint endPoint, TcpKeepAlive? keepAlive) => _inner.Connect(endPoint, keepAlive);

        public override void Add(LoopSocket socket, long token, Interest interest) => _inner.Add(socket, token, interest);

        public override int Wait(int milliseconds) => _inner.Wait(milliseconds);

        public override void Wake() => _inner.Wake();

        public override void Dispose()
        {
            Disposed++;
            _inner.Dispose();
        }
    }
}
