using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Wspy.Handshake;
using Wspy.Tests.Connections;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>The ways in which connecting on an event loop fails: the same types as without one.</summary>
public class ConnectFailureTests
{
    public static TheoryData<PollerKind> Pollers => [PollerKind.Epoll, PollerKind.Portable];

    [Theory]
    [MemberData(nameof(ClientFailureTests.Answers), MemberType = typeof(ClientFailureTests))]
    public async Task Whatever_the_server_answers_is_told(string answer, HandshakeViolation reason, int status, string body)
    {
        foreach (PollerKind poller in new[] { PollerKind.Auto, PollerKind.Portable })
        {
            await using ConnectionLoop loop = NewLoop(poller);
            using TcpListener listener = Listen(out string url);
            Task answering = Task.Run(async () =>
            {
                using Socket socket = await listener.AcceptSocketAsync();
                byte[] request = new byte[4096];
                await socket.ReceiveAsync(request);
                await socket.SendAsync(Encoding.Latin1.GetBytes(answer));
                if (!answer.Contains("chunked", StringComparison.Ordinal) && !answer.Contains("Length", StringComparison.Ordinal))
                {
                    socket.Shutdown(SocketShutdown.Send);
                }

                await socket.ReceiveAsync(request);
            });
            HandshakeException failed = await FailAsync<HandshakeException>(url, null, loop);
            Assert.Equal((reason, status, body), (failed.Reason, failed.StatusCode, Encoding.UTF8.GetString(failed.Body.Span)));
            await answering.WaitAsync(Link.Limit);
        }
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public async Task No_way_to_the_server_is_a_socket_exception(PollerKind poller)
    {
        await using ConnectionLoop loop = NewLoop(poller);

        // Bound and not listening: nobody else gets the port meanwhile.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        SocketException refused = await FailAsync<SocketException>($"ws://127.0.0.1:{port}/", null, loop);
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);

        SocketException unknown = await FailAsync<SocketException>("ws://no-such-host.invalid/", null, loop);
        Assert.Contains(unknown.SocketErrorCode, new[] { SocketError.HostNotFound, SocketError.TryAgain, SocketError.NoData, SocketError.NoRecovery });
        Assert.Equal(0, loop.Connections);
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public async Task Every_address_of_a_name_is_tried_until_one_answers(PollerKind poller)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8.");
        await using ConnectionLoop loop = NewLoop(poller);
        using TcpListener listener = Listen(out string url);
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        IPAddress other = IPAddress.Parse("127.0.0.2");
        silent.Bind(new IPEndPoint(other, ((IPEndPoint)listener.LocalEndpoint).Port));
        Task<WebSocket> accepting = Task.Run(async () => await WebSocket.AcceptAsync(await listener.AcceptSocketAsync()));
        var named = new Uri(url.Replace("127.0.0.1", "two.example", StringComparison.Ordinal));
        await using var connection = new TestConnection();
        await LoopConnector.ConnectAsync(connection, named, ClientOptions.Default, loop, ResolveAsync, CancellationToken.None).AsTask().WaitAsync(Link.Limit);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)connection.RemoteEndPoint!).Address);
        (await accepting.WaitAsync(Link.Limit)).Abort();

        Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
        {
            Assert.Equal("two.example", name);
            return Task.FromResult<IPAddress[]>([other, other, IPAddress.Loopback]);
        }
    }

    [Fact]
    public async Task Looking_up_a_name_counts_as_connecting_and_can_be_cancelled()
    {
        var clock = new FakeTimeProvider();
        await using ConnectionLoop loop = NewLoop(PollerKind.Auto, clock);
        var url = new Uri("ws://slow.example/");
        Task connecting = LoopConnector.ConnectAsync(new TestConnection(), url, ClientOptions.Default, loop, ResolveAsync, CancellationToken.None).AsTask();
        clock.Advance(ClientOptions.Default.ConnectTimeout);
        await Assert.ThrowsAsync<TimeoutException>(() => connecting.WaitAsync(Link.Limit));

        using var source = new CancellationTokenSource();
        connecting = LoopConnector.ConnectAsync(new TestConnection(), url, ClientOptions.Default, loop, ResolveAsync, source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Link.Limit));

        static async Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return [];
        }
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public async Task A_server_that_does_not_answer_is_a_failed_handshake_in_time(PollerKind poller)
    {
        var clock = new FakeTimeProvider();
        await using ConnectionLoop loop = NewLoop(poller, clock);
        using TcpListener listener = Listen(out string url);
        foreach (string scheme in new[] { "ws:", "wss:" })
        {
            Task<HandshakeException> failing = FailAsync<HandshakeException>(url.Replace("ws:", scheme, StringComparison.Ordinal), new ClientOptions { HandshakeTimeout = TimeSpan.FromMinutes(1) }, loop);
            using Socket accepted = await listener.AcceptSocketAsync();
            await accepted.ReceiveAsync(new byte[1]);

            // It is connected and has begun: the time to connect is over, and that of the handshake not.
            clock.Advance(TimeSpan.FromSeconds(50));
            Assert.False(failing.IsCompleted);
            while (!failing.IsCompleted)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await Task.WhenAny(failing, Task.Delay(1));
            }

            Assert.Equal(HandshakeViolation.TimedOut, (await failing).Reason);
        }
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public async Task Connecting_takes_no_longer_than_ConnectTimeout_and_can_be_cancelled(PollerKind poller)
    {
        // A listener whose queue is full drops further attempts, so that they wait.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var fillers = new List<Socket>();
        bool isFull = false;
        while (!isFull && fillers.Count < 20)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            fillers.Add(filler);
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            try
            {
                await filler.ConnectAsync(full.LocalEndPoint!, limit.Token);
            }
            catch (OperationCanceledException)
            {
                isFull = true;
            }
        }

        Assert.True(isFull, "the system lets everybody connect, so nothing can be tested");
        var clock = new FakeTimeProvider();
        await using ConnectionLoop loop = NewLoop(poller, clock);
        string url = $"ws://127.0.0.1:{((IPEndPoint)full.LocalEndPoint!).Port}/";
        Task<TimeoutException> failing = FailAsync<TimeoutException>(url, null, loop);
        while (!failing.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(failing, Task.Delay(1));
        }

        Assert.Contains("ConnectTimeout", (await failing).Message, StringComparison.Ordinal);

        using var source = new CancellationTokenSource();
        var connection = new TestConnection();
        Task connecting = connection.ConnectAsync(url, null, loop, source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Link.Limit));
        Assert.Empty(connection.Calls);
        fillers.ForEach(filler => filler.Dispose());
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public async Task TLS_to_a_plain_port_an_untrusted_certificate_and_a_throwing_callback_are_failed_TLS(PollerKind poller)
    {
        await using ConnectionLoop loop = NewLoop(poller);
        await using var plain = new TestServer(ServerEngine.Portable);
        await using var secure = new TestServer(ServerEngine.Portable, new ServerOptions { Tls = Link.ServerTls });
        foreach ((int port, SslClientAuthenticationOptions? tls) in new (int, SslClientAuthenticationOptions?)[]
        {
            (plain.EndPoint.Port, Link.TrustingTls),
            (secure.EndPoint.Port, null),
            (secure.EndPoint.Port, new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => throw new FormatException("mine") }),
        })
        {
            HandshakeException failed = await FailAsync<HandshakeException>($"wss://127.0.0.1:{port}/", new ClientOptions { Tls = tls }, loop);
            Assert.Equal(port == plain.EndPoint.Port ? HandshakeViolation.WrongScheme : HandshakeViolation.TlsFailed, failed.Reason);
        }

        HandshakeException reverse = await FailAsync<HandshakeException>($"ws://127.0.0.1:{secure.EndPoint.Port}/", null, loop);
        Assert.Equal(HandshakeViolation.WrongScheme, reverse.Reason);
    }

    [Fact]
    public async Task A_mistake_in_the_options_shows_before_anything_is_connected()
    {
        using TcpListener listener = Listen(out string url);
        await FailAsync<ArgumentException>(url, new ClientOptions { Subprotocols = ["not a token"] }, ConnectionLoop.Default);
        await FailAsync<ArgumentException>("http:relative", null, ConnectionLoop.Default);
        Assert.False(listener.Pending());
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public async Task Cancelling_ends_connecting_at_every_stage(PollerKind poller)
    {
        await using ConnectionLoop loop = NewLoop(poller);
        using TcpListener listener = Listen(out string url);
        foreach (string scheme in new[] { "ws:", "wss:" })
        {
            using var source = new CancellationTokenSource();
            var connection = new TestConnection();
            Task connecting = connection.ConnectAsync(url.Replace("ws:", scheme, StringComparison.Ordinal), null, loop, source.Token).AsTask();
            using Socket accepted = await listener.AcceptSocketAsync();
            await accepted.ReceiveAsync(new byte[1]);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Link.Limit));
            Assert.Empty(connection.Calls);
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new TestConnection().ConnectAsync(url, null, loop, new CancellationToken(canceled: true)).AsTask());
    }

    private static ConnectionLoop NewLoop(PollerKind poller, TimeProvider? clock = null)
    {
        Assert.SkipWhen(poller == PollerKind.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        return new ConnectionLoop(new ConnectionLoopOptions { Poller = poller, TimeProvider = clock ?? TimeProvider.System });
    }

    private static TcpListener Listen(out string url)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        url = $"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        return listener;
    }

    // No handler is called of what was never open.
    private static async Task<T> FailAsync<T>(string url, ClientOptions? options, ConnectionLoop loop)
        where T : Exception
    {
        var connection = new TestConnection();
        T failed = await Assert.ThrowsAnyAsync<T>(() => connection.ConnectAsync(url, options, loop).AsTask().WaitAsync(Link.Limit));
        Assert.Empty(connection.Calls);
        return failed;
    }
}
