using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Text;
using Wspy.Handshake;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests;

/// <summary>nginx as Wspy's servers and clients meet it: in front of a server, with TLS and passwords, and as who sends clients elsewhere.</summary>
public class NginxTests
{
    /// <summary>"ada" with "correct horse", salted SHA-1, which every nginx reads.</summary>
    private static readonly (string Name, string Text) Passwords = ("passwords", $"ada:{SaltedHash("correct horse", "salt")}\n");

    public enum ClientKind
    {
        Blocking,
        Async,
        Loop,
    }

    public static TheoryData<ClientKind, bool> Clients
    {
        get
        {
            var data = new TheoryData<ClientKind, bool>();
            foreach (ClientKind kind in Enum.GetValues<ClientKind>())
            {
                data.Add(kind, false);
                data.Add(kind, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Behind_nginx_with_TLS_and_a_password_a_server_is_reached(ClientKind kind, bool loops)
    {
        Requirement.Need(Requirement.Nginx);
        using var certificate = new TestCertificate();
        await using var server = new Backend(loops);
        await using Nginx nginx = await StartProxyAsync(certificate, server.Port);
        var options = new ClientOptions { Tls = Trusting(certificate), Credentials = new NetworkCredential("ada", "correct horse") };
        var url = new Uri($"wss://localhost:{nginx.Port}/room?x=1");
        Assert.Equal("said ada /room x=1", await AskAsync(kind, url, options));
        Assert.Equal("said ada /room x=1", await AskAsync(kind, new Uri($"wss://ada:correct%20horse@localhost:{nginx.Port}/room?x=1"), options with { Credentials = null }));

        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AskAsync(kind, url, options with { Credentials = new NetworkCredential("ada", "wrong") }));
        Assert.Equal((401, "Basic realm=\"behind nginx\""), (refused.StatusCode, refused.Response!.Headers["WWW-Authenticate"]));
        Assert.Equal(2, server.Opened);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task A_redirect_of_nginx_is_followed(ClientKind kind, bool loops)
    {
        Requirement.Need(Requirement.Nginx);
        await using var server = new Backend(loops);
        foreach (int status in new[] { 301, 302, 303, 307, 308 })
        {
            await using Nginx nginx = await Nginx.StartAsync("", $$"""
                location = /moved { return {{status}} http://127.0.0.1:{{server.Port}}/new$is_args$args; }
                location = /here { return {{status}} /there; }
                location = /there { return {{status}} /moved?x=1; }
                location = /circle { return {{status}} /circle; }
                """);
            Assert.Equal("said - /new x=1", await AskAsync(kind, new Uri($"ws://127.0.0.1:{nginx.Port}/moved?x=1")));
            Assert.Equal("said - /new x=1", await AskAsync(kind, new Uri($"ws://127.0.0.1:{nginx.Port}/here")));
            HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AskAsync(kind, new Uri($"ws://127.0.0.1:{nginx.Port}/circle")));
            Assert.Equal((HandshakeViolation.TooManyRedirects, status), (refused.Reason, refused.StatusCode));
        }
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task From_a_plain_port_nginx_leads_to_TLS_with_a_password(ClientKind kind, bool loops)
    {
        Requirement.Need(Requirement.Nginx);
        using var certificate = new TestCertificate();
        await using var server = new Backend(loops);
        await using Nginx secure = await StartProxyAsync(certificate, server.Port);
        await using Nginx plain = await Nginx.StartAsync("", $"return 307 https://localhost:{secure.Port}$request_uri;");
        var url = new Uri($"ws://localhost:{plain.Port}/room");

        // A password that knows where it belongs is told there; one that does not is told nobody after a redirect.
        var cache = new CredentialCache { { new Uri($"wss://localhost:{secure.Port}/"), "Basic", new NetworkCredential("ada", "correct horse") } };
        var options = new ClientOptions { Tls = Trusting(certificate), Credentials = cache };
        Assert.Equal("said ada /room ", await AskAsync(kind, url, options));
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AskAsync(kind, url, options with { Credentials = new NetworkCredential("ada", "correct horse") }));
        Assert.Equal((401, 2), (refused.StatusCode, refused.Redirects.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_redirect_of_a_server_is_understood_by_curl(bool loops)
    {
        Requirement.Need(Requirement.Curl);
        await using var server = new Backend(loops);
        CurlReport report = await Peer.ReportAsync<CurlReport>(new ProcessStartInfo(
            "curl",
            [
                "--silent", "--max-time", "60", "--output", "/dev/null", "--location",
                "--header", "Connection: Upgrade", "--header", "Upgrade: websocket", "--header", "Sec-WebSocket-Version: 13", "--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "--write-out", "{\"status\":%{http_code},\"redirects\":%{num_redirects},\"url\":\"%{url_effective}\"}\\n", $"http://127.0.0.1:{server.Port}/old",
            ]));
        Assert.Equal(new CurlReport(418, 1, $"http://127.0.0.1:{server.Port}/teapot"), report);
    }

    private static Task<Nginx> StartProxyAsync(TestCertificate certificate, int backend) => Nginx.StartAsync(
        "ssl",
        $$"""
        ssl_certificate {{certificate.CertificateFile}};
        ssl_certificate_key {{certificate.KeyFile}};
        location / {
            auth_basic "behind nginx";
            auth_basic_user_file passwords;
            proxy_pass http://127.0.0.1:{{backend}};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_set_header X-Remote-User $remote_user;
        }
        """,
        Passwords);

    private static SslClientAuthenticationOptions Trusting(TestCertificate trusted) => new()
    {
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == trusted.Certificate.GetCertHashString(),
    };

    private static async Task<string> AskAsync(ClientKind kind, Uri url, ClientOptions? options = null)
    {
        var patience = TimeSpan.FromSeconds(60);
        if (kind == ClientKind.Loop)
        {
            var looped = new Looped();
            await looped.ConnectAsync(url, options).AsTask().WaitAsync(patience);
            looped.Send("said");
            string said = await looped.Said.Task.WaitAsync(patience);
            await looped.CloseAsync();
            Assert.True((await looped.Closed).WasClean);
            return said;
        }

        using Connection connection = kind == ClientKind.Async ? await Connection.ConnectAsync(url.OriginalString, options) : await Task.Run(() => Connection.Connect(url.OriginalString, options));
        await connection.SendAsync("said");
        string text = ((TextMessage)await connection.ReceiveAsync().AsTask().WaitAsync(patience)).Text;
        await connection.CloseAsync();
        Assert.True((await connection.Closed).WasClean);
        return text;
    }

    // {SSHA}: base64 of SHA-1 of password and salt, and the salt.
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "A format that nginx reads on every system; the password guards nothing.")]
    private static string SaltedHash(string password, string salt) =>
        "{SSHA}" + Convert.ToBase64String([.. System.Security.Cryptography.SHA1.HashData(Encoding.ASCII.GetBytes(password + salt)), .. Encoding.ASCII.GetBytes(salt)]);

    private sealed record CurlReport(int Status, int Redirects, string Url);

    private sealed class Looped : AsyncConnection
    {
        public TaskCompletionSource<string> Said { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override void OnMessage(Message message) => Said.TrySetResult(((TextMessage)message).Text);
    }

    /// <summary>A server that answers with what it was told, by whom, and what was asked for.</summary>
    private sealed class Backend : IAsyncDisposable
    {
        private readonly WebSocketServer _server;
        private int _opened;

        public Backend(bool loops)
        {
            var options = new ServerOptions
            {
                Port = 0,
                OnUpgrade = request =>
                {
                    if (request.Path is "/old" or "/teapot")
                    {
                        return request.Path == "/old" ? HttpResponse.Redirect(307, "/teapot") : HttpResponse.Text(418, "short and stout\n");
                    }

                    Interlocked.Increment(ref _opened);
                    return null;
                },
            };
            _server = loops ? new OnLoops(options) : new OnThreads(options);
            _server.Start();
        }

        public int Port => _server.EndPoint.Port;

        public int Opened => Volatile.Read(ref _opened);

        public ValueTask DisposeAsync() => _server.DisposeAsync();

        private static void Answer(Client client, Message message) =>
            client.Send($"{message} {client.Request.Headers["X-Remote-User"] ?? "-"} {client.Request.Path} {client.Request.Query}");

        private sealed class OnThreads(ServerOptions options) : Server(options)
        {
            protected override void OnMessage(Client client, Message message) => Answer(client, message);
        }

        private sealed class OnLoops(ServerOptions options) : AsyncServer(options)
        {
            protected override void OnMessage(Client client, Message message) => Answer(client, message);
        }
    }
}
