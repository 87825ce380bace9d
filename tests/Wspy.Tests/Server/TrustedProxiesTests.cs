using System.Net;
using System.Net.Sockets;
using System.Text;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Servers behind proxies: whose word counts, and for what.</summary>
public abstract class TrustedProxiesTests(ServerEngine engine)
{
    private static readonly IPNetwork Here = IPNetwork.Parse("127.0.0.0/8");
    private static readonly IPNetwork Elsewhere = IPNetwork.Parse("192.0.2.0/24");

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task The_PROXY_protocol_tells_the_clients_address(bool secure, bool binary)
    {
        await using var server = new TestServer(engine, new ServerOptions { TrustedProxies = new TrustedProxies { Networks = [Here], ProxyProtocol = true }, Tls = secure ? Link.ServerTls : null });
        byte[] header = binary ? [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x11, 0, 12, 198, 51, 100, 7, 127, 0, 0, 1, 0x12, 0x34, 0x01, 0xBB] : "PROXY TCP4 198.51.100.7 127.0.0.1 4660 443\r\n"u8.ToArray();
        for (int piece = 1; piece <= header.Length; piece *= 3)
        {
            using WebSocket client = await ConnectAsync(server, header, secure, piece);
            await ListenAddressTests.EchoAsync(client);
            Assert.Contains(server.Clients, one => one.RemoteEndPoint!.ToString() == "198.51.100.7:4660");
        }
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n", false)]
    [InlineData("PROXY UNKNOWN 198.51.100.7 127.0.0.1 1 2\r\n", false)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\0\0\0", false)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\0\0\u0007\u0004\0\u0004abcd", false)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0", true)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0020\u0011\0\u000cabcdefghijkl", true)]
    public async Task Where_a_proxy_names_nobody_its_own_address_is_kept_and_only_what_it_sends_itself_is_believed(string header, bool isItsOwn)
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            TrustedProxies = new TrustedProxies { Networks = [Here], ProxyProtocol = true, Headers = ForwardedHeaders.XForwarded },
        });
        Client client = await OpenAsync(server, "X-Forwarded-For: 198.51.100.9\r\n", header);
        Assert.Equal(isItsOwn ? "198.51.100.9" : "127.0.0.1", ((IPEndPoint)client.RemoteEndPoint!).Address.ToString());
        Assert.Equal(isItsOwn, client.Request.Forwarded is not null);
    }

    [Fact]
    public async Task A_client_of_a_proxys_Unix_domain_socket_has_no_address()
    {
        await using var server = new TestServer(engine, new ServerOptions { TrustedProxies = new TrustedProxies { Networks = [Here], ProxyProtocol = true } });
        using WebSocket client = await ConnectAsync(server, [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x31, 0, 216, .. new byte[216]], piece: 100);
        await ListenAddressTests.EchoAsync(client);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)Assert.Single(server.Clients).RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task Header_fields_behind_the_PROXY_protocol_are_those_of_a_further_proxy()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            TrustedProxies = new TrustedProxies { Networks = [Here, IPNetwork.Parse("10.0.0.0/8")], ProxyProtocol = true, Headers = ForwardedHeaders.XForwarded },
        });
        Client client = await OpenAsync(server, "X-Forwarded-For: 198.51.100.9\r\n", "PROXY TCP4 10.1.2.3 127.0.0.1 1 2\r\n");
        Assert.Equal("198.51.100.9:0", client.RemoteEndPoint!.ToString());
        client = await OpenAsync(server, "X-Forwarded-For: 198.51.100.9\r\n", "PROXY TCP4 192.0.2.3 127.0.0.1 7 2\r\n");
        Assert.Equal("192.0.2.3:7", client.RemoteEndPoint!.ToString());
    }

    [Theory]
    [InlineData(true, "PROXY TCP4 198.51.100.7 127.0.0.1 1 2\r\n")]
    [InlineData(false, "")]
    [InlineData(false, "PROXY TCP4 198.51.100.7 127.0.0.1 1\r\n")]
    [InlineData(false, "PROXY UNKNOWN 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456\r\n")]
    [InlineData(false, "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u000f\u00f1")]
    [InlineData(false, "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000fabcdefghijkl\u0004\0\u0001")]
    public async Task Without_a_valid_header_of_a_trusted_proxy_nobody_gets_in(bool isElsewhere, string header)
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions
        {
            TrustedProxies = new TrustedProxies { Networks = [isElsewhere ? Elsewhere : Here], ProxyProtocol = true },
            LoggerFactory = log,
        });
        using var client = new RawClient(server.EndPoint);
        string answer = "";
        try
        {
            client.Send(header + RawClient.Upgrade());
            answer = await client.ReadToEndAsync();
        }
        catch (SocketException)
        {
            // Reset.
        }

        Assert.Equal("", answer);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Single(log.Lines, line => line.Line.Contains(isElsewhere ? "trusted proxy" : "PROXY protocol", StringComparison.Ordinal));
        Assert.Empty(server.Calls);
    }

    [Fact]
    public async Task A_proxy_that_ends_the_connection_within_its_header_is_no_client()
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions { TrustedProxies = new TrustedProxies { Networks = [Here], ProxyProtocol = true }, LoggerFactory = log });
        using (var client = new RawClient(server.EndPoint))
        {
            client.Send("PROXY TCP4 198.51.");
        }

        await LoopTests.LoopServer.UntilAsync(() => log.Lines.Any(line => line.Line.Contains("within its header", StringComparison.Ordinal)));
        Assert.Empty(server.Calls);
    }

    [Fact]
    public async Task A_proxy_that_stalls_within_its_header_is_timed_out()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            TrustedProxies = new TrustedProxies { Networks = [Here], ProxyProtocol = true },
            HandshakeTimeout = TimeSpan.FromMilliseconds(200),
        });
        using var client = new RawClient(server.EndPoint);
        client.Send("PROXY TCP4 198.51.");
        using var limit = new CancellationTokenSource(Link.Limit);
        await client.DrainAsync(limit.Token);
        Assert.False(limit.IsCancellationRequested);
    }

    [Theory]
    [InlineData(ForwardedHeaders.XForwarded, "X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\nX-Forwarded-Proto: https\r\n", "198.51.100.7:0", "https")]
    [InlineData(ForwardedHeaders.Forwarded, "Forwarded: for=203.0.113.9, for=\"198.51.100.7:99\";proto=https\r\n", "198.51.100.7:99", "https")]
    [InlineData(ForwardedHeaders.Forwarded, "X-Forwarded-For: 198.51.100.7\r\n", null, null)]
    [InlineData(ForwardedHeaders.None, "X-Forwarded-For: 198.51.100.7\r\n", null, null)]
    public async Task Header_fields_of_a_trusted_proxy_tell_the_clients_address(ForwardedHeaders headers, string fields, string? address, string? scheme)
    {
        await using var server = new TestServer(engine, new ServerOptions { TrustedProxies = new TrustedProxies { Networks = [Here], Headers = headers } });
        Client client = await OpenAsync(server, fields);
        Assert.Equal(address is null, IPAddress.IsLoopback(((IPEndPoint)client.RemoteEndPoint!).Address));
        Assert.Equal(address ?? client.RemoteEndPoint.ToString(), client.RemoteEndPoint.ToString());
        Assert.Equal(scheme, client.Request.Forwarded?.Scheme);
    }

    [Fact]
    public async Task Nobody_else_is_believed()
    {
        await using var server = new TestServer(engine, new ServerOptions { TrustedProxies = new TrustedProxies { Networks = [Elsewhere], Headers = ForwardedHeaders.XForwarded } });
        Client client = await OpenAsync(server, "X-Forwarded-For: 198.51.100.7\r\n");
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)client.RemoteEndPoint!).Address);
        Assert.Null(client.Request.Forwarded);
    }

    [Fact]
    public async Task Malformed_fields_of_a_trusted_proxy_are_refused()
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions { TrustedProxies = new TrustedProxies { Networks = [Here], Headers = ForwardedHeaders.XForwarded }, LoggerFactory = log });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade("X-Forwarded-For: nonsense\r\n"));
        Assert.StartsWith("HTTP/1.1 400 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Single(log.Lines, line => line.Line.Contains("malformed (XForwarded)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Attempts_to_authenticate_are_counted_by_the_clients_address()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            Authentication = new ServerAuthentication { Schemes = [new BasicScheme(new Dictionary<string, string> { ["a"] = "right" })], MaxAttemptsPerAddress = 1 },
            TrustedProxies = new TrustedProxies { Networks = [Here], Headers = ForwardedHeaders.XForwarded },
        });
        Assert.StartsWith("HTTP/1.1 401 ", await AttemptAsync("198.51.100.1"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 429 ", await AttemptAsync("198.51.100.1"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401 ", await AttemptAsync("198.51.100.2"), StringComparison.Ordinal);

        async Task<string> AttemptAsync(string address)
        {
            using var attempt = new RawClient(server.EndPoint);
            attempt.Send(RawClient.Upgrade($"X-Forwarded-For: {address}\r\nAuthorization: Basic YTpi\r\n"));
            return await attempt.ReadHeadAsync();
        }
    }

    [Fact]
    public async Task One_connection_may_carry_requests_for_several_clients()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            Authentication = new ServerAuthentication { Schemes = [new BasicScheme(new Dictionary<string, string> { ["a"] = "b" })] },
            TrustedProxies = new TrustedProxies { Networks = [Here], Headers = ForwardedHeaders.XForwarded },
            MaxConnectionsPerAddress = 1,
        });
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = opened.SetResult;
        using var proxy = new RawClient(server.EndPoint);
        foreach (string address in new[] { "198.51.100.1", "unknown", "198.51.100.2" })
        {
            proxy.Send(RawClient.Upgrade($"X-Forwarded-For: {address}\r\n"));
            string head = await proxy.ReadHeadAsync();
            Assert.StartsWith("HTTP/1.1 401 ", head, StringComparison.Ordinal);
            await proxy.ReadAsync(int.Parse(head.Split("Content-Length: ")[1].Split("\r\n")[0], System.Globalization.CultureInfo.InvariantCulture));
        }

        proxy.Send(RawClient.Upgrade("X-Forwarded-For: 198.51.100.3\r\nAuthorization: Basic YTpi\r\n"));
        Assert.StartsWith("HTTP/1.1 101 ", await proxy.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("198.51.100.3:0", (await opened.Task.WaitAsync(Link.Limit)).RemoteEndPoint!.ToString());

        // The others have given their places back.
        server.WhenOpened = null;
        using var other = new RawClient(server.EndPoint);
        other.Send(RawClient.Upgrade("X-Forwarded-For: 198.51.100.1\r\nAuthorization: Basic YTpi\r\n"));
        Assert.StartsWith("HTTP/1.1 101 ", await other.ReadHeadAsync(), StringComparison.Ordinal);
    }

    internal static async Task<Client> OpenAsync(TestServer server, string fields, string header = "")
    {
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = client => opened.TrySetResult(client);
        var raw = new RawClient(server.EndPoint);
        server.Kept.Enqueue(raw);
        raw.Send(header + RawClient.Upgrade(fields));
        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        return await opened.Task.WaitAsync(Link.Limit);
    }

    private static async Task<WebSocket> ConnectAsync(TestServer server, byte[] header, bool secure = false, int piece = int.MaxValue)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.EndPoint);
        for (int i = 0; i < header.Length; i += Math.Min(piece, header.Length))
        {
            await socket.SendAsync(header.AsMemory(i, Math.Min(piece, header.Length - i)));
        }

        return await WebSocket.ConnectAsync(socket, new Uri(secure ? "wss://localhost/" : "ws://localhost/"), new ClientOptions { Tls = Link.TrustingTls }).AsTask().WaitAsync(Link.Limit);
    }
}

public sealed class ThreadedTrustedProxiesTests() : TrustedProxiesTests(ServerEngine.Threads);

public sealed class EpollTrustedProxiesTests() : LoopTrustedProxiesTests(ServerEngine.Epoll);

public sealed class PortableTrustedProxiesTests() : LoopTrustedProxiesTests(ServerEngine.Portable);

public abstract class LoopTrustedProxiesTests(ServerEngine engine) : TrustedProxiesTests(engine)
{
    private readonly ServerEngine _engine = engine;

    [Fact]
    public async Task Connections_are_counted_by_the_clients_address_and_not_by_the_proxys()
    {
        await using var server = new TestServer(_engine, new ServerOptions
        {
            MaxConnectionsPerAddress = 1,
            TrustedProxies = new TrustedProxies { Networks = [IPNetwork.Parse("127.0.0.0/8")], Headers = ForwardedHeaders.XForwarded },
        });
        Client first = await OpenAsync(server, "X-Forwarded-For: 198.51.100.1\r\n");
        await OpenAsync(server, "X-Forwarded-For: 198.51.100.2\r\n");
        using (var client = new RawClient(server.EndPoint))
        {
            client.Send(RawClient.Upgrade("X-Forwarded-For: 198.51.100.1\r\n"));
            Assert.StartsWith("HTTP/1.1 429 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        }

        // Its place is free again when it is gone.
        first.Abort();
        await first.Closed.WaitAsync(Link.Limit);
        await LoopTests.LoopServer.UntilAsync(() => server.Clients.Count == 1);
        await OpenAsync(server, "X-Forwarded-For: 198.51.100.1\r\n");
    }

    // A proxy that keeps its connections to the server tells of a client's next connection by another port.
    [Fact]
    public async Task A_client_that_has_as_many_connections_as_it_may_have_keeps_them_whatever_port_it_asks_from()
    {
        await using var server = new TestServer(_engine, new ServerOptions
        {
            MaxConnectionsPerAddress = 1,
            TrustedProxies = new TrustedProxies { Networks = [IPNetwork.Parse("127.0.0.0/8")], Headers = ForwardedHeaders.Forwarded },
            OnRequest = request => HttpResponse.Text(200, request.RemoteEndPoint!.ToString()!),
        });
        using var proxy = new RawClient(server.EndPoint);
        foreach (string client in new[] { "198.51.100.1:1001", "198.51.100.1:1002", "198.51.100.1:1003" })
        {
            proxy.Send($"GET / HTTP/1.1\r\nHost: localhost\r\nForwarded: for=\"{client}\"\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 ", await proxy.ReadHeadAsync(), StringComparison.Ordinal);
            Assert.Equal(client, Encoding.ASCII.GetString(await proxy.ReadAsync(client.Length)));
        }

        // It is counted once all the same.
        using (var other = new RawClient(server.EndPoint))
        {
            other.Send(RawClient.Upgrade("Forwarded: for=\"198.51.100.1:1004\"\r\n"));
            Assert.StartsWith("HTTP/1.1 429 ", await other.ReadToEndAsync(), StringComparison.Ordinal);
        }

        proxy.Dispose();
        await LoopTests.LoopServer.UntilAsync(() => IsFreeAsync().GetAwaiter().GetResult());

        async Task<bool> IsFreeAsync()
        {
            using var again = new RawClient(server.EndPoint);
            again.Send(RawClient.Upgrade("Forwarded: for=\"198.51.100.1:1005\"\r\n"));
            return (await again.ReadHeadAsync()).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal);
        }
    }
}
