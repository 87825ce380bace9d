using System.Text;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.LoopTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Several plain requests on one connection (RFC 9112 §9.3), and where nothing may follow.</summary>
public abstract class KeptConnectionTests(ServerEngine engine)
{
    private const string Host = "Host: localhost\r\n";

    [Fact]
    public async Task Plain_requests_follow_one_another_and_an_upgrade_follows_them()
    {
        await using WebSocketServer server = Start();
        using var client = new RawClient(server.EndPoint);
        foreach ((string request, int status, string body) in new[]
        {
            ("GET /page", 200, "page /page"), ("HEAD /page", 200, ""), ("GET /later", 200, "later"), ("GET /nothing", 404, "Nothing is served at this path.\n"),
            ("DELETE /page", 405, "The methods here are: GET, HEAD.\n"), ("GET /echo", 426, "This is a WebSocket server: connect with the WebSocket protocol.\n"), ("GET /page", 200, "page /page"),
        })
        {
            client.Send($"{request} HTTP/1.1\r\n{Host}\r\n");
            string head = await client.ReadHeadAsync();
            Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);
            Assert.Contains("keep-alive\r\n", head, StringComparison.Ordinal);
            Assert.Equal(body, Encoding.UTF8.GetString(await client.ReadAsync(body.Length)));
        }

        client.Send(RawClient.Upgrade("", "/echo"));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        client.Send([0x82, 0x81, 0, 0, 0, 0, 7]);
        Assert.Equal([0x82, 1, 7], await client.ReadAsync(3));
    }

    [Fact]
    public async Task Requests_that_come_together_are_answered_in_their_order()
    {
        await using WebSocketServer server = Start();
        using var client = new RawClient(server.EndPoint);
        string requests = string.Concat(Enumerable.Range(0, 30).Select(i => $"GET /{(i % 3 == 0 ? "later" : "page")} HTTP/1.1\r\n{Host}\r\n"));
        client.Send(requests + $"GET /page HTTP/1.1\r\n{Host}Connection: close\r\n\r\n" + requests);
        string[] answers = (await client.ReadToEndAsync()).Split("HTTP/1.1 ")[1..];
        Assert.Equal(31, answers.Length);
        for (int i = 0; i < 31; i++)
        {
            Assert.EndsWith(i % 3 == 0 && i < 30 ? "later" : "page /page", answers[i], StringComparison.Ordinal);
            Assert.Contains(i < 30 ? "Connection: keep-alive\r\n" : "Connection: close\r\n", answers[i], StringComparison.Ordinal);
        }
    }

    // What an intermediary takes for part of a request must not become one.
    [Theory]
    [InlineData("GET /page HTTP/1.0\r\n\r\n")]
    [InlineData("GET /page HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")]
    [InlineData("GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /page HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Close\r\n\r\n")]
    [InlineData("GET /page HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345")]
    [InlineData("POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345")]
    [InlineData("POST /page HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET /page HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET /page HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")]
    [InlineData("GET /last HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /last/twice HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /page HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET  /page HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task Nothing_follows(string request)
    {
        await using WebSocketServer server = Start();
        foreach (string before in new[] { "", $"GET /page HTTP/1.1\r\n{Host}\r\n" })
        {
            using var client = new RawClient(server.EndPoint);
            client.Send($"{before}{request}GET /page HTTP/1.1\r\n{Host}\r\n");
            string[] answers = (await client.ReadToEndAsync()).Split("HTTP/1.1 ")[1..];
            Assert.Equal(before.Length == 0 ? 1 : 2, answers.Length);
            Assert.Contains("close\r\n", answers[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_number_of_requests_is_bounded()
    {
        await using WebSocketServer server = Start();
        using var client = new RawClient(server.EndPoint);
        client.Send(string.Concat(Enumerable.Repeat($"HEAD /page HTTP/1.1\r\n{Host}\r\n", 150)));
        Assert.Equal(100, (await client.ReadToEndAsync()).Split("HTTP/1.1 200 ").Length - 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /pa")]
    public async Task Each_request_has_the_time_of_a_handshake(string rest)
    {
        var clock = new FakeTimeProvider();
        using var log = new LogLines();
        await using WebSocketServer server = Start(new ServerOptions { TimeProvider = clock, LoggerFactory = log });
        using var client = new RawClient(server.EndPoint);

        // Together longer than one handshake may take.
        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(6));
            client.Send($"HEAD /page HTTP/1.1\r\n{Host}\r\n");
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
            await LoopServer.UntilAsync(() => log.Lines.Count(line => line.Line.Contains("answered with 200", StringComparison.Ordinal)) == i + 1);
        }

        client.Send(rest);
        using var limit = new CancellationTokenSource(Link.Limit);
        Task ended = client.DrainAsync(limit.Token);
        while (!ended.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(ended, Task.Delay(5));
        }

        Assert.False(limit.IsCancellationRequested);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(rest.Length > 0, log.Lines.Any(line => line.Line.Contains("HandshakeTimeout", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Who_is_silent_between_requests_sees_an_ordinary_end()
    {
        var clock = new FakeTimeProvider();
        await using WebSocketServer server = Start(new ServerOptions { TimeProvider = clock });
        using var client = new RawClient(server.EndPoint);
        client.Send($"HEAD /page HTTP/1.1\r\n{Host}\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);

        // A reset would throw.
        Task<string> rest = client.ReadToEndAsync();
        while (!rest.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(rest, Task.Delay(5));
        }

        Assert.Equal("", await rest);
    }

    [Fact]
    public async Task Who_leaves_between_requests_is_no_failure_and_stopping_waits_for_nobody()
    {
        using var log = new LogLines();
        await using WebSocketServer server = Start(new ServerOptions { LoggerFactory = log });
        using var staying = new RawClient(server.EndPoint);
        using (var leaving = new RawClient(server.EndPoint))
        {
            foreach (RawClient client in new[] { staying, leaving })
            {
                client.Send($"HEAD /page HTTP/1.1\r\n{Host}\r\n");
                Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
            }
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        using var limit = new CancellationTokenSource(Link.Limit);
        await staying.DrainAsync(limit.Token);
        Assert.False(limit.IsCancellationRequested);
        Assert.Equal(2, log.Lines.Count(line => line.Line.Contains("answered with 200", StringComparison.Ordinal)));
        Assert.DoesNotContain(log.Lines, line => line.Line.Contains("opening handshake", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answers_that_are_not_taken_hold_up_further_requests()
    {
        int asked = 0;
        byte[] body = new byte[1 << 20];
        await using WebSocketServer server = Start(new ServerOptions { Loops = 1 }, site => site.MapGet("/large", _ =>
        {
            Interlocked.Increment(ref asked);
            return new HttpResponse(200) { Body = body };
        }));
        using var client = new RawClient(server.EndPoint, receiveBuffer: 64 * 1024);
        client.Send(string.Concat(Enumerable.Repeat($"GET /large HTTP/1.1\r\n{Host}\r\n", 60)));
        await LoopServer.UntilAsync(() => Volatile.Read(ref asked) > 0);

        // On the same loop: what it had to do for the first is done.
        using var other = new RawClient(server.EndPoint);
        other.Send($"HEAD /page HTTP/1.1\r\n{Host}\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await other.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.InRange(Volatile.Read(ref asked), 1, 30);
        for (int i = 0; i < 60; i++)
        {
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
            await client.ReadAsync(body.Length);
        }

        Assert.Equal(60, asked);
    }

    private WebSocketServer Start(ServerOptions? options = null, Action<WebSocketServer>? map = null)
    {
        Assert.SkipWhen(engine == ServerEngine.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        options = (options ?? new ServerOptions()) with { Port = 0, Poller = engine == ServerEngine.Portable ? PollerKind.Portable : PollerKind.Auto };
        WebSocketServer server = engine == ServerEngine.Threads ? new Wspy.Server(options) : new AsyncServer(options);
        server.Map("/echo", (client, message) => client.Send(message));
        server.MapGet("/page", request => HttpResponse.Text(200, $"page {request.Path}"));
        server.MapGet("/broken", request => request.Path == "/broken" ? throw new InvalidOperationException("broken") : new HttpResponse(200));
        server.MapGet("/last", _ => new HttpResponse(200) { Headers = { { "Connection", "close" } } });
        server.MapGet("/last/twice", _ => new HttpResponse(200) { Headers = { { "Connection", "x" }, { "Connection", "close" } } });
        server.MapGet("/later", async _ =>
        {
            await Task.Yield();
            return HttpResponse.Text(200, "later");
        });
        map?.Invoke(server);
        server.Start();
        return server;
    }
}

public sealed class ThreadedKeptConnectionTests() : KeptConnectionTests(ServerEngine.Threads);

public sealed class EpollKeptConnectionTests() : KeptConnectionTests(ServerEngine.Epoll);

public sealed class PortableKeptConnectionTests() : KeptConnectionTests(ServerEngine.Portable);
