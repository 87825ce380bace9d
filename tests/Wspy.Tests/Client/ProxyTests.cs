using System.Net;
using System.Net.Sockets;
using System.Text;
using Wspy.Handshake;
using Wspy.Tests.Connections;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>All kinds of clients through all kinds of proxies.</summary>
public class ProxyTests
{
    public static TheoryData<ClientKind, string> Ways
    {
        get
        {
            var data = new TheoryData<ClientKind, string>();
            foreach (ClientKind kind in Enum.GetValues<ClientKind>())
            {
                foreach (string scheme in new[] { "http", "https", "socks5", "socks5h", "socks4a", "socks4" })
                {
                    data.Add(kind, scheme);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Messages_pass_a_proxy_plain_and_in_TLS(ClientKind kind, string scheme)
    {
        await using var proxy = new TestProxy(scheme);
        await using var plain = new TestServer(ServerEngine.Portable);
        await using var secure = new TestServer(ServerEngine.Portable, new ServerOptions { Tls = Link.ServerTls });

        // Only the proxy knows the name, but for SOCKS4, which takes no names.
        string host = scheme == "socks4" ? "127.0.0.1" : "server.invalid";
        await kind.EchoAsync($"ws://{host}:{plain.EndPoint.Port}/", Through(proxy));
        await kind.EchoAsync($"wss://{host}:{secure.EndPoint.Port}/", Through(proxy));
        Assert.Equal([$"{host}:{plain.EndPoint.Port}", $"{host}:{secure.EndPoint.Port}"], proxy.Asked);
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task The_credentials_reach_the_proxy_and_not_the_server(ClientKind kind)
    {
        var seen = new List<string>();
        await using var server = new TestServer(ServerEngine.Threads, new ServerOptions
        {
            OnUpgrade = request =>
            {
                seen.AddRange(request.Headers.Select(header => header.Key));
                return null;
            },
        });
        string url = $"ws://server.invalid:{server.EndPoint.Port}/";
        foreach (string scheme in new[] { "http", "https", "socks5" })
        {
            await using var proxy = new TestProxy(scheme, "user:p\u00E4ss");
            await kind.EchoAsync(url, Through(proxy), size: 10);
            Assert.Equal([$"server.invalid:{server.EndPoint.Port} user:p\u00E4ss"], proxy.Asked);
            Assert.Equal(1, proxy.Connections);
        }

        await using var closing = new TestProxy("http", "user:word") { KeepsAlive = false };
        await kind.EchoAsync(url, Through(closing), size: 10);
        Assert.Equal(2, closing.Connections);
        Assert.NotEmpty(seen);
        Assert.DoesNotContain(seen, name => name.StartsWith("Proxy", StringComparison.OrdinalIgnoreCase) || name.Equals("Authorization", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task Wrong_credentials_are_told_and_not_repeated(ClientKind kind)
    {
        foreach (string scheme in new[] { "http", "socks5" })
        {
            await using var proxy = new TestProxy(scheme, "user:right") { KeepsAlive = false };
            ClientOptions options = Through(new WebProxy($"{scheme}://user:wrong@127.0.0.1:{proxy.Port}"));
            ProxyException failed = await kind.FailAsync<ProxyException>("ws://server.invalid/", options);
            Assert.Equal((HandshakeViolation.ProxyFailed, ProxyFailure.CredentialsRefused), (failed.Reason, failed.Failure));
            Assert.DoesNotContain("wrong", failed.ToString(), StringComparison.Ordinal);
            Assert.Equal(new Uri($"{scheme}://127.0.0.1:{proxy.Port}"), failed.Proxy);

            failed = await kind.FailAsync<ProxyException>("ws://server.invalid/", Through(new WebProxy($"{scheme}://127.0.0.1:{proxy.Port}")));
            Assert.Equal(ProxyFailure.CredentialsRequired, failed.Failure);
        }
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task Whatever_the_proxy_answers_is_told(ClientKind kind)
    {
        foreach ((string scheme, string answer, ProxyFailure failure, int status) in new[]
        {
            ("http", "HTTP/1.1 403 No\r\n\r\n", ProxyFailure.Refused, 403),
            ("https", "HTTP/1.1 502 No\r\n\r\n", ProxyFailure.TargetUnreachable, 502),
            ("http", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 Smuggled\r\n\r\n", ProxyFailure.InvalidReply, 200),
            ("http", "SSH", ProxyFailure.InvalidReply, 0),
            ("http", "HTTP/1.1 200", ProxyFailure.ConnectionLost, 0),
            ("socks5", "\u0005\u00FF", ProxyFailure.CredentialsRequired, 0),
            ("socks5", "HTTP/1.1 400 Bad\r\n\r\n", ProxyFailure.InvalidReply, 0),
            ("socks5", "\u0005", ProxyFailure.ConnectionLost, 0),
            ("socks4a", "\u0000[", ProxyFailure.Refused, 0),
        })
        {
            await using var proxy = new TestProxy(scheme) { Answer = Encoding.Latin1.GetBytes(answer) };
            ProxyException failed = await kind.FailAsync<ProxyException>("wss://server.invalid/", Through(proxy));
            Assert.Equal((failure, status), (failed.Failure, failed.StatusCode));
        }
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task A_proxy_that_is_not_there_or_no_TLS_or_not_trusted_is_told(ClientKind kind)
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        ProxyException failed = await kind.FailAsync<ProxyException>("ws://server.invalid/", Through(new WebProxy($"http://{taken.LocalEndPoint}")));
        Assert.Equal(ProxyFailure.Unreachable, failed.Failure);
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(failed.InnerException).SocketErrorCode);
        Assert.Contains($"{taken.LocalEndPoint}", failed.Message, StringComparison.Ordinal);

        await using var plain = new TestProxy("http") { Answer = "HTTP/1.1 400 This is no TLS\r\n\r\n"u8.ToArray() };
        failed = await kind.FailAsync<ProxyException>("ws://server.invalid/", Through(new WebProxy($"https://127.0.0.1:{plain.Port}")));
        Assert.Equal(ProxyFailure.TlsFailed, failed.Failure);

        await using var secure = new TestProxy("https");
        failed = await kind.FailAsync<ProxyException>("ws://server.invalid/", Through(secure) with { ProxyTls = null });
        Assert.Equal(ProxyFailure.TlsFailed, failed.Failure);

        failed = await kind.FailAsync<ProxyException>("ws://server.invalid/", Through(new WebProxy("ftp://user:secret@127.0.0.1")));
        Assert.Equal(ProxyFailure.InvalidSettings, failed.Failure);
        Assert.DoesNotContain("secret", failed.ToString(), StringComparison.Ordinal);

        failed = await kind.FailAsync<ProxyException>("ws://[2001:db8::1]/", Through(new WebProxy("socks4a://127.0.0.1")));
        Assert.Equal(ProxyFailure.InvalidSettings, failed.Failure);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_silent_proxy_is_a_connection_that_took_too_long_and_can_be_cancelled(ClientKind kind, string scheme)
    {
        await using var proxy = new TestProxy(scheme) { IsSilent = true };
        ClientOptions options = Through(proxy) with { ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        TimeoutException late = await kind.FailAsync<TimeoutException>("ws://127.0.0.1:9/", options);
        Assert.Contains("ConnectTimeout", late.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{proxy.Port}", late.Message, StringComparison.Ordinal);
        if (kind != ClientKind.Blocking)
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await kind.FailAsync<OperationCanceledException>("ws://127.0.0.1:9/", Through(proxy) with { ConnectTimeout = TimeSpan.FromHours(1) }, source.Token);
        }
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task No_proxy_is_asked_for_what_its_settings_leave_out(ClientKind kind)
    {
        await using var proxy = new TestProxy("http");
        await using var server = new TestServer(ServerEngine.Threads);
        var bypassing = new WebProxy($"http://127.0.0.1:{proxy.Port}") { BypassList = ["127\\.0\\.0\\.1"] };
        await kind.EchoAsync(server.Url, Through(bypassing), size: 10);
        var system = new SystemProxy(name => name == "all_proxy" ? $"http://127.0.0.1:{proxy.Port}" : null, () => throw new InvalidOperationException());
        await kind.EchoAsync(server.Url, Through(system), size: 10);
        await kind.EchoAsync(server.Url, new ClientOptions { Proxy = null }, size: 10);
        Assert.Equal(0, proxy.Connections);

        // The same settings, for another host.
        await kind.EchoAsync($"ws://server.invalid:{server.EndPoint.Port}/", Through(system), size: 10);
        Assert.Equal(1, proxy.Connections);
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task A_redirect_is_a_new_way_with_the_proxys_credentials_and_without_the_servers(ClientKind kind)
    {
        foreach (bool keepsAlive in new[] { true, false })
        {
            int port = 0;
            string? authorization = null;
            await using var proxy = new TestProxy("http", "user:word") { KeepsAlive = keepsAlive };
            await using var secure = new TestServer(ServerEngine.Portable, new ServerOptions
            {
                Tls = Link.ServerTls,
                OnUpgrade = request =>
                {
                    authorization = request.Headers["Authorization"] ?? request.Headers["Proxy-Authorization"] ?? "none";
                    return null;
                },
            });
            await using var server = new ScriptedServer(head => $"HTTP/1.1 307 Go\r\nContent-Length: 0\r\nLocation: {head.Split(' ')[1] switch
            {
                "/" => $"http://first.invalid:{port}/1",
                "/1" => $"http://first.invalid:{port}/2",
                "/2" => $"http://second.invalid:{port}/3",
                "/3" => $"http://127.0.0.1:{port}/4",
                _ => $"https://third.invalid:{secure.EndPoint.Port}/",
            }}\r\n\r\n");
            port = server.Port;

            // A proxy of the environment is for every name but for this machine.
            var system = new SystemProxy(name => name == "all_proxy" ? $"http://user:word@127.0.0.1:{proxy.Port}" : null, () => throw new InvalidOperationException());
            await using AnyClient client = await AnyClient.ConnectAsync(kind, $"ws://name:secret@127.0.0.1:{port}/", Through(system) with { PreemptiveBasic = true });
            Assert.Equal("hello", await client.AskAsync("hello"));

            Assert.Equal([$"first.invalid:{port} user:word", $"second.invalid:{port} user:word", $"third.invalid:{secure.EndPoint.Port} user:word"], proxy.Asked);
            Assert.Equal(keepsAlive ? 3 : 6, proxy.Connections);
            Assert.Equal(5, server.Requests.Count);
            Assert.Contains("\nAuthorization: Basic ", server.Requests.First(), StringComparison.Ordinal);
            Assert.All(server.Requests.Skip(1), head => Assert.DoesNotContain("Authorization", head, StringComparison.Ordinal));
            Assert.Equal("none", authorization);
        }
    }

    private static ClientOptions Through(TestProxy proxy) => Through(proxy.Settings);

    private static ClientOptions Through(IWebProxy proxy) => new() { Proxy = proxy, Tls = Link.TrustingTls, ProxyTls = Link.TrustingTls };
}
