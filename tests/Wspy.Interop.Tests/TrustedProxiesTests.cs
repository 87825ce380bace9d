using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests;

/// <summary>Servers behind real proxies, which tell them who has connected.</summary>
public class TrustedProxiesTests
{
    private static readonly IPNetwork Here = IPNetwork.Parse("127.0.0.0/8");

    public static TheoryData<bool, bool, string> HaproxyCases
    {
        get
        {
            var data = new TheoryData<bool, bool, string>();
            foreach (string server in new[] { "send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options unique-id,crc32c" })
            {
                data.Add(false, false, server);
                data.Add(true, false, server);
                data.Add(false, true, server);
                data.Add(true, true, server);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(HaproxyCases))]
    public async Task Haproxy_tells_the_address_by_the_PROXY_protocol(bool loops, bool secure, string server)
    {
        Requirement.Need(Requirement.Haproxy);
        using var certificate = new TestCertificate();
        await using var backend = new Backend(loops, new TrustedProxies { Networks = [Here], ProxyProtocol = true }, secure ? certificate : null);
        await using ProxyProcess proxy = await ProxyProcess.HaproxyAsync($"127.0.0.1:{backend.Port} {server}", more: "unique-id-format %pid");
        (string said, IPEndPoint local) = await AskAsync(proxy.Port, certificate, secure);
        Assert.Equal($"{local} -", said);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Haproxy_tells_the_address_by_header_fields(bool loops)
    {
        Requirement.Need(Requirement.Haproxy);
        await using var backend = new Backend(loops, new TrustedProxies { Networks = [Here], Headers = ForwardedHeaders.XForwarded });
        await using ProxyProcess proxy = await ProxyProcess.HaproxyAsync($"127.0.0.1:{backend.Port}", "http", "option forwardfor\n    http-request set-src hdr(X-Was)\n    http-request set-header X-Forwarded-Proto https");
        (string said, _) = await AskAsync(proxy.Port, fields: [("X-Was", "198.51.100.7"), ("X-Forwarded-For", "203.0.113.1")]);
        Assert.Equal("198.51.100.7:0 https", said);
    }

    [Theory]
    [InlineData(false, ForwardedHeaders.XForwarded)]
    [InlineData(true, ForwardedHeaders.XForwarded)]
    [InlineData(false, ForwardedHeaders.Forwarded)]
    [InlineData(true, ForwardedHeaders.Forwarded)]
    public async Task Nginx_tells_the_address_by_header_fields(bool loops, ForwardedHeaders headers)
    {
        Requirement.Need(Requirement.Nginx);
        await using var backend = new Backend(loops, new TrustedProxies { Networks = [Here], Headers = headers });
        await using Nginx nginx = await Nginx.StartAsync("", $$"""
            set_real_ip_from 127.0.0.1;
            real_ip_header X-Was;
            location / {
                proxy_pass http://127.0.0.1:{{backend.Port}};
                proxy_http_version 1.1;
                proxy_set_header Host $http_host;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection "upgrade";
                {{(headers == ForwardedHeaders.Forwarded
                    ? """proxy_set_header Forwarded "$http_forwarded, for=$remote_addr;proto=$scheme";"""
                    : """
                      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                      proxy_set_header X-Forwarded-Proto $scheme;
                      proxy_set_header X-Forwarded-Host $http_host;
                      """)}}
            }
            """);
        (string said, _) = await AskAsync(nginx.Port, fields: [("X-Was", "198.51.100.7"), ("X-Forwarded-For", "203.0.113.1"), ("Forwarded", "for=203.0.113.1;proto=https")]);
        Assert.StartsWith("198.51.100.7:", said, StringComparison.Ordinal);
        Assert.EndsWith(" http", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Curl_begins_with_a_header_of_the_PROXY_protocol(bool loops)
    {
        Requirement.Need(Requirement.Curl);
        await using var backend = new Backend(loops, new TrustedProxies { Networks = [Here], ProxyProtocol = true });
        CurlReport report = await Peer.ReportAsync<CurlReport>(new ProcessStartInfo(
            "curl",
            ["--silent", "--max-time", "60", "--haproxy-protocol", "--write-out", "\n{\"status\":%{http_code},\"localPort\":%{local_port}}\n", $"http://127.0.0.1:{backend.Port}/"]));
        Assert.Equal((200, $"127.0.0.1:{report.LocalPort}"), (report.Status, backend.LastPlain));
    }

    private static async Task<(string Said, IPEndPoint Local)> AskAsync(int port, TestCertificate? certificate = null, bool secure = false, params (string Name, string Value)[] fields)
    {
        var patience = TimeSpan.FromSeconds(60);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var local = (IPEndPoint)socket.LocalEndPoint!;
        var headers = new HttpHeaders();
        foreach ((string name, string value) in fields)
        {
            headers.Add(name, value);
        }

        var options = new ClientOptions
        {
            Headers = headers,
            Tls = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate?.Certificate.GetCertHashString(),
            },
        };
        using WebSocket client = await WebSocket.ConnectAsync(socket, new Uri(secure ? "wss://localhost/" : "ws://localhost/"), options).AsTask().WaitAsync(patience);
        await client.SendAsync(Frame.Text("who am I?"));
        Frame said = await client.ReceiveAsync().AsTask().WaitAsync(patience);
        return (System.Text.Encoding.UTF8.GetString(said.Payload.Span), local);
    }

    private sealed record CurlReport(int Status, int LocalPort);

    /// <summary>A server that tells its clients who they are.</summary>
    private sealed class Backend : IAsyncDisposable
    {
        private readonly WebSocketServer _server;

        public Backend(bool loops, TrustedProxies proxies, TestCertificate? certificate = null)
        {
            var options = new ServerOptions
            {
                Port = 0,
                TrustedProxies = proxies,
                Tls = certificate is null ? null : new SslServerAuthenticationOptions { ServerCertificate = certificate.Certificate },
            };
            _server = loops ? new AsyncServer(options) : new Server(options);
            _server.Map("/", (client, _) => client.Send($"{client.RemoteEndPoint} {client.Request.Forwarded?.Scheme ?? "-"}"));
            _server.MapGet("/", request =>
            {
                LastPlain = request.RemoteEndPoint?.ToString();
                return HttpResponse.Text(200, "alive\n");
            });
            _server.Start();
        }

        public int Port => _server.EndPoint.Port;

        public string? LastPlain { get; private set; }

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
