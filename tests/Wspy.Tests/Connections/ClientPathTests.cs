using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.ClientTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Names and addresses, blocking and not, and on an event loop.</summary>
public class ClientPathTests
{
    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.2");

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task An_address_that_does_not_answer_holds_up_nobody_for_long(ClientKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8.");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using FullListener full = new(new IPEndPoint(Other, port));
        Assert.Equal(IPAddress.Loopback, await ConnectAsync(kind, port, [Other, IPAddress.IPv6Loopback, IPAddress.Loopback], listener));
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task An_error_names_all_addresses_that_were_tried(ClientKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8.");
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Any, 0));
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        SocketException failed = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(kind, port, [Other, IPAddress.Loopback]));
        Assert.Equal(SocketError.ConnectionRefused, failed.SocketErrorCode);
        Assert.Contains($"two.example:{port}", failed.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.2:{port} (", failed.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port} (", failed.Message, StringComparison.Ordinal);

        failed = await Assert.ThrowsAsync<SocketException>(() => ConnectAsync(kind, port, []));
        Assert.Contains("two.example has no address", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task The_time_for_addresses_that_do_not_answer_ends_and_they_are_told(ClientKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8.");
        using FullListener full = new(new IPEndPoint(IPAddress.Any, 0));
        TimeoutException late = await Assert.ThrowsAsync<TimeoutException>(() => ConnectAsync(kind, full.Port, [Other, IPAddress.Loopback], limit: TimeSpan.FromMilliseconds(600)));
        Assert.Contains("ConnectTimeout", late.Message, StringComparison.Ordinal);
        Assert.Contains($"tried 127.0.0.2:{full.Port}, 127.0.0.1:{full.Port}.", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_look_up_that_takes_too_long_is_left_to_itself_also_when_blocking()
    {
        using var never = new ManualResetEventSlim();
        var clock = new FakeTimeProvider();
        Task<ClientLink> connecting = Link.OnThread(() => ClientPath.Connect(new Uri("ws://slow.example/"), new ClientOptions { Proxy = null, TimeProvider = clock }, _ =>
        {
            never.Wait();
            return [];
        }));
        while (!connecting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(connecting, Task.Delay(1));
        }

        TimeoutException late = await Assert.ThrowsAsync<TimeoutException>(() => connecting);
        Assert.Contains("slow.example:80 within 10 s (ConnectTimeout)", late.Message, StringComparison.Ordinal);
        never.Set();
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task The_system_asks_a_silent_server_unless_it_is_told_not_to(ClientKind kind)
    {
        Assert.SkipUnless(File.Exists("/proc/net/tcp"), "Only Linux shows the timers of its connections.");
        double seconds = await KeepAliveAsync(kind, new ClientOptions { KeepAliveTime = TimeSpan.FromSeconds(10_000), KeepAliveInterval = TimeSpan.FromSeconds(5) });
        Assert.InRange(seconds, 9_000, 10_000);
        Assert.InRange(await KeepAliveAsync(kind, new ClientOptions()), 1, 60);
        Assert.Equal(0, await KeepAliveAsync(kind, new ClientOptions { KeepAlive = false }));
    }

    [Fact]
    public void Times_that_the_system_cannot_keep_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClientOptions { KeepAliveTime = TimeSpan.FromMilliseconds(999) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClientOptions { KeepAliveInterval = TimeSpan.FromSeconds(32_768) });
    }

    private static async Task<IPAddress> ConnectAsync(ClientKind kind, int port, IPAddress[] addresses, TcpListener? listener = null, TimeSpan? limit = null)
    {
        var url = new Uri($"ws://two.example:{port}/");
        var options = new ClientOptions { Proxy = null, ConnectTimeout = limit ?? TimeSpan.FromSeconds(30) };
        if (kind is ClientKind.Blocking or ClientKind.Async)
        {
            ClientLink link = kind == ClientKind.Blocking
                ? await Link.OnThread(() => ClientPath.Connect(url, options, _ => addresses))
                : await ClientPath.ConnectAsync(url, options, (_, _) => Task.FromResult(addresses), CancellationToken.None).AsTask().WaitAsync(Link.Limit);
            using (link.Socket)
            {
                return ((IPEndPoint)link.Socket.RemoteEndPoint!).Address;
            }
        }

        await using ConnectionLoop loop = ClientKinds.NewLoop(kind);
        await using var connection = new TestConnection();
        Task connected = LoopConnector.ConnectAsync(connection, url, options, loop, (_, _) => Task.FromResult(addresses), CancellationToken.None).AsTask();
        if (listener is not null)
        {
            using WebSocket server = await WebSocket.AcceptAsync(await listener.AcceptSocketAsync());
            await connected.WaitAsync(Link.Limit);
            return ((IPEndPoint)connection.RemoteEndPoint!).Address;
        }

        await connected.WaitAsync(Link.Limit);
        throw new InvalidOperationException("It is connected to nobody.");
    }

    // Seconds until the system asks; 0 when it will not.
    private static async Task<double> KeepAliveAsync(ClientKind kind, ClientOptions options)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"ws://{listener.LocalEndpoint}/";
        await using ConnectionLoop? loop = kind is ClientKind.Epoll or ClientKind.Portable ? ClientKinds.NewLoop(kind) : null;
        await using var connection = new TestConnection();
        Task<WebSocket?> connecting = kind switch
        {
            ClientKind.Blocking => Link.OnThread(() => (WebSocket?)WebSocket.Connect(url, options)),
            ClientKind.Async => WebSocket.ConnectAsync(url, options).AsTask().ContinueWith(done => (WebSocket?)done.Result, TaskScheduler.Default),
            _ => connection.ConnectAsync(url, options, loop).AsTask().ContinueWith(done => (WebSocket?)null, TaskScheduler.Default),
        };
        Socket accepted = await listener.AcceptSocketAsync();
        int port = ((IPEndPoint)accepted.RemoteEndPoint!).Port;
        using WebSocket server = await WebSocket.AcceptAsync(accepted);
        using WebSocket? client = await connecting.WaitAsync(Link.Limit);
        string[] ends = [$"0100007F:{port:X4}", $"0100007F:{((IPEndPoint)listener.LocalEndpoint).Port:X4}"];
        for (long end = Environment.TickCount64 + (long)Link.Limit.TotalMilliseconds; Environment.TickCount64 < end; await Task.Delay(5))
        {
            // "sl local remote st queues timer:when ...", ports in hexadecimal, times in hundredths of a second; timer 1 is a retransmission, soon over.
            // The file is no snapshot: a line may be missing while others come and go. The port alone is not enough, for others may have it to other servers.
            string[]? line = (await File.ReadAllLinesAsync("/proc/net/tcp")).Select(text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(fields => fields.AsSpan(1, 2).SequenceEqual(ends));
            if (line?[5].Split(':') is { } timer && timer[0] != "01")
            {
                return timer[0] == "02" ? Convert.ToInt64(timer[1], 16) / 100.0 : 0;
            }
        }

        throw new TimeoutException("The connection does not come to rest.");
    }

    /// <summary>A listener whose queue is full: the system drops what else is tried, without an answer.</summary>
    private sealed class FullListener : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _fillers = [];

        public FullListener(IPEndPoint endPoint)
        {
            _listener.Bind(endPoint);
            _listener.Listen(0);
            Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
            var address = new IPEndPoint(endPoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : endPoint.Address, Port);
            for (bool isFull = false; !isFull; isFull = !_fillers[^1].Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectWrite))
            {
                Assert.True(_fillers.Count < 20, "the system lets everybody connect, so nothing can be tested");
                var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                _fillers.Add(filler);
                Assert.ThrowsAny<SocketException>(() => filler.Connect(address));
            }
        }

        public int Port { get; }

        public void Dispose()
        {
            _fillers.ForEach(filler => filler.Dispose());
            _listener.Dispose();
        }
    }
}
