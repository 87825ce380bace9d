using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Wspy.Handshake;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>TLS of a server: which certificate, which clients, which versions; and clients that speak something else.</summary>
public abstract class ServerTlsTests(ServerEngine engine)
{
    private static readonly X509Certificate2 First = Certificates.Create("first.example");
    private static readonly X509Certificate2 Second = Certificates.Create("second.example");
    private static readonly X509Certificate2 Person = Certificates.Create("somebody");

    [Theory]
    [InlineData("first.example", "CN=first.example")]
    [InlineData("second.example", "CN=second.example")]
    [InlineData("other.example", "CN=first.example")]
    public async Task The_certificate_is_chosen_by_the_name_that_the_client_asks_for(string host, string subject)
    {
        using var files = new PemFiles();
        var certificates = new ServerCertificates();
        certificates.AddPem(files.Write("first", First), files.KeyOf("first"));
        certificates.AddPkcs12(files.WritePkcs12("second", Second, "secret"), "secret");
        await using var server = new TestServer(engine, new ServerOptions { TlsSelection = certificates.SelectAsync });
        Assert.Equal(subject, await SubjectAsync(server, host));
        TlsDetails tls = (await TlsOfAsync(server, new SslClientAuthenticationOptions { TargetHost = host }))!;
        Assert.Equal((host, null), (tls.ServerName, tls.ClientCertificate));
        Assert.StartsWith("TLS_", tls.CipherSuite, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_platforms_selection_callback_serves_as_well()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            Tls = new SslServerAuthenticationOptions { ServerCertificateSelectionCallback = (_, host) => host == "second.example" ? Second : First },
        });
        Assert.Equal("CN=first.example", await SubjectAsync(server, "first.example"));
        Assert.Equal("CN=second.example", await SubjectAsync(server, "second.example"));
    }

    [Fact]
    public async Task A_renewed_certificate_is_used_without_a_restart_and_a_broken_one_is_not()
    {
        using var files = new PemFiles();
        var clock = new FakeTimeProvider();
        List<Exception> failures = [];
        var certificates = new ServerCertificates { TimeProvider = clock, OnReloadFailed = failures.Add };
        certificates.AddPem(files.Write("it", First), files.KeyOf("it"));
        await using var server = new TestServer(engine, new ServerOptions { TlsSelection = certificates.SelectAsync });
        Assert.Equal("CN=first.example", await SubjectAsync(server, "any.example"));

        // The new certificate without its key.
        await File.WriteAllTextAsync(files.CertificateOf("it"), Second.ExportCertificatePem());
        clock.Advance(certificates.CheckInterval);
        Assert.Equal("CN=first.example", await SubjectAsync(server, "any.example"));
        Assert.Contains(files.CertificateOf("it"), Assert.Single(failures).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(certificates.Reload);
        await File.WriteAllTextAsync(files.KeyOf("it"), "half of it");
        Assert.Contains(files.KeyOf("it"), Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(certificates.Reload).Message, StringComparison.Ordinal);

        files.Write("it", Second);
        Assert.Equal("CN=first.example", await SubjectAsync(server, "any.example"));
        clock.Advance(certificates.CheckInterval);
        Assert.Equal("CN=second.example", await SubjectAsync(server, "any.example"));
        Assert.Single(failures);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    public async Task A_client_certificate_may_be_optional_or_required_and_reaches_the_application(bool required, bool sends, bool succeeds)
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            Tls = new SslServerAuthenticationOptions
            {
                ServerCertificate = First,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is null ? !required : certificate.GetCertHashString() == Person.GetCertHashString(),
            },
        });
        var options = new SslClientAuthenticationOptions { ClientCertificates = sends ? [Person] : null };
        if (succeeds)
        {
            TlsDetails tls = (await TlsOfAsync(server, options))!;
            Assert.Equal(sends ? Person.Thumbprint : null, tls.ClientCertificate?.Thumbprint);
        }
        else
        {
            await Assert.ThrowsAsync<HandshakeException>(() => TlsOfAsync(server, options));
            Assert.Empty(server.Calls);
        }
    }

    [Fact]
    public async Task A_client_certificate_that_is_refused_ends_that_client_alone()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            Tls = new SslServerAuthenticationOptions
            {
                ServerCertificate = First,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is null,
            },
        });
        await Assert.ThrowsAsync<HandshakeException>(() => TlsOfAsync(server, new SslClientAuthenticationOptions { ClientCertificates = [Person] }));
        Assert.NotNull(await TlsOfAsync(server, new SslClientAuthenticationOptions()));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Versions_and_ALPN_are_the_options(SslProtocols protocol)
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            Tls = new SslServerAuthenticationOptions { ServerCertificate = First, EnabledSslProtocols = protocol, ApplicationProtocols = [SslApplicationProtocol.Http11] },
        });
        TlsDetails tls = (await TlsOfAsync(server, new SslClientAuthenticationOptions { ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] }))!;
        Assert.Equal((protocol, "http/1.1"), (tls.Protocol, tls.ApplicationProtocol));
        var other = new SslClientAuthenticationOptions { EnabledSslProtocols = protocol == SslProtocols.Tls12 ? SslProtocols.Tls13 : SslProtocols.Tls12 };
        Assert.Equal(HandshakeViolation.TlsFailed, (await Assert.ThrowsAsync<HandshakeException>(() => TlsOfAsync(server, other))).Reason);
        var h2 = new SslClientAuthenticationOptions { ApplicationProtocols = [SslApplicationProtocol.Http2] };
        Assert.Equal(HandshakeViolation.TlsFailed, (await Assert.ThrowsAsync<HandshakeException>(() => TlsOfAsync(server, h2))).Reason);
    }

    [Fact]
    public async Task A_selection_that_waits_or_throws_concerns_its_own_client()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            TlsSelection = async (_, hello, _, _) =>
            {
                await Task.Yield();
                return hello.ServerName == "broken.example" ? throw new InvalidOperationException("no such host") : new SslServerAuthenticationOptions { ServerCertificate = First };
            },
        });
        await Assert.ThrowsAsync<HandshakeException>(() => SubjectAsync(server, "broken.example"));
        Assert.Equal("CN=first.example", await SubjectAsync(server, "first.example"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plain_HTTP_on_a_port_of_TLS_is_answered_and_told_once(bool isWebSocket)
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions { Tls = Link.ServerTls, LoggerFactory = log });
        for (int i = 0; i < 3; i++)
        {
            using var client = new RawClient(server.EndPoint);
            client.Send(isWebSocket ? RawClient.Upgrade() : "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
            string answer = await client.ReadToEndAsync();
            Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
            Assert.Contains("This port speaks TLS", answer, StringComparison.Ordinal);
        }

        foreach (HandshakeException failure in await ConnectAsync(server.Url, new ClientOptions()))
        {
            Assert.Equal((HandshakeViolation.WrongScheme, 400), (failure.Reason, failure.StatusCode));
            Assert.Contains("wss:", failure.Message, StringComparison.Ordinal);
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Single(log.Lines, line => line.Level == LogLevel.Warning && line.Line.Contains("wss:", StringComparison.Ordinal));
        Assert.Equal(6, log.Lines.Count(line => line.Level == LogLevel.Debug && line.Line.Contains("plain HTTP to a port of TLS", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task TLS_on_a_plain_port_is_refused_and_told_once()
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions { LoggerFactory = log });
        foreach (HandshakeException failure in await ConnectAsync(server.Url.Replace("ws:", "wss:", StringComparison.Ordinal), new ClientOptions { Tls = Link.TrustingTls }))
        {
            Assert.Equal(HandshakeViolation.WrongScheme, failure.Reason);
            Assert.Contains("ws: instead of wss:", failure.Message, StringComparison.Ordinal);
        }

        using (var client = new RawClient(server.EndPoint))
        {
            // One byte of a ClientHello suffices.
            client.Send([0x16]);
            Assert.StartsWith("HTTP/1.1 400 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Single(log.Lines, line => line.Level == LogLevel.Warning && line.Line.Contains("speaks TLS to a port without", StringComparison.Ordinal));
        Assert.Equal(4, log.Lines.Count(line => line.Level == LogLevel.Debug && line.Line.Contains("speaks TLS to a port without", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_TLS_alert_in_the_place_of_an_answer_is_explained()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Task serving = Task.Run(async () =>
        {
            for (int i = 0; i < 3; i++)
            {
                using Socket socket = await listener.AcceptSocketAsync();
                await socket.ReceiveAsync(new byte[4096]);

                // unexpected_message (RFC 8446 §6)
                await socket.SendAsync(new byte[] { 0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x0A });
            }
        });
        foreach (HandshakeException failure in await ConnectAsync($"ws://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}/", new ClientOptions()))
        {
            Assert.Equal(HandshakeViolation.WrongScheme, failure.Reason);
            Assert.Contains("wss: instead of ws:", failure.Message, StringComparison.Ordinal);
        }

        await serving.WaitAsync(Link.Limit);
    }

    [Fact]
    public async Task Handshakes_that_stall_do_not_take_the_turns_of_others()
    {
        await using var server = new TestServer(engine, new ServerOptions { Tls = Link.ServerTls, MaxTlsHandshakes = 1 });
        RawClient[] stalled = [.. Enumerable.Range(0, 20).Select(_ => new RawClient(server.EndPoint))];
        for (int i = 0; i < stalled.Length; i++)
        {
            stalled[i].Send(i % 2 == 0 ? [] : [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC]);
        }

        TlsDetails?[] all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TlsOfAsync(server, new SslClientAuthenticationOptions())));
        Assert.All(all, Assert.NotNull);
        Array.ForEach(stalled, static client => client.Dispose());
    }

    // By each kind of client.
    private static async Task<HandshakeException[]> ConnectAsync(string url, ClientOptions options)
    {
        await using var loop = new ConnectionLoop();
        return
        [
            await Assert.ThrowsAsync<HandshakeException>(() => Link.OnThread(() => WebSocket.Connect(url, options).Dispose())),
            await Assert.ThrowsAsync<HandshakeException>(() => WebSocket.ConnectAsync(url, options).AsTask().WaitAsync(Link.Limit)),
            await Assert.ThrowsAsync<HandshakeException>(() => new AsyncConnection().ConnectAsync(url, options, loop).AsTask().WaitAsync(Link.Limit)),
        ];
    }

    private static async Task<string> SubjectAsync(TestServer server, string host)
    {
        string subject = "";
        var tls = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                subject = certificate!.Subject;
                return IsOurs(certificate);
            },
        };
        using WebSocket client = await WebSocket.ConnectAsync(SecureUrl(server), new ClientOptions { Tls = tls }).AsTask().WaitAsync(Link.Limit);
        return subject;
    }

    // What the application sees of a client that has echoed something.
    private static async Task<TlsDetails?> TlsOfAsync(TestServer server, SslClientAuthenticationOptions tls)
    {
        tls.RemoteCertificateValidationCallback = static (_, certificate, _, _) => IsOurs(certificate!);
        tls.TargetHost ??= "first.example";
        using WebSocket client = await WebSocket.ConnectAsync(SecureUrl(server), new ClientOptions { Tls = tls }).AsTask().WaitAsync(Link.Limit);
        await client.SendAsync(Frame.Text("alive"));
        Assert.Equal("alive"u8.ToArray(), (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.ToArray());
        int port = ((System.Net.IPEndPoint)client.LocalEndPoint!).Port;
        return server.Clients.Single(one => ((System.Net.IPEndPoint)one.RemoteEndPoint!).Port == port).Tls;
    }

    private static bool IsOurs(X509Certificate certificate) =>
        new[] { First, Second, Certificates.Localhost }.Any(ours => ours.GetCertHashString() == certificate.GetCertHashString());

    private static string SecureUrl(TestServer server) => server.Url.Replace("ws:", "wss:", StringComparison.Ordinal);

    private sealed class PemFiles : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("wspy-tls-").FullName;

        public string CertificateOf(string name) => Path.Combine(_folder, $"{name}.crt");

        public string KeyOf(string name) => Path.Combine(_folder, $"{name}.key");

        public string Write(string name, X509Certificate2 certificate)
        {
            File.WriteAllText(CertificateOf(name), certificate.ExportCertificatePem());
            File.WriteAllText(KeyOf(name), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
            return CertificateOf(name);
        }

        public string WritePkcs12(string name, X509Certificate2 certificate, string password)
        {
            string path = Path.Combine(_folder, $"{name}.pfx");
            File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12, password));
            return path;
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}

public sealed class ThreadedServerTlsTests() : ServerTlsTests(ServerEngine.Threads);

public sealed class EpollServerTlsTests() : ServerTlsTests(ServerEngine.Epoll);

public sealed class PortableServerTlsTests() : ServerTlsTests(ServerEngine.Portable);
