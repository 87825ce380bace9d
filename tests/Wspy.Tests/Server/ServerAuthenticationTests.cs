using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Principal;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Authentication on the wire: one connection, several requests, and nothing smuggled between them.</summary>
public abstract class ServerAuthenticationTests(ServerEngine engine)
{
    private const string Wrong = "Authorization: Basic Zzp3cm9uZw==\r\n";
    private const string Right = "Authorization: Basic ZzpyaWdodA==\r\n";

    private static ServerAuthentication Basic => new() { Schemes = [new BasicScheme(new Dictionary<string, string> { ["g"] = "right" })] };

    [Fact]
    public async Task A_401_keeps_the_connection_for_the_next_attempt()
    {
        var names = new ConcurrentQueue<string?>();
        await using var server = new TestServer(engine, new ServerOptions
        {
            Authentication = Basic,
            OnUpgrade = request =>
            {
                names.Enqueue(request.User?.Identity?.Name);
                return null;
            },
        })
        {
            WhenOpened = client => names.Enqueue(client.User?.Identity?.Name),
            WhenReceived = (client, message) => client.Send(client.User?.Identity?.Name ?? ""),
        };
        using var client = new RawClient(server.EndPoint);
        foreach (string attempt in new[] { "", Wrong })
        {
            client.Send(RawClient.Upgrade(attempt));
            string answer = await client.ReadHeadAsync();
            Assert.StartsWith("HTTP/1.1 401 Unauthorized\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("WWW-Authenticate: Basic realm=\"WebSocket\", charset=\"UTF-8\"\r\n", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("close", answer, StringComparison.OrdinalIgnoreCase);
            int length = int.Parse(answer.Split("Content-Length: ")[1].Split("\r\n")[0], provider: null);
            await client.ReadAsync(length);
        }

        Assert.Empty(names);
        client.Send(RawClient.Upgrade(Right));
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        client.Send([0x81, 0x80, 0, 0, 0, 0]);
        Assert.Equal([0x81, 1, (byte)'g'], await client.ReadAsync(3));
        Assert.Equal(["g", "g"], names);
    }

    [Fact]
    public async Task Requests_in_one_piece_are_answered_one_by_one()
    {
        await using var server = new TestServer(engine, new ServerOptions { Authentication = Basic });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade() + RawClient.Upgrade(Wrong) + RawClient.Upgrade(Right) + "\x88\x80\0\0\0\0");
        string answer = await client.ReadToEndAsync();
        Assert.Equal(["401", "401", "101"], answer.Split("HTTP/1.1 ").Skip(1).Select(part => part[..3]));
        Assert.EndsWith("\r\n\r\n\x88\0", answer, StringComparison.Ordinal);
    }

    // Request smuggling: only a 401 that keeps the connection is followed by another request.
    [Theory]
    [InlineData("Connection: close\r\n", "401")]
    [InlineData("Content-Length: 5\r\n", "400")]
    [InlineData("Transfer-Encoding: chunked\r\n", "400")]
    [InlineData("Authorization: Basic \"\r\n", "400")]
    [InlineData("Origin: https://evil.example\r\n", "403")]
    public async Task Nothing_follows_any_other_refusal(string headers, string status)
    {
        await using var server = new TestServer(engine, new ServerOptions { Authentication = Basic });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade(headers) + RawClient.Upgrade(Right));
        string answer = await client.ReadToEndAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Single(answer.Split("HTTP/1.1 ").Skip(1));
        Assert.Contains("Connection: close\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_connection_ends_where_it_is_not_to_be_kept()
    {
        await using var server = new TestServer(engine, new ServerOptions { Authentication = Basic with { KeepsConnection = false } });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade() + RawClient.Upgrade(Right));
        Assert.Single((await client.ReadToEndAsync()).Split("HTTP/1.1 ").Skip(1));
    }

    [Fact]
    public async Task One_connection_has_eight_attempts_and_one_address_its_own()
    {
        await using var server = new TestServer(engine, new ServerOptions { Authentication = Basic with { MaxAttemptsPerAddress = 10 } });
        string first = await StatusesAsync(server, string.Concat(Enumerable.Repeat(RawClient.Upgrade(Wrong), 20)));
        Assert.Equal(string.Join(' ', Enumerable.Repeat("401", 8)), first);
        Assert.Equal("401 401 429", await StatusesAsync(server, string.Concat(Enumerable.Repeat(RawClient.Upgrade(Wrong), 20))));
    }

    [Fact]
    public async Task A_refusal_of_the_application_knows_the_user()
    {
        await using var server = new TestServer(engine, new ServerOptions
        {
            Authentication = Basic,
            OnUpgrade = request => HttpResponse.Text(403, $"not {request.User!.Identity!.Name}"),
        });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade(Right));
        Assert.EndsWith("\r\n\r\nnot g", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("right", "101")]
    [InlineData("wrong", "401")]
    [InlineData("broken", "500")]
    public async Task A_validator_may_take_its_time_and_holds_up_nobody(string outcome, string status)
    {
        var asked = new SemaphoreSlim(0);
        var answer = new TaskCompletionSource<ClaimsPrincipal?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions
        {
            Loops = 1,
            Authentication = new ServerAuthentication
            {
                KeepsConnection = false,
                Schemes = [new BasicScheme((name, password) =>
                {
                    if (password == "right")
                    {
                        asked.Release();
                        return answer.Task.ToVerdict();
                    }

                    return AuthenticationVerdict.Accept(new ClaimsPrincipal(new GenericIdentity(name)));
                })],
            },
        });
        using var slow = new RawClient(server.EndPoint);

        // The frame comes with the request, and is held until it is known whether it is one.
        slow.Send(RawClient.Upgrade(Right) + "\x88\x80\0\0\0\0");
        Assert.True(await asked.WaitAsync(Link.Limit));
        using (var other = Connection.Connect(server.Url, new ClientOptions { Headers = new HttpHeaders { { "Authorization", "Basic Zzp3cm9uZw==" } } }))
        {
            other.Send("not held up");
            Assert.Equal("not held up", ((TextMessage)other.Receive(Link.Limit)).Text);
        }

        if (outcome == "broken")
        {
            answer.SetException(new InvalidOperationException("hidden"));
        }
        else
        {
            answer.SetResult(outcome == "right" ? new ClaimsPrincipal(new GenericIdentity("g")) : null);
        }

        string text = await slow.ReadToEndAsync();
        Assert.StartsWith($"HTTP/1.1 {status} ", text, StringComparison.Ordinal);
        Assert.Equal(status == "101", text.EndsWith("\x88\0", StringComparison.Ordinal));
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_validator_that_never_answers_is_given_up_in_time()
    {
        var clock = new FakeTimeProvider();
        var asked = new SemaphoreSlim(0);
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions
        {
            TimeProvider = clock,
            LoggerFactory = log,
            Authentication = new ServerAuthentication
            {
                Schemes = [new BasicScheme((_, _) =>
                {
                    asked.Release();
                    return AuthenticationVerdict.Pend(new PendingVerdict());
                })],
            },
        });
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade(Right));
        Assert.True(await asked.WaitAsync(Link.Limit));
        Task<string> reading = client.ReadHeadAsync();
        for (int i = 0; i < 2000 && !reading.IsCompleted; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(5)));
        }

        Assert.StartsWith("HTTP/1.1 503 ", await reading.WaitAsync(Link.Limit), StringComparison.Ordinal);
        client.Dispose();
        await server.StopAsync();
        Assert.Contains(log.Lines, entry => entry.Line.Contains("HandshakeTimeout", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Credentials_are_in_no_log_and_an_unanswered_challenge_is()
    {
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions { LoggerFactory = log, Authentication = Basic });
        using (var client = new RawClient(server.EndPoint))
        {
            client.Send(RawClient.Upgrade(Wrong, "/?token=hidden"));
            await client.ReadHeadAsync();
        }

        using (var client = new RawClient(server.EndPoint))
        {
            client.Send(RawClient.Upgrade(Right, "/?token=hidden") + "\x88\x80\0\0\0\0");
            await client.ReadToEndAsync();
        }

        await server.StopAsync();
        Assert.Contains(log.Lines, entry => entry.Line.Contains("The credentials are not accepted", StringComparison.Ordinal));
        foreach (string secret in new[] { "Zzp", "wrong", "right", "hidden" })
        {
            Assert.DoesNotContain(log.Lines, entry => entry.Line.Contains(secret, StringComparison.Ordinal));
        }
    }

    private static async Task<string> StatusesAsync(TestServer server, string requests)
    {
        using var client = new RawClient(server.EndPoint);
        client.Send(requests);
        return string.Join(' ', (await client.ReadToEndAsync()).Split("HTTP/1.1 ").Skip(1).Select(part => part[..3]));
    }
}

public sealed class ThreadedServerAuthenticationTests() : ServerAuthenticationTests(ServerEngine.Threads);

public sealed class EpollServerAuthenticationTests() : ServerAuthenticationTests(ServerEngine.Epoll);

public sealed class PortableServerAuthenticationTests() : ServerAuthenticationTests(ServerEngine.Portable);
