using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Wspy.Handshake;
using Wspy.Tests.ClientTests;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Redirects as each kind of client meets them (RFC 6455 §4.1, RFC 9110 §15.4).</summary>
public class RedirectTests
{
    public static TheoryData<ClientKind> Kinds => ClientKinds.All;

    public static TheoryData<ClientKind, int> Statuses
    {
        get
        {
            var data = new TheoryData<ClientKind, int>();
            foreach (ClientKind kind in Enum.GetValues<ClientKind>())
            {
                foreach (int status in new[] { 301, 302, 303, 307, 308 })
                {
                    data.Add(kind, status);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task A_redirect_is_followed_to_another_server_and_path(ClientKind kind, int status)
    {
        await using var target = new TestServer(ServerEngine.Portable, new ServerOptions { AllowedLocations = ["/there"] });
        await using var first = new TestServer(ServerEngine.Threads, new ServerOptions { OnUpgrade = _ => HttpResponse.Redirect(status, $"http://127.0.0.1:{target.EndPoint.Port}/there?x=1#part") });
        await using AnyClient client = await AnyClient.ConnectAsync(kind, first.Url);
        Assert.Equal("hello", await client.AskAsync("hello"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_redirect_within_the_server_uses_the_connection_that_it_keeps(ClientKind kind)
    {
        await using var server = new ScriptedServer(head => Path(head) switch
        {
            "/a/b?q" => "HTTP/1.1 307 Go\r\nLocation: ../c\r\nContent-Length: 4\r\n\r\nbody",
            "/c" => "HTTP/1.1 308 Go\r\nLocation: ?d\r\nContent-Length: 0\r\n\r\n",
            "/c?d" => "HTTP/1.1 302 Go\r\nLocation: /e\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nTrailer: x\r\n\r\n",
            _ => ScriptedServer.Upgrade + "\r\n",
        });
        await using AnyClient client = await AnyClient.ConnectAsync(kind, $"{server.Url}a/b?q");
        Assert.Equal(["/a/b?q", "/c", "/c?d", "/e"], server.Requests.Select(Path));
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task From_ws_to_wss_and_back_only_if_allowed(ClientKind kind)
    {
        await using var plain = new TestServer(ServerEngine.Threads);
        await using var secure = new TestServer(ServerEngine.Threads, new ServerOptions { Tls = Link.ServerTls, OnUpgrade = request => request.Path == "/" ? null : HttpResponse.Redirect(302, $"http://127.0.0.1:{plain.EndPoint.Port}/") });
        await using var first = new TestServer(ServerEngine.Threads, new ServerOptions { OnUpgrade = request => HttpResponse.Redirect(301, $"https://127.0.0.1:{secure.EndPoint.Port}{request.Path}") });
        var options = new ClientOptions { Tls = Link.TrustingTls };
        await using (AnyClient client = await AnyClient.ConnectAsync(kind, first.Url, options))
        {
            Assert.Equal("secret", await client.AskAsync("secret"));
        }

        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, $"{first.Url}back", options));
        Assert.Equal((HandshakeViolation.InsecureRedirect, 302), (refused.Reason, refused.StatusCode));
        await using AnyClient allowed = await AnyClient.ConnectAsync(kind, $"{first.Url}back", options with { AllowInsecureRedirects = true });
        Assert.Equal("open", await allowed.AskAsync("open"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_limit_and_a_circle_are_errors_that_name_the_chain(ClientKind kind)
    {
        int asked = 0;
        await using var server = new TestServer(ServerEngine.Portable, new ServerOptions
        {
            OnUpgrade = request =>
            {
                Interlocked.Increment(ref asked);
                return HttpResponse.Redirect(307, request.Path == "/" ? $"/{Interlocked.Increment(ref asked)}?token=secret" : request.Path == "/circle" ? "/round" : request.Path == "/round" ? "/circle" : "/" + request.Path.Length + request.Path);
            },
        });
        HandshakeException many = await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, server.Url, new ClientOptions { MaxRedirects = 3 }));
        Assert.Equal((HandshakeViolation.TooManyRedirects, 307, 4), (many.Reason, many.StatusCode, many.Redirects.Count));
        Assert.Contains($"3 times (MaxRedirects): {server.Url} → {server.Url}2 → ", many.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", many.Message, StringComparison.Ordinal);
        Assert.NotNull(many.Response!.Headers["Location"]);

        HandshakeException circle = await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, $"{server.Url}circle"));
        Assert.Equal(HandshakeViolation.TooManyRedirects, circle.Reason);
        Assert.EndsWith($"{server.Url}circle → {server.Url}round → {server.Url}circle.", circle.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_not_followed_keeps_status_headers_and_body(ClientKind kind)
    {
        foreach (string answer in new[]
        {
            "HTTP/1.1 302 Go\r\nLocation: /there\r\nX-Why: you\r\nContent-Length: 4\r\n\r\nbody",
            "HTTP/1.1 300 Choose\r\nLocation: /there\r\nX-Why: you\r\nContent-Length: 4\r\n\r\nbody",
        })
        {
            await using var server = new ScriptedServer(_ => answer);
            HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, server.Url, new ClientOptions { MaxRedirects = answer.Contains("302", StringComparison.Ordinal) ? 0 : 5 }));
            Assert.Equal((HandshakeViolation.UnexpectedStatus, "/there", "you", "body"), (refused.Reason, refused.Response!.Headers["Location"], refused.Response.Headers["X-Why"], System.Text.Encoding.ASCII.GetString(refused.Body.Span)));
            Assert.Single(server.Requests);
            Assert.Equal(answer.Contains("302", StringComparison.Ordinal), refused.Message.EndsWith(": it redirects, and MaxRedirects is 0.", StringComparison.Ordinal));
        }

        await using var silent = new ScriptedServer(_ => "HTTP/1.1 302 Go\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(HandshakeViolation.UnexpectedStatus, (await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, silent.Url))).Reason);
    }

    // autobahn-python CVE-2020-35678 and its like: a Location is not to get a line of its own into the next request.
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_hostile_Location_is_refused_and_asks_for_nothing(ClientKind kind)
    {
        foreach (string location in new[] { "/\0", "/a\rX: y", "/a b", "\\\\127.0.0.1\\x", "ftp://127.0.0.1/", "javascript:x", "ws://user:password@127.0.0.1/", "ws://", "//", "", "ws://127.0.0.1:99999/", "/\u00E4", "/" + new string('x', 8001), "/1\r\nLocation: /2" })
        {
            await using var server = new ScriptedServer(_ => $"HTTP/1.1 307 Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, server.Url));
            Assert.Contains(refused.Reason, new[] { HandshakeViolation.InvalidRedirect, HandshakeViolation.InvalidHead });
            Assert.Single(server.Requests);
        }

        // What is encoded stays encoded.
        await using var encoding = new ScriptedServer(head => Path(head) == "/" ? "HTTP/1.1 307 Go\r\nLocation: /%0d%0aX:%20y?%0D%0A\r\nContent-Length: 0\r\n\r\n" : ScriptedServer.Upgrade + "\r\n");
        await using AnyClient client = await AnyClient.ConnectAsync(kind, encoding.Url);
        Assert.Equal("/%0d%0aX:%20y?%0D%0A", Path(encoding.Requests.Last()), ignoreCase: true);
        Assert.DoesNotContain("\nX:", encoding.Requests.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_body_without_end_is_cut_off(ClientKind kind)
    {
        await using var target = new TestServer(ServerEngine.Portable);
        foreach (string framing in new[] { "Content-Length: 1000000000", "Connection: keep-alive" })
        {
            string body = new('x', 70_000);
            await using var server = new ScriptedServer(_ => $"HTTP/1.1 307 Go\r\nLocation: {target.Url}\r\n{framing}\r\n\r\n{body}");
            await using AnyClient client = await AnyClient.ConnectAsync(kind, server.Url);
            Assert.Equal("x", await client.AskAsync("x"));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_was_meant_for_one_origin_stays_there(ClientKind kind)
    {
        var cookies = new CookieContainer();
        await using var target = new ScriptedServer(head => head.Contains("Authorization: Basic", StringComparison.Ordinal) || Path(head) == "/open"
            ? ScriptedServer.Upgrade + "\r\n" : "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"theirs\"\r\nContent-Length: 0\r\n\r\n");
        string place = "/open";
        await using var first = new ScriptedServer(_ => $"HTTP/1.1 307 Go\r\nLocation: ws://127.0.0.1:{target.Port}{place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        cookies.Add(new Uri($"http://127.0.0.1:{first.Port}/"), new Cookie("jar", "of both: a container knows no ports", "/never"));
        var options = new ClientOptions
        {
            Headers = new HttpHeaders { { "Cookie", "hand=made" }, { "Authorization", "Secret x" }, { "Host", "first.example" }, { "Proxy-Authorization", "Secret y" }, { "X-Mine", "stays" } },
            Cookies = cookies,
        };
        string withPassword = first.Url.Replace("ws://", "ws://g:right@", StringComparison.Ordinal);
        foreach (ClientOptions each in new[]
        {
            options,
            options with { PreemptiveBasic = true },
            options with { BearerToken = (_, _) => ValueTask.FromResult<string?>("token") },
            options with { Credentials = new NetworkCredential("g", "right"), PreemptiveBasic = true },
        })
        {
            await using AnyClient client = await AnyClient.ConnectAsync(kind, withPassword, each);
            string asked = target.Requests.Last();
            foreach (string secret in new[] { "Cookie", "Authorization", "first.example" })
            {
                Assert.Contains(secret, first.Requests.Last(), StringComparison.Ordinal);
                Assert.DoesNotContain(secret, asked, StringComparison.Ordinal);
            }

            Assert.Contains($"Host: 127.0.0.1:{target.Port}\r\n", asked, StringComparison.Ordinal);
            Assert.Contains("X-Mine: stays\r\n", asked, StringComparison.Ordinal);
        }

        // Nor are they told when they are asked for, but by whom knows whose they are.
        place = "/guarded";
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, withPassword, new ClientOptions { Credentials = new NetworkCredential("g", "right") }));
        Assert.Equal((401, 2), (refused.StatusCode, refused.Redirects.Count));
        Assert.DoesNotContain("right", refused.ToString(), StringComparison.Ordinal);
        var cache = new CredentialCache { { new Uri(target.Url), "Basic", new NetworkCredential("t", "theirs") } };
        await using AnyClient known = await AnyClient.ConnectAsync(kind, withPassword, new ClientOptions { Credentials = cache });
        Assert.Contains("Authorization: Basic dDp0aGVpcnM=\r\n", target.Requests.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_client_certificate_is_not_shown_to_another_origin(ClientKind kind)
    {
        var shown = new ConcurrentQueue<bool>();
        SslServerAuthenticationOptions Asking() => new()
        {
            ServerCertificate = Certificates.Localhost,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                shown.Enqueue(certificate is not null);
                return certificate is null || certificate.GetCertHashString() == Certificates.Localhost.GetCertHashString();
            },
        };
        await using var target = new TestServer(ServerEngine.Threads, new ServerOptions { Tls = Asking() });
        await using var first = new TestServer(ServerEngine.Threads, new ServerOptions { Tls = Asking(), OnUpgrade = _ => HttpResponse.Redirect(307, $"wss://localhost:{target.EndPoint.Port}/") });
        SslClientAuthenticationOptions tls = Link.TrustingTls;
        tls.ClientCertificates = new X509CertificateCollection { Certificates.Localhost };
        await using AnyClient client = await AnyClient.ConnectAsync(kind, $"wss://localhost:{first.EndPoint.Port}/", new ClientOptions { Tls = tls });
        Assert.Equal("x", await client.AskAsync("x"));
        Assert.Equal([true, false], shown);
        Assert.NotNull(tls.ClientCertificates);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Within_one_origin_credentials_go_along(ClientKind kind)
    {
        foreach (string scheme in new[] { "Basic realm=x", "Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256", "Bearer realm=x" })
        {
            await using var server = new ScriptedServer(head =>
                !head.Contains("Authorization", StringComparison.Ordinal) ? $"HTTP/1.1 401 Who\r\nWWW-Authenticate: {scheme}\r\nContent-Length: 0\r\n\r\n"
                : Path(head) == "/" ? "HTTP/1.1 307 Go\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"
                : ScriptedServer.Upgrade + "\r\n");
            int tokens = 0;
            var options = scheme.StartsWith("Bearer", StringComparison.Ordinal)
                ? new ClientOptions { BearerToken = (_, _) => ValueTask.FromResult<string?>($"token{++tokens}") }
                : new ClientOptions { Credentials = new NetworkCredential("g", "right") };
            await using AnyClient client = await AnyClient.ConnectAsync(kind, server.Url, options);
            string last = server.Requests.Last();
            Assert.Equal("/there", Path(last));
            Assert.Equal(1, server.Connections);
            Assert.Equal(scheme.StartsWith("Bearer", StringComparison.Ordinal) ? 2 : 3, server.Requests.Count);
            Assert.True(tokens <= 1, $"{tokens} tokens");
            if (scheme.StartsWith("Digest", StringComparison.Ordinal))
            {
                Assert.Contains("uri=\"/there\"", last, StringComparison.Ordinal);
                Assert.Contains("nc=00000002", last, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_stream_is_redirected_within_its_origin_and_not_away()
    {
        foreach (string location in new[] { "/there", "ws://elsewhere.example/" })
        {
            (Stream near, Stream far) = Wspy.Transports.InMemoryStream.CreatePair();
            Task answering = Task.Run(async () =>
            {
                byte[] request = new byte[4096];
                Assert.NotEqual(0, await far.ReadAsync(request));
                await far.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 307 Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"));
                return location == "/there" ? await WebSocket.AcceptAsync(far, new ServerOptions { AllowedLocations = ["/there"] }) : null;
            });
            Task<WebSocket> connecting = WebSocket.ConnectAsync(near, new Uri("ws://localhost/")).AsTask();
            if (location == "/there")
            {
                (await connecting.WaitAsync(Link.Limit)).Abort();
            }
            else
            {
                HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => connecting.WaitAsync(Link.Limit));
                Assert.Equal((HandshakeViolation.UnexpectedStatus, 307, location), (refused.Reason, refused.StatusCode, refused.Response!.Headers["Location"]));
            }

            await answering.WaitAsync(Link.Limit);
        }
    }

    private static string Path(string head) => head.Split(' ')[1];
}
