using System.Diagnostics;
using System.Net.Security;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests;

/// <summary>openssl and curl as clients of Wspy's servers with TLS.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Request =
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private readonly TestCertificate _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("-tls1_1", null, false)]
    [InlineData("-tls1_1", null, true)]
    [InlineData("-tls1_2", "TLSv1.2", false)]
    [InlineData("-tls1_2", "TLSv1.2", true)]
    [InlineData("-tls1_3", "TLSv1.3", false)]
    [InlineData("-tls1_3", "TLSv1.3", true)]
    public async Task Openssl_gets_in_with_the_versions_of_today_alone(string version, string? agreed, bool loops)
    {
        await using Certified server = Start(loops);
        (string output, _) = await OpenSslAsync(server, Request, version, "-cipher", "ALL:@SECLEVEL=0");
        Assert.Equal(agreed is not null, output.Contains("HTTP/1.1 200 OK", StringComparison.Ordinal));
        Assert.Contains(agreed is null ? "no peer certificate available" : $"New, {agreed}, ", output, StringComparison.Ordinal);
        Assert.Equal(agreed is null ? [] : new[] { "localhost, no certificate" }, server.Seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Openssl_cannot_renegotiate(bool loops)
    {
        await using Certified server = Start(loops);

        // A line of a single R asks for it.
        (string output, _) = await OpenSslAsync(server, null, "-tls1_2");
        Assert.Contains("RENEGOTIATING", output, StringComparison.Ordinal);
        Assert.Matches("no renegotiation|unexpected eof|errno=104", output);
        Assert.Empty(server.Seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Openssl_names_a_host_and_shows_a_certificate_and_agrees_on_HTTP(bool loops)
    {
        await using Certified server = Start(loops);
        (string output, _) = await OpenSslAsync(server, Request, "-alpn", "h2,http/1.1", "-cert", _certificate.CertificateFile, "-key", _certificate.KeyFile);
        Assert.Contains("ALPN protocol: http/1.1", output, StringComparison.Ordinal);
        Assert.Equal(["localhost, CN=localhost"], server.Seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Curl_shows_a_certificate(bool loops)
    {
        Requirement.Need(Requirement.Curl);
        await using Certified server = Start(loops);
        (string output, int exitCode) = await CurlAsync(
            $"https://localhost:{server.Port}/", "--cacert", _certificate.CertificateFile, "--cert", _certificate.CertificateFile, "--key", _certificate.KeyFile);
        Assert.Equal(("welcome\n", 0), (output, exitCode));
        Assert.Equal(["localhost, CN=localhost"], server.Seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Curl_without_TLS_can_read_why_it_is_refused(bool loops)
    {
        Requirement.Need(Requirement.Curl);
        await using Certified server = Start(loops);
        (string output, int exitCode) = await CurlAsync($"http://localhost:{server.Port}/");
        Assert.Equal(("This port speaks TLS: use a URL that begins with wss: or https:.\n", 0), (output, exitCode));
    }

    private static Task<(string Output, int ExitCode)> CurlAsync(string url, params string[] arguments) => Peer.RunAsync(new ProcessStartInfo(
        "curl",
        [
            "--silent", "--max-time", "60", "--http1.1", "--ipv4", "--header", "Connection: Upgrade", "--header", "Upgrade: websocket",
            "--header", "Sec-WebSocket-Version: 13", "--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", .. arguments, url,
        ]));

    private static Task<(string Output, int ExitCode)> OpenSslAsync(Certified server, string? request, params string[] arguments)
    {
        Requirement.Need(Requirement.OpenSsl);

        // Without a request, R asks for a renegotiation, which ends the connection; else the server ends it after its answer.
        return Peer.RunAsync(
            new ProcessStartInfo("openssl", ["s_client", request is null ? "-no_ign_eof" : "-ign_eof", "-connect", $"127.0.0.1:{server.Port}", "-servername", "localhost", .. arguments]),
            request ?? "R\n",
            endsInput: request is not null);
    }

    private Certified Start(bool loops)
    {
        var certificates = new ServerCertificates(new SslServerAuthenticationOptions
        {
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is null || certificate.GetCertHashString() == _certificate.Certificate.GetCertHashString(),
        });
        certificates.AddPem(_certificate.CertificateFile, _certificate.KeyFile);
        return new Certified(certificates, loops);
    }

    /// <summary>Answers what asks for an upgrade as plain HTTP, and notes who it was.</summary>
    private sealed class Certified : IAsyncDisposable
    {
        private readonly WebSocketServer _server;

        public Certified(ServerCertificates certificates, bool loops)
        {
            var options = new ServerOptions
            {
                Port = 0,
                TlsSelection = certificates.SelectAsync,
                OnUpgrade = request =>
                {
                    Seen.Enqueue($"{request.Tls!.ServerName}, {request.Tls.ClientCertificate?.Subject ?? "no certificate"}");
                    return HttpResponse.Text(200, "welcome\n");
                },
            };
            _server = loops ? new AsyncServer(options) : new Server(options);
            _server.Start();
        }

        public System.Collections.Concurrent.ConcurrentQueue<string> Seen { get; } = new();

        public int Port => _server.EndPoint.Port;

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
