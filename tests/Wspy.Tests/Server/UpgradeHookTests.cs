using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Wspy.Handshake;
using Wspy.Tests.LoopTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>What an application may do with a request before the 101, at once or later.</summary>
public abstract class UpgradeHookTests(ServerEngine engine)
{
    [Fact]
    public async Task The_hook_sees_the_whole_request()
    {
        HttpRequestHead? seen = null;
        await using var server = new TestServer(engine, new ServerOptions
        {
            OnUpgradeAsync = async request =>
            {
                await Task.Yield();
                seen = request;
                return null;
            },
        });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade("Cookie: a=1; session=x=y\r\nCookie: b=2\r\nX-Trace: 7\r\n", "/chat?room=a%20b&room=c&flag&x=%zz"));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(("GET", "/chat", "a b", "", "%zz"), (seen!.Method, seen.Path, seen.GetQueryValue("room"), seen.GetQueryValue("flag"), seen.GetQueryValue("x")));
        Assert.Equal(["a b", "c"], seen.GetQueryValues("room"));
        Assert.Equal(("x=y", "2", null, "7"), (seen.GetCookie("session"), seen.GetCookie("b"), seen.GetCookie("A"), seen.Headers["X-Trace"]));
        Assert.Equal(((IPEndPoint)client.LocalEndPoint).Port, Assert.IsType<IPEndPoint>(seen.RemoteEndPoint).Port);
        Assert.Null(seen.Tls);
        Assert.Empty(seen.Parameters);
    }

    [Fact]
    public async Task The_hook_sees_what_TLS_has_agreed_on()
    {
        TlsDetails? seen = null;
        EndPoint? address = null;
        await using var server = new TestServer(engine, new ServerOptions
        {
            Tls = new SslServerAuthenticationOptions { ServerCertificate = Certificates.Localhost, ClientCertificateRequired = true, RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == Certificates.Localhost.GetCertHashString() },
            OnUpgrade = request =>
            {
                (seen, address) = (request.Tls, request.RemoteEndPoint);
                return null;
            },
        });
        SslClientAuthenticationOptions tls = Link.TrustingTls;
        tls.ClientCertificates = [Certificates.Localhost];
        using (Connection client = Connection.Connect(server.Url.Replace("ws:", "wss:", StringComparison.Ordinal), new ClientOptions { Tls = tls }))
        {
            client.Send("x");
            client.Receive(Link.Limit);
        }

        Assert.True(seen!.Protocol is SslProtocols.Tls12 or SslProtocols.Tls13);
        Assert.StartsWith("TLS_", seen.CipherSuite, StringComparison.Ordinal);
        Assert.Equal("localhost", seen.ServerName);
        Assert.Equal(Certificates.Localhost.Thumbprint, seen.ClientCertificate!.Thumbprint);
        Assert.IsType<IPEndPoint>(address);
    }

    [Fact]
    public async Task The_hook_accepts_chooses_refuses_or_answers()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            Subprotocols = ["v1"],
            OnUpgradeAsync = async request =>
            {
                await Task.Yield();
                return request.Path switch
                {
                    "/choose" => UpgradeAnswer.Accept("v2", new HttpHeaders { { "Set-Cookie", "a=1" } }),
                    "/refuse" => new HttpResponse(451) { Headers = { { "X-Why", "law" } }, Body = "no"u8.ToArray() },
                    "/page" => HttpResponse.Html(200, "<p>page</p>"),
                    "/foreign" => UpgradeAnswer.Accept("v3"),
                    "/own" => UpgradeAnswer.Accept(headers: new HttpHeaders { { "Sec-WebSocket-Accept", "x" } }),
                    _ => default,
                };
            },
        });
        const string Offer = "Sec-WebSocket-Protocol: v1, v2\r\n";
        Assert.Contains("Sec-WebSocket-Protocol: v1\r\n", await HeadAsync(server, "/", Offer), StringComparison.Ordinal);
        string chosen = await HeadAsync(server, "/choose", Offer);
        Assert.StartsWith("HTTP/1.1 101 ", chosen, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Protocol: v2\r\n", chosen, StringComparison.Ordinal);
        Assert.Contains("Set-Cookie: a=1\r\n", chosen, StringComparison.Ordinal);
        string refused = await AskAsync(server, RawClient.Upgrade("", "/refuse") + RawClient.Upgrade());
        Assert.StartsWith("HTTP/1.1 451 ", refused, StringComparison.Ordinal);
        Assert.Contains("X-Why: law\r\n", refused, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nno", refused, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(server, RawClient.Upgrade("", "/page")), StringComparison.Ordinal);

        // What the client does not ask for, and what is the handshake's own, is the application's mistake.
        Assert.StartsWith("HTTP/1.1 500 ", await AskAsync(server, RawClient.Upgrade(Offer, "/foreign")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 500 ", await AskAsync(server, RawClient.Upgrade("", "/own")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pending_hook_pauses_its_own_connection_only_and_completes_from_any_thread()
    {
        var asked = new SemaphoreSlim(0);
        var answer = new TaskCompletionSource<UpgradeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions { Loops = 1, OnUpgradeAsync = request => Pending(request, asked, answer) });
        using var slow = new RawClient(server.EndPoint);
        slow.Send(RawClient.Upgrade("", "/slow") + "\x88\x80\0\0\0\0");
        Assert.True(await asked.WaitAsync(Link.Limit));
        using (Connection other = Connection.Connect(server.Url))
        {
            other.Send("not held up");
            Assert.Equal("not held up", ((TextMessage)other.Receive(Link.Limit)).Text);
        }

        await Task.Run(() => answer.SetResult(default));
        string text = await slow.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 101 ", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n\x88\0", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hook_that_never_answers_is_503_in_time_and_holds_no_place(bool plain)
    {
        var clock = new FakeTimeProvider();
        using var log = new LogLines();
        var asked = new SemaphoreSlim(0);
        var late = new TaskCompletionSource<UpgradeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions
        {
            TimeProvider = clock,
            LoggerFactory = log,
            MaxConnections = 1,
            OnUpgradeAsync = request => Pending(request, asked, late),
            OnRequestAsync = async request => (await Pending(request, asked, late)).Response,
        });
        using var client = new RawClient(server.EndPoint);
        client.Send(plain ? "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n" : RawClient.Upgrade("", "/slow"));
        Assert.True(await asked.WaitAsync(Link.Limit));
        if (!plain)
        {
            Assert.StartsWith("HTTP/1.1 503 ", await AskAsync(server, RawClient.Upgrade()), StringComparison.Ordinal);
        }

        Task<string> reading = client.ReadHeadAsync();
        for (int i = 0; i < 2000 && !reading.IsCompleted; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(reading, Task.Delay(5));
        }

        string answer = await reading.WaitAsync(Link.Limit);
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
        client.Dispose();

        // The answer comes after all, for nobody.
        late.SetResult(default);
        Assert.StartsWith("HTTP/1.1 101 ", await HeadAsync(server, "/"), StringComparison.Ordinal);

        // The answer may be here before its handler is called.
        await LoopServer.UntilAsync(() => !server.Calls.IsEmpty);
        await server.StopAsync();
        Assert.Contains(log.Lines, entry => entry.Line.Contains("HandshakeTimeout", StringComparison.Ordinal));
        Assert.Single(server.Calls, static call => call.StartsWith("open", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_hook_that_throws_is_500_and_in_the_log_only(bool later)
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions
        {
            LoggerFactory = log,
            MaxConnections = 1,
            OnUpgradeAsync = async _ =>
            {
                if (later)
                {
                    await Task.Yield();
                }

                throw new InvalidOperationException("hidden");
            },
        });

        // More often than there are places: each is given back.
        for (int i = 0; i < 3; i++)
        {
            string answer = await AskAsync(server, RawClient.Upgrade());
            Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("hidden", answer, StringComparison.Ordinal);
        }

        await server.StopAsync();
        Assert.Equal(3, log.Lines.Count(entry => entry.Level == LogLevel.Error && entry.Line.Contains("hidden", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_while_the_hook_is_pending_ends_and_gives_its_place_back(bool refused)
    {
        var asked = new SemaphoreSlim(0);
        var answer = new TaskCompletionSource<UpgradeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions { MaxConnections = 1, OnUpgradeAsync = request => Pending(request, asked, answer) });
        using (var leaving = new RawClient(server.EndPoint))
        {
            leaving.Send(RawClient.Upgrade("", "/slow"));
            Assert.True(await asked.WaitAsync(Link.Limit));
            leaving.Reset();
        }

        answer.SetResult(refused ? HttpResponse.Text(403, "no") : default(UpgradeAnswer));
        await RepeatAsync(async () => (await HeadAsync(server, "/")).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_stops_while_hooks_are_pending()
    {
        var asked = new SemaphoreSlim(0);
        var answer = new TaskCompletionSource<UpgradeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions
        {
            HandshakeTimeout = Timeout.InfiniteTimeSpan,
            OnUpgradeAsync = request => Pending(request, asked, answer),
        });
        RawClient[] clients = [.. Enumerable.Range(0, 3).Select(_ => new RawClient(server.EndPoint))];
        foreach (RawClient client in clients)
        {
            client.Send(RawClient.Upgrade("", "/slow"));
            Assert.True(await asked.WaitAsync(Link.Limit));
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        answer.SetResult(default);
        Assert.Empty(server.Calls);
        foreach (RawClient client in clients)
        {
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_hook_may_stop_the_server()
    {
        TestServer? server = null;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server = new TestServer(engine, new ServerOptions
        {
            OnUpgradeAsync = async _ =>
            {
                await Task.Yield();
                await server!.StopAsync();
                stopped.SetResult();
                return default;
            },
        });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade());
        await stopped.Task.WaitAsync(Link.Limit);
        await server.DisposeAsync();
    }

    private static async ValueTask<UpgradeAnswer> Pending(HttpRequestHead request, SemaphoreSlim asked, TaskCompletionSource<UpgradeAnswer> answer)
    {
        if (request.Path != "/slow")
        {
            return default;
        }

        asked.Release();
        return await answer.Task;
    }

    private static async Task RepeatAsync(Func<Task<bool>> succeeds)
    {
        // Nothing tells from outside when the server has noticed: ask again.
        long start = TimeProvider.System.GetTimestamp();
        while (!await succeeds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Link.Limit);
            await Task.Delay(10);
        }
    }

    private static async Task<string> HeadAsync(TestServer server, string path, string headers = "")
    {
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade(headers, path));
        return await client.ReadHeadAsync();
    }

    private static async Task<string> AskAsync(TestServer server, string request)
    {
        using var client = new RawClient(server.EndPoint);
        client.Send(request);
        return await client.ReadToEndAsync();
    }
}

public sealed class ThreadedUpgradeHookTests() : UpgradeHookTests(ServerEngine.Threads);

public sealed class EpollUpgradeHookTests() : UpgradeHookTests(ServerEngine.Epoll);

public sealed class PortableUpgradeHookTests() : UpgradeHookTests(ServerEngine.Portable);
