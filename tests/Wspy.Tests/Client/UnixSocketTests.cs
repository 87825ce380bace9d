using System.Net;
using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Tests.Connections;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>Clients over Unix-domain sockets.</summary>
public class UnixSocketTests
{
    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task A_path_and_an_abstract_name_lead_to_a_server(ClientKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has abstract sockets.");
        string folder = Directory.CreateTempSubdirectory("wspy").FullName;
        try
        {
            string path = Path.Combine(folder, "a b.sock");
            string name = $"wspy-{Guid.NewGuid():N}";
            await EchoAsync(kind, path, $"ws+unix:{folder}/a b.sock:/chat?x=1", "/chat?x=1");
            File.Delete(path);
            await EchoAsync(kind, path, $"wss+unix:{folder}/a%20b.sock", "/", isSecure: true);
            await EchoAsync(kind, $"\0{name}", $"ws+unix:@{name}:/", "/");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task No_server_there_is_a_socket_exception_with_the_path(ClientKind kind)
    {
        string path = Path.Combine(Path.GetTempPath(), $"wspy-{Guid.NewGuid():N}.sock");
        SocketException failed = await kind.FailAsync<SocketException>($"ws+unix:{path}:/", new ClientOptions());
        Assert.Contains(path, failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task A_full_queue_is_waited_for_until_the_time_is_over(ClientKind kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a full queue refuses.");
        string path = Path.Combine(Path.GetTempPath(), $"wspy-{Guid.NewGuid():N}.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(0);
        using var filler = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        filler.Connect(new UnixDomainSocketEndPoint(path));
        try
        {
            TimeoutException late = await kind.FailAsync<TimeoutException>($"ws+unix:{path}:/", new ClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(200) });
            Assert.Contains(path, late.Message, StringComparison.Ordinal);

            // Room again while a client waits.
            Task echo = kind.EchoAsync($"ws+unix:{path}:/", new ClientOptions(), size: 10);
            (await listener.AcceptAsync()).Dispose();
            await ServeAsync(listener, isSecure: false);
            await echo;
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("ws+unix:relative.sock:/")]
    [InlineData("ws+unix:/:/path")]
    [InlineData("ws+unix:@:/path")]
    [InlineData("ws+unix:/a.sock:path")]
    [InlineData("ws+unix:/a%00b.sock:/")]
    [InlineData("ws+unix://host/a.sock:/")]
    [InlineData("ws+unix:/a.sock:/#fragment")]
    public void What_names_no_socket_is_refused(string url) => Assert.ThrowsAny<ArgumentException>(() => WebSocket.Connect(url));

    [Theory]
    [InlineData("ws+unix:/a.sock", "/a.sock", "/")]
    [InlineData("ws+unix:/a.sock:", "/a.sock", "/")]
    [InlineData("ws+unix:/a.sock?x=1", "/a.sock", "/?x=1")]
    [InlineData("ws+unix:/a.sock:/b:c?x:y", "/a.sock", "/b:c?x:y")]
    [InlineData("ws+unix:///run/a%3Ab.sock:/", "/run/a:b.sock", "/")]
    [InlineData("ws+unix:@name:/p", "\0name", "/p")]
    public void The_first_colon_divides_the_socket_and_the_path(string url, string path, string target)
    {
        var uri = new Uri(url);
        Assert.Equal(("localhost", target), HandshakeUri.Split(uri, nameof(uri)));
        Assert.Equal(path, HandshakeUri.UnixPath(uri, nameof(uri)));
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task A_redirect_stays_on_its_socket_and_cookies_are_not_kept(ClientKind kind)
    {
        string path = Path.Combine(Path.GetTempPath(), $"wspy-{Guid.NewGuid():N}.sock");
        var cookies = new CookieContainer();
        cookies.Add(new Uri("http://localhost/"), new Cookie("of", "others"));
        var options = new ClientOptions { Cookies = cookies, Credentials = new NetworkCredential("name", "secret"), PreemptiveBasic = true };
        await using var network = new ScriptedServer(_ => ScriptedServer.Upgrade + "\r\n");
        string away = "";
        try
        {
            await using var server = new ScriptedServer(
                head => head.Split(' ')[1] switch
                {
                    "/a/b" => "HTTP/1.1 307 Go\r\nLocation: ../c?x=1\r\nSet-Cookie: mine=1\r\nContent-Length: 0\r\n\r\n",
                    "/c?x=1" => "HTTP/1.1 307 Go\r\nLocation: http://localhost/d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                    "/away" => $"HTTP/1.1 307 Go\r\nLocation: {away}\r\nContent-Length: 0\r\n\r\n",
                    _ => ScriptedServer.Upgrade + "\r\n",
                },
                new UnixDomainSocketEndPoint(path));
            await using (await AnyClient.ConnectAsync(kind, $"ws+unix:{path}:/a/b", options))
            {
                Assert.Equal(["/a/b", "/c?x=1", "/d"], server.Requests.Select(head => head.Split(' ')[1]));
                Assert.Equal(2, server.Connections);
                Assert.All(server.Requests, head => Assert.DoesNotContain("Cookie", head, StringComparison.Ordinal));
                Assert.All(server.Requests, head => Assert.Contains("\nAuthorization: ", head, StringComparison.Ordinal));
                Assert.Equal(1, cookies.Count);
            }

            foreach (string location in new[] { network.Url, $"http://localhost:{network.Port}/", "https://localhost/", $"ws+unix:{path}:/d", "ws+unix:/run/other.sock:/", "//example.com/" })
            {
                away = location;
                HandshakeException refused = await kind.FailAsync<HandshakeException>($"ws+unix:{path}:/away", options);
                Assert.Equal((HandshakeViolation.InvalidRedirect, 307), (refused.Reason, refused.StatusCode));
            }

            Assert.Empty(network.Requests);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task No_redirect_leads_from_the_network_to_a_socket(ClientKind kind)
    {
        string path = Path.Combine(Path.GetTempPath(), $"wspy-{Guid.NewGuid():N}.sock");
        try
        {
            await using var local = new ScriptedServer(_ => ScriptedServer.Upgrade + "\r\n", new UnixDomainSocketEndPoint(path));
            await using var server = new ScriptedServer(_ => $"HTTP/1.1 307 Go\r\nLocation: ws+unix:{path}:/\r\nContent-Length: 0\r\n\r\n");
            HandshakeException refused = await kind.FailAsync<HandshakeException>(server.Url, new ClientOptions());
            Assert.Equal(HandshakeViolation.InvalidRedirect, refused.Reason);
            Assert.Equal(0, local.Connections);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task EchoAsync(ClientKind kind, string path, string url, string target, bool isSecure = false)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Task<HttpRequestHead> serving = ServeAsync(listener, isSecure);
        await kind.EchoAsync(url, new ClientOptions { Tls = Link.TrustingTls });
        HttpRequestHead request = await serving.WaitAsync(Link.Limit);
        Assert.Equal((target, "localhost"), (request.Target, request.Headers["Host"]));
    }

    private static async Task<HttpRequestHead> ServeAsync(Socket listener, bool isSecure)
    {
        Socket accepted = await listener.AcceptAsync();
        WebSocket webSocket = await WebSocket.AcceptAsync(accepted, new ServerOptions { Tls = isSecure ? Link.ServerTls : null });
        await using var connection = new Connection(webSocket);
        await foreach (Message message in connection)
        {
            await connection.SendAsync(message);
        }

        return webSocket.Request!;
    }
}
