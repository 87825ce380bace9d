using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Wspy.Handshake;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>What a server answers to requests that do not become WebSockets, and that nothing follows the answer.</summary>
public abstract class ServerHttpTests(ServerEngine engine)
{
    private const string PlainRequest = "GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    [Theory]
    [InlineData(PlainRequest, "HTTP/1.1 426 ")]
    [InlineData("BREW\r\n\r\n", "HTTP/1.1 400 ")]
    public async Task By_default_a_plain_request_gets_426_and_garbage_400(string request, string answer)
    {
        await using var server = new TestServer(engine);
        Assert.StartsWith(answer, await AskAsync(server, request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnRequest_answers_plain_requests_and_HEAD_without_the_body()
    {
        await using var server = new TestServer(engine, new ServerOptions { OnRequest = request => request.Path == "/page" ? HttpResponse.Html(200, "<p>page</p>") : null });
        Assert.EndsWith("\r\n\r\n<p>page</p>", await AskAsync(server, PlainRequest), StringComparison.Ordinal);
        string head = await AskAsync(server, PlainRequest.Replace("GET", "HEAD", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 11\r\n", head, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 426 ", await AskAsync(server, PlainRequest.Replace("/page", "/other", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Origins_locations_and_the_application_refuse()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            AllowedOrigins = ["https://good.example"],
            RequireOrigin = true,
            AllowedLocations = ["/chat", "/refused"],
            OnUpgrade = request => request.Path == "/refused" ? new HttpResponse(401) { Headers = { { "WWW-Authenticate", "Basic" } }, Body = "who?"u8.ToArray() } : null,
        });
        Assert.StartsWith("HTTP/1.1 403 ", await AskAsync(server, RawClient.Upgrade("Origin: https://evil.example\r\n", "/chat")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await AskAsync(server, RawClient.Upgrade("", "/chat")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 404 ", await AskAsync(server, RawClient.Upgrade("Origin: https://good.example\r\n", "/other")), StringComparison.Ordinal);
        string refusal = await AskAsync(server, RawClient.Upgrade("Origin: https://good.example\r\n", "/refused"));
        Assert.StartsWith("HTTP/1.1 401 ", refusal, StringComparison.Ordinal);
        Assert.Contains("WWW-Authenticate: Basic\r\n", refusal, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nwho?", refusal, StringComparison.Ordinal);

        using var client = Connection.Connect(server.Url + "chat", new ClientOptions { Origin = "https://good.example" });
        client.Send("in");
        Assert.Equal("in", ((TextMessage)client.Receive(Link.Limit)).Text);
        HandshakeException refused = Assert.Throws<HandshakeException>(() => Connection.Connect(server.Url + "refused", new ClientOptions { Origin = "https://good.example" }));
        Assert.Equal((401, HandshakeViolation.UnexpectedStatus), (refused.StatusCode, refused.Reason));
        Assert.Equal("Basic", refused.Response!.Headers["WWW-Authenticate"]);
        Assert.Equal("who?"u8.ToArray(), refused.Body.ToArray());
    }

    [Fact]
    public async Task An_application_that_throws_is_500_and_in_the_log_only()
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions
        {
            LoggerFactory = log,
            OnRequest = _ => throw new InvalidOperationException("hidden"),
            OnUpgrade = _ => throw new InvalidOperationException("hidden"),
        });
        foreach (string request in new[] { PlainRequest, RawClient.Upgrade() })
        {
            string answer = await AskAsync(server, request);
            Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("hidden", answer, StringComparison.Ordinal);
        }

        await server.StopAsync();
        Assert.Equal(2, log.Lines.Count(entry => entry.Level == LogLevel.Error && entry.Line.Contains("hidden", StringComparison.Ordinal)));
    }

    // Request smuggling: what follows a refused request is never a request.
    [Fact]
    public async Task Bytes_behind_a_refused_request_are_not_parsed()
    {
        var asked = new ConcurrentQueue<string>();
        await using var server = new TestServer(engine, new ServerOptions
        {
            OnRequest = request =>
            {
                asked.Enqueue(request.Path);
                return HttpResponse.Text(200, "answer");
            },
        });
        string answer = await AskAsync(server, PlainRequest + PlainRequest.Replace("/page", "/smuggled", StringComparison.Ordinal) + RawClient.Upgrade());
        Assert.Equal(["/page"], asked);
        Assert.Equal(1, answer.Split("HTTP/1.1 ").Length - 1);
        Assert.Contains("Connection: close\r\n", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clients_that_are_silent_or_drip_are_ended_in_time(bool secure)
    {
        var clock = new FakeTimeProvider();
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions { TimeProvider = clock, LoggerFactory = log, Tls = secure ? Link.ServerTls : null });
        using var silent = new RawClient(server.EndPoint);
        using var dripping = new RawClient(server.EndPoint);
        Task<string> first = ReadAsync(silent), second = ReadAsync(dripping);
        for (int i = 0; i < 2000 && !(first.IsCompleted && second.IsCompleted); i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            try
            {
                // A handshake record of TLS that never ends, or a request line.
                dripping.Send(secure ? i == 0 ? "\x16\x03\x01\x10\0" : "\x01" : "G");
            }
            catch (SocketException)
            {
                // Ended.
            }

            await Task.WhenAny(Task.WhenAll(first, second), Task.Delay(5));
        }

        Assert.Empty(await first);
        Assert.DoesNotContain("101", await second, StringComparison.Ordinal);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(2, log.Lines.Count(entry => entry.Line.Contains("HandshakeTimeout", StringComparison.Ordinal)));
    }

    private static async Task<string> ReadAsync(RawClient client)
    {
        try
        {
            return await client.ReadToEndAsync();
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private static async Task<string> AskAsync(TestServer server, string request)
    {
        using var client = new RawClient(server.EndPoint);
        client.Send(request);
        return await client.ReadToEndAsync();
    }
}

public sealed class ThreadedServerHttpTests() : ServerHttpTests(ServerEngine.Threads);

public sealed class EpollServerHttpTests() : ServerHttpTests(ServerEngine.Epoll);

public sealed class PortableServerHttpTests() : ServerHttpTests(ServerEngine.Portable);
