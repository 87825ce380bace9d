using System.Net;
using System.Security.Claims;
using System.Security.Principal;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Wspy's client and server, with credentials.</summary>
public class ClientAuthenticationTests
{
    private static readonly Dictionary<string, string> Passwords = new() { ["g"] = "right" };

    public static TheoryData<ServerEngine, string, bool, bool> Cases
    {
        get
        {
            var cases = new TheoryData<ServerEngine, string, bool, bool>();
            foreach (ServerEngine engine in Enum.GetValues<ServerEngine>())
            {
                foreach (string scheme in new[] { "Basic", "Digest", "Bearer" })
                {
                    cases.Add(engine, scheme, true, true);
                    cases.Add(engine, scheme, false, false);
                    cases.Add(engine, scheme, true, false);
                    cases.Add(engine, scheme, false, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_client_proves_itself_on_the_same_connection_or_another(ServerEngine engine, string scheme, bool keeps, bool blocks)
    {
        int requests = 0;
        await using TestServer server = Start(engine, scheme, keeps, () => Interlocked.Increment(ref requests));
        ClientOptions options = Options(scheme);
        for (int i = 0; i < 2; i++)
        {
            using Connection connection = blocks ? Connection.Connect(server.Url, options) : await Connection.ConnectAsync(server.Url, options);
            connection.Send("who am I?");
            Assert.Equal("g", ((TextMessage)connection.Receive(Link.Limit)).Text);
        }

        // Digest remembers its nonce, the token callback its token; Basic asks each time.
        Assert.Equal(scheme switch { "Digest" => 2, "Bearer" => 3, _ => 2 }, requests);
    }

    [Fact]
    public async Task Credentials_in_the_URL_are_used_and_wrong_ones_in_no_exception()
    {
        await using TestServer server = Start(ServerEngine.Threads, "Digest", true, () => { });
        using (Connection connection = Connection.Connect(server.Url.Replace("ws://", "ws://g:right@", StringComparison.Ordinal)))
        {
            connection.Send("who am I?");
            Assert.Equal("g", ((TextMessage)connection.Receive(Link.Limit)).Text);
        }

        HandshakeException refused = Assert.Throws<HandshakeException>(() => Connection.Connect(server.Url.Replace("ws://", "ws://g:hidden@", StringComparison.Ordinal)));
        Assert.Equal(401, refused.StatusCode);
        Assert.DoesNotContain("hidden", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", Assert.Throws<ArgumentException>(() => Connection.Connect("//g:hidden@localhost")).ToString(), StringComparison.Ordinal);
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
