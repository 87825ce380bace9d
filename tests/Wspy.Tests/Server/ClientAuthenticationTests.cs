using System.Net;
using System.Security.Claims;
using System.Security.Principal;
using Wspy.Tests.ClientTests;
using Wspy.Tests.Connections;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Wspy's client and server, with credentials.</summary>
public class ClientAuthenticationTests
{
    private static readonly Dictionary<string, string> Passwords = new() { ["g"] = "right" };

    public static TheoryData<ServerEngine, string, bool, ClientKind> Cases
    {
        get
        {
            var cases = new TheoryData<ServerEngine, string, bool, ClientKind>();
            foreach (ServerEngine engine in Enum.GetValues<ServerEngine>())
            {
                foreach (string scheme in new[] { "Basic", "Digest", "Bearer" })
                {
                    foreach (ClientKind client in Enum.GetValues<ClientKind>())
                    {
                        cases.Add(engine, scheme, true, client);
                        cases.Add(engine, scheme, false, client);
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_client_proves_itself_on_the_same_connection_or_another(ServerEngine engine, string scheme, bool keeps, ClientKind kind)
    {
        int requests = 0;
        await using TestServer server = Start(engine, scheme, keeps, () => Interlocked.Increment(ref requests));
        ClientOptions options = Options(scheme);
        for (int i = 0; i < 2; i++)
        {
            await using AnyClient client = await AnyClient.ConnectAsync(kind, server.Url, options);
            Assert.Equal("g", await client.AskAsync("who am I?"));
        }

        // Digest remembers its nonce, the token callback its token; Basic asks each time.
        Assert.Equal(scheme switch { "Digest" => 2, "Bearer" => 3, _ => 2 }, requests);
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task Credentials_in_the_URL_are_used_and_wrong_ones_in_no_exception(ClientKind kind)
    {
        await using TestServer server = Start(ServerEngine.Threads, "Digest", true, () => { });
        await using (AnyClient client = await AnyClient.ConnectAsync(kind, server.Url.Replace("ws://", "ws://g:right@", StringComparison.Ordinal)))
        {
            Assert.Equal("g", await client.AskAsync("who am I?"));
        }

        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(kind, server.Url.Replace("ws://", "ws://g:hidden@", StringComparison.Ordinal)));
        Assert.Equal(401, refused.StatusCode);
        Assert.DoesNotContain("hidden", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", (await Assert.ThrowsAsync<ArgumentException>(() => AnyClient.ConnectAsync(kind, "//g:hidden@localhost"))).ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, ClientOptions> Refused => new()
    {
        { "there are none: Credentials, BearerToken, or name and password in the URL", new ClientOptions() },
        { "did not take those that were sent by Digest", new ClientOptions { Credentials = new NetworkCredential("g", "wrong") } },
        { "had none for this URL and these schemes", new ClientOptions { Credentials = new CredentialCache { { new Uri("wss://elsewhere.example/"), "Digest", new NetworkCredential("g", "right") } } } },
        { "had none for this URL and these schemes", new ClientOptions { BearerToken = static (_, _) => default } },
        { "did not take those of Headers", new ClientOptions { Headers = new HttpHeaders { { "Authorization", "Other right" } } } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_refusal_says_what_was_asked_for_and_what_became_of_the_credentials(string expected, ClientOptions options)
    {
        await using TestServer server = Start(ServerEngine.Threads, "Digest", true, () => { });
        string message = (await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(ClientKind.Async, server.Url, options))).Message;
        Assert.StartsWith("The server answered with status 401, not 101 (RFC 6455 §4.1): it asks for credentials (Digest), and ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scheme_of_the_servers_own_is_not_repeated()
    {
        await using var server = new ScriptedServer(_ => "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Surprise realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
        string message = (await Assert.ThrowsAsync<HandshakeException>(() => AnyClient.ConnectAsync(ClientKind.Async, server.Url))).Message;
        Assert.Contains("it asks for credentials of a scheme that is not known here, and there are none", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Surprise", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task Basic_can_go_with_the_first_request(ClientKind kind)
    {
        await using var server = new ScriptedServer(_ => ScriptedServer.Upgrade + "\r\n");
        await using AnyClient client = await AnyClient.ConnectAsync(kind, server.Url, new ClientOptions { Credentials = new NetworkCredential("g", "right"), PreemptiveBasic = true });
        Assert.Contains("Authorization: Basic ZzpyaWdodA==\r\n", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClientKind.Async)]
    [InlineData(ClientKind.Epoll)]
    [InlineData(ClientKind.Portable)]
    public async Task A_token_that_does_not_come_is_given_up_when_the_caller_gives_up(ClientKind kind)
    {
        await using var server = new ScriptedServer(_ => "HTTP/1.1 401 Who\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n");
        using var source = new CancellationTokenSource();
        var options = new ClientOptions
        {
            BearerToken = async (refused, cancellationToken) =>
            {
                if (refused is not null)
                {
                    await source.CancelAsync();
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                }

                return "old";
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AnyClient.ConnectAsync(kind, server.Url, options, source.Token));
        Assert.Single(server.Requests);
    }

    [Theory]
    [MemberData(nameof(ClientKinds.All), MemberType = typeof(ClientKinds))]
    public async Task What_a_callback_throws_reaches_the_caller(ClientKind kind)
    {
        await using var server = new ScriptedServer(_ => "HTTP/1.1 401 Who\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n");
        var options = new ClientOptions { BearerToken = (refused, _) => refused is null ? ValueTask.FromResult<string?>("old") : throw new FormatException("mine") };
        Assert.Equal("mine", (await Assert.ThrowsAsync<FormatException>(() => AnyClient.ConnectAsync(kind, server.Url, options))).Message);
    }

    [Fact]
    public async Task A_stream_is_used_for_all_attempts()
    {
        foreach (LinkKind kind in new[] { LinkKind.Memory, LinkKind.Tcp, LinkKind.Tls, LinkKind.Partial })
        {
            foreach (string scheme in new[] { "Basic", "Digest" })
            {
                (WebSocket client, WebSocket server) = await Link.OpenAsync(kind, Options(scheme), new ServerOptions { Authentication = Authentication(scheme, true, () => { }) });
                Assert.Equal((null, "g"), (client.User, server.User?.Identity?.Name));
                client.Abort();
                server.Abort();
            }
        }
    }

    [Fact]
    public async Task A_stream_that_ends_with_the_challenge_is_a_refusal()
    {
        (Stream client, Stream server) = Wspy.Transports.InMemoryStream.CreatePair();
        Task<WebSocket> accepting = WebSocket.AcceptAsync(server, new ServerOptions { Authentication = Authentication("Basic", false, () => { }) }).AsTask();
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(async () => await WebSocket.ConnectAsync(client, new Uri("ws://localhost/"), Options("Basic")));
        Assert.Equal(401, refused.StatusCode);
        Assert.Equal(Wspy.Handshake.HandshakeViolation.CredentialsRequired, (await Assert.ThrowsAsync<HandshakeException>(() => accepting)).Reason);
    }

    private static TestServer Start(ServerEngine engine, string scheme, bool keeps, Action judged) =>
        new(engine, new ServerOptions { Authentication = Authentication(scheme, keeps, judged) }) { WhenReceived = (client, _) => client.Send(client.User!.Identity!.Name!) };

    private static ServerAuthentication Authentication(string scheme, bool keeps, Action judged) => new()
    {
        KeepsConnection = keeps,
        Schemes = [new Counting(judged, scheme switch
        {
            "Basic" => new BasicScheme(Passwords),
            "Digest" => new DigestScheme(name => Passwords.GetValueOrDefault(name)),
            _ => new BearerScheme(token => token == "fresh" ? new ClaimsPrincipal(new GenericIdentity("g")) : null),
        })],
    };

    private static ClientOptions Options(string scheme)
    {
        string token = "old";
        return scheme == "Bearer"
            ? new ClientOptions { BearerToken = async (refused, _) => { await Task.Yield(); return token = refused is null ? token : "fresh"; } }
            : new ClientOptions { Credentials = new NetworkCredential("g", "right") };
    }

    private sealed class Counting(Action judged, AuthenticationScheme inner) : AuthenticationScheme
    {
        public override string Name => inner.Name;

        public override AuthenticationVerdict Judge(AuthenticationAttempt attempt)
        {
            judged();
            return inner.Judge(attempt);
        }

        public override IEnumerable<AuthenticationFields> CreateChallenges(AuthenticationAttempt attempt, AuthenticationVerdict? verdict) => inner.CreateChallenges(attempt, verdict);
    }
}
