using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Wspy.Loop;
using Wspy.Tests.Transports;
using Wspy.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Where servers listen, and connections that others have accepted.</summary>
public abstract class ListenAddressTests(ServerEngine engine)
{
    private static bool IsLinux => OperatingSystem.IsLinux();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_Unix_domain_socket_is_there_while_the_server_runs(bool secure)
    {
        Assert.SkipUnless(IsLinux, "Unix-domain sockets with modes are tested on Linux.");
        using var folder = new Folder();
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        var server = new TestServer(engine, new ServerOptions { ListenOn = [ListenAddress.Unix(folder.Socket, mode)], Tls = secure ? Link.ServerTls : null, MaxConnectionsPerAddress = 1 });
        await using (server)
        {
            Assert.Equal(mode, OperatingSystem.IsWindows() ? mode : File.GetUnixFileMode(folder.Socket));
            Assert.Equal(folder.Socket, Assert.Single(server.Server.EndPoints).ToString());
            Assert.Throws<InvalidOperationException>(() => server.EndPoint);

            // Clients of such sockets have no address, so that no limit takes all of them for one.
            using WebSocket first = await ConnectAsync(new UnixDomainSocketEndPoint(folder.Socket), secure);
            using WebSocket second = await ConnectAsync(new UnixDomainSocketEndPoint(folder.Socket), secure);
            await EchoAsync(first, second);
            Assert.All(server.Clients, static client => Assert.Null(client.RemoteEndPoint));
        }

        Assert.False(File.Exists(folder.Socket));
    }

    [Fact]
    public async Task What_a_server_has_left_behind_is_replaced_and_nothing_else()
    {
        Assert.SkipUnless(IsLinux, "Linux tells what kind of file it is.");
        using var folder = new Folder();
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(folder.Socket + ".old"));
            File.Move(folder.Socket + ".old", folder.Socket);
        }

        Assert.True(File.Exists(folder.Socket));
        ServerOptions options = new() { ListenOn = [ListenAddress.Unix(folder.Socket)] };
        await using (var server = new TestServer(engine, options))
        {
            // One that listens is left alone.
            SocketException taken = Assert.Throws<SocketException>(() => new TestServer(engine, options));
            Assert.Equal(SocketError.AddressAlreadyInUse, taken.SocketErrorCode);
            Assert.StartsWith($"Cannot listen on unix:{folder.Socket}: ", taken.Message, StringComparison.Ordinal);
            using WebSocket client = await ConnectAsync(new UnixDomainSocketEndPoint(folder.Socket));
            await EchoAsync(client);
        }

        await File.WriteAllTextAsync(folder.Socket, "precious");
        Assert.Throws<SocketException>(() => new TestServer(engine, options));
        Assert.Equal("precious", await File.ReadAllTextAsync(folder.Socket));
    }

    [Fact]
    public async Task An_address_that_cannot_be_had_is_named()
    {
        await using var server = new TestServer(engine);
        SocketException taken = Assert.Throws<SocketException>(() => new TestServer(engine, new ServerOptions { ListenOn = [ListenAddress.Tcp(IPAddress.Loopback, server.EndPoint.Port)] }));
        Assert.Equal(SocketError.AddressAlreadyInUse, taken.SocketErrorCode);
        Assert.StartsWith($"Cannot listen on {server.EndPoint}: ", taken.Message, StringComparison.Ordinal);

        Assert.SkipUnless(IsLinux, "Other systems have other words for a missing folder.");
        using var folder = new Folder();
        string nowhere = folder.Socket + "/none/socket";
        string message = Assert.Throws<SocketException>(() => new TestServer(engine, new ServerOptions { ListenOn = [ListenAddress.Unix(nowhere)] })).Message;
        Assert.Equal($"Cannot listen on unix:{nowhere}: There is no such folder.", message);
    }

    [Fact]
    public async Task An_abstract_name()
    {
        Assert.SkipUnless(IsLinux, "Only Linux has abstract names.");
        string name = $"wspy-test-{Guid.NewGuid():N}";
        await using var server = new TestServer(engine, new ServerOptions { ListenOn = [ListenAddress.Abstract(name)] });
        using WebSocket client = await ConnectAsync(new UnixDomainSocketEndPoint("\0" + name));
        await EchoAsync(client);
    }

    [Fact]
    public async Task Several_addresses_at_once()
    {
        using var folder = new Folder();
        using var given = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        given.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        given.Listen();
        await using var server = new TestServer(engine, new ServerOptions
        {
            ListenOn = [ListenAddress.Unix(folder.Socket), ListenAddress.Tcp(IPAddress.Loopback, 0), ListenAddress.Tcp(IPAddress.IPv6Any, 0), ListenAddress.Of(given)],
        });
        IReadOnlyList<EndPoint> all = server.Server.EndPoints;
        Assert.Equal(server.EndPoint, all[1]);
        Assert.Equal(given.LocalEndPoint, all[3]);
        var sockets = new List<WebSocket>();
        foreach (EndPoint endPoint in all)
        {
            sockets.Add(await ConnectAsync(endPoint is IPEndPoint { Address: var address, Port: var port } && address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, port) : endPoint));
        }

        sockets.Add(await ConnectAsync(new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)all[2]).Port)));
        await EchoAsync([.. sockets]);
        sockets.ForEach(static socket => socket.Dispose());
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Throws<ObjectDisposedException>(() => given.Accept());
    }

    [Fact]
    public void Of_several_addresses_all_or_none_are_taken()
    {
        using var folder = new Folder();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var options = new ServerOptions { ListenOn = [ListenAddress.Unix(folder.Socket), ListenAddress.Tcp(IPAddress.Loopback, ((IPEndPoint)taken.LocalEndPoint!).Port)] };
        Assert.Throws<SocketException>(() => new TestServer(engine, options));
        Assert.False(File.Exists(folder.Socket));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_that_somebody_else_has_accepted(bool secure)
    {
        await using var server = new TestServer(engine, new ServerOptions { ListenOn = [], Tls = secure ? Link.ServerTls : null });
        Assert.Empty(server.Server.EndPoints);
        for (int i = 0; i < 3; i++)
        {
            (Socket near, Socket far) = await Link.ConnectAsync();
            server.Server.Serve(far);
            using WebSocket client = await UpgradeAsync(near, secure);
            await EchoAsync(client);
            Assert.Equal(near.LocalEndPoint, Assert.Single(server.Clients, one => one.IsOpen).RemoteEndPoint);
            Task closing = client.CloseAsync().AsTask();
            await closing.WaitAsync(Link.Limit);
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        (Socket late, Socket refused) = await Link.ConnectAsync();
        Assert.Throws<ObjectDisposedException>(() => server.Server.Serve(refused));
        late.Dispose();
        refused.Dispose();
    }

    [Fact]
    public async Task What_is_not_connected_is_refused_and_harms_nobody()
    {
        await using var server = new TestServer(engine);
        using var unconnected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        using var packets = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        packets.Connect(server.EndPoint);
        foreach (Socket socket in new[] { unconnected, listening, packets })
        {
            Assert.Throws<ArgumentException>("socket", () => server.Server.Serve(socket));

            // It is still the caller's.
            Assert.False(socket.SafeHandle.IsClosed);
        }

        using WebSocket client = await ConnectAsync(server.EndPoint);
        await EchoAsync(client);
        await server.StopAsync().WaitAsync(Link.Limit);
    }

    internal static async Task<WebSocket> ConnectAsync(EndPoint endPoint, bool secure = false)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(endPoint).WaitAsync(Link.Limit);
        return await UpgradeAsync(socket, secure);
    }

    internal static async Task EchoAsync(params WebSocket[] clients)
    {
        foreach (WebSocket client in clients)
        {
            await client.SendAsync(Frame.Text("alive"));
            Assert.Equal("alive"u8.ToArray(), (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.ToArray());
        }
    }

    private static Task<WebSocket> UpgradeAsync(Socket socket, bool secure) =>
        WebSocket.ConnectAsync(socket, new Uri(secure ? "wss://localhost/" : "ws://localhost/"), new ClientOptions { Tls = Link.TrustingTls }).AsTask().WaitAsync(Link.Limit);

    private sealed class Folder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("wspy-unix-").FullName;

        public string Socket => Path.Combine(_path, "socket");

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}

public sealed class ThreadedListenAddressTests() : ListenAddressTests(ServerEngine.Threads)
{
    /// <summary><c>F_DUPFD</c></summary>
    private const int DuplicateFrom = 0;

    [Fact]
    public async Task Any_stream_can_be_served_by_a_thread()
    {
        await using var server = new Echo(new ServerOptions { ListenOn = [] });
        server.Start();
        (Stream near, Stream far) = InMemoryStream.CreatePair();
        server.Serve(far);
        using WebSocket client = await WebSocket.ConnectAsync(near, new Uri("ws://localhost/")).AsTask().WaitAsync(Link.Limit);
        await EchoAsync(client);
        await client.CloseAsync().AsTask().WaitAsync(Link.Limit);
        await server.StopAsync().WaitAsync(Link.Limit);
    }

    [Fact]
    public async Task A_listener_has_one_address_of_any_kind()
    {
        Assert.Throws<ArgumentException>(() => new WebSocketListener(new ServerOptions { ListenOn = [] }));
        Assert.Throws<ArgumentException>(() => new WebSocketListener(new ServerOptions { ListenOn = [ListenAddress.Tcp(IPAddress.Loopback, 0), ListenAddress.Tcp(IPAddress.Loopback, 0)] }));
        string path = Path.Combine(Path.GetTempPath(), $"wspy-{Guid.NewGuid():N}");
        using (var listener = new WebSocketListener(new ServerOptions { ListenOn = [ListenAddress.Unix(path)] }))
        {
            Assert.Throws<InvalidOperationException>(() => listener.EndPoint);
            Task<WebSocket> accepting = Link.OnThread(listener.Accept);
            using WebSocket client = await ConnectAsync(listener.LocalEndPoint);
            using WebSocket server = await accepting.WaitAsync(Link.Limit);
            Assert.Null(server.RemoteEndPoint);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_socket_that_does_not_listen_is_refused()
    {
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var server = new Echo(new ServerOptions { ListenOn = [ListenAddress.Of(bound)] });
        Assert.Throws<InvalidOperationException>(server.Start);
    }

    [Theory]
    [InlineData("7", "2", null, 0, null, 0)]
    [InlineData("7", "2", null, 1, null, 1)]
    [InlineData("7", "3", "a:b:c", 0, "b", 1)]
    [InlineData("7", "2", null, 2, null, -1)]
    [InlineData("7", "2", "a:b", 0, "c", -1)]
    [InlineData("7", "1", "a:b", 0, "b", -1)]
    [InlineData("7", "2", null, 0, "a", -1)]
    [InlineData("8", "2", null, 0, null, -1)]
    [InlineData(null, "2", null, 0, null, -1)]
    [InlineData("7", null, null, 0, null, -1)]
    [InlineData("7", "0", null, 0, null, -1)]
    [InlineData("7", "-1", null, 0, null, -1)]
    [InlineData("7", "99999999999", null, 0, null, -1)]
    [InlineData("7", "100000", null, 5000, null, -1)]
    public void Inherited_sockets_are_those_that_the_environment_names(string? pid, string? count, string? names, int index, string? name, int expected)
    {
        string? Variable(string variable) => variable switch { "LISTEN_PID" => pid, "LISTEN_FDS" => count, _ => names };
        if (expected >= 0)
        {
            Assert.Equal(expected, InheritedSockets.Find(Variable, 7, index, name));
        }
        else
        {
            Assert.Throws<InvalidOperationException>(() => InheritedSockets.Find(Variable, 7, index, name));
        }
    }

    [Fact]
    public async Task A_process_serves_on_the_socket_that_it_was_started_with()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "This is how systemd hands sockets over.");
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();

        // A copy that a child inherits, out of the way of others: the launcher makes it number 3, and keeps its process id for the server.
        int copy = LibC.ControlDescriptor((int)listening.SafeHandle.DangerousGetHandle(), DuplicateFrom, 100);
        var start = new ProcessStartInfo("bash", ["-c", $"exec 3<&{copy}; exec {copy}<&-; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=test exec \"$0\"", Environment.ProcessPath!])
        {
            RedirectStandardOutput = true,
            Environment = { [ChildServer.Variable] = ChildServer.Inherited },
        };
        using Process child = Process.Start(start)!;
        _ = LibC.Close(copy);
        try
        {
            string? port = await child.StandardOutput.ReadLineAsync().WaitAsync(Link.Limit);
            Assert.Equal(((IPEndPoint)listening.LocalEndPoint!).Port.ToString(System.Globalization.CultureInfo.InvariantCulture), port);
            using WebSocket client = await ConnectAsync(listening.LocalEndPoint);
            await EchoAsync(client);
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync().WaitAsync(Link.Limit);
        }
    }

    private sealed class Echo(ServerOptions options) : Wspy.Server(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }
}

public sealed class EpollListenAddressTests() : ListenAddressTests(ServerEngine.Epoll);

public sealed class PortableListenAddressTests() : ListenAddressTests(ServerEngine.Portable);
