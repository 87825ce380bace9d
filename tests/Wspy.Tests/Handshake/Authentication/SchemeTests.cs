using System.Net;
using System.Security.Claims;
using System.Security.Principal;
using System.Text;
using CsCheck;
using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Authentication;

/// <summary>Basic, Bearer, an application's own scheme, and what answers them.</summary>
public class SchemeTests
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.1");

    // RFC 7617 §2 and §2.1: the worked examples
    [Theory]
    [InlineData("QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame")]
    [InlineData("dGVzdDoxMjPCow==", "test", "123\u00A3")]
    [InlineData("Og==", "", "")]
    [InlineData("YTpiOmM=", "a", "b:c")]
    public void The_examples_of_the_RFC_are_read(string token, string name, string password)
    {
        Assert.True(BasicScheme.TryDecode(token, out string readName, out string readPassword));
        Assert.Equal((name, password), (readName, readPassword));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("QWxhZGRpbg==")]
    [InlineData("QWxhZGRpbjpvcGVuIHNlc2FtZQ")]
    [InlineData("QWxhZGRpbjpvcGVuIHNlc2FtZQ=")]
    [InlineData("/zr/")]
    [InlineData("YTpiCg==")]
    public void What_is_no_name_and_password_is_refused(string? token) => Assert.False(BasicScheme.TryDecode(token, out _, out _));

    [Fact]
    public void Any_token_can_come_and_nothing_throws() =>
        Gen.OneOf(Gen.String, Gen.Byte.Array[0, 40].Select(Convert.ToBase64String)).Sample(token => { _ = BasicScheme.TryDecode(token, out _, out _); });

    [Theory]
    [InlineData("Aladdin", "open sesame", AuthenticationOutcome.Accepted)]
    [InlineData("Aladdin", "open sesam", AuthenticationOutcome.Refused)]
    [InlineData("aladdin", "open sesame", AuthenticationOutcome.Refused)]
    [InlineData("", "", AuthenticationOutcome.Refused)]
    public void Basic_knows_passwords(string name, string password, AuthenticationOutcome outcome)
    {
        var scheme = new BasicScheme(new Dictionary<string, string> { ["Aladdin"] = "open sesame" });
        Assert.Equal(outcome, scheme.Judge(Attempts.Create($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))}")).Outcome);
    }

    [Fact]
    public void All_schemes_are_offered_at_once_in_order()
    {
        AuthenticationJudgement judgement = Judge(Both(), "");
        Assert.Equal((401, HandshakeViolation.CredentialsRequired), (judgement.Refusal!.Response.StatusCode, judgement.Refusal.Reason));
        IReadOnlyList<string> challenges = judgement.Refusal.Response.Headers.GetValues("WWW-Authenticate");
        Assert.Equal("Bearer realm=\"WebSocket\"", challenges[0]);
        Assert.StartsWith("Digest realm=\"WebSocket\", qop=\"auth\", algorithm=SHA-256, nonce=", challenges[1], StringComparison.Ordinal);
        Assert.StartsWith("Digest realm=\"WebSocket\", qop=\"auth\", algorithm=MD5, nonce=", challenges[2], StringComparison.Ordinal);
        Assert.Equal("Basic realm=\"WebSocket\", charset=\"UTF-8\"", challenges[3]);
    }

    // RFC 6750 §3.1
    [Theory]
    [InlineData("Bearer good", 0, "")]
    [InlineData("Bearer bad", 401, "Bearer realm=\"WebSocket\", error=\"invalid_token\"")]
    [InlineData("Bearer expired", 401, "Bearer realm=\"WebSocket\", error=\"invalid_token\", error_description=\"The token expired\"")]
    [InlineData("Bearer weak", 403, "Bearer realm=\"WebSocket\", error=\"insufficient_scope\", scope=\"chat admin\"")]
    [InlineData("Bearer token=good", 400, "Bearer realm=\"WebSocket\", error=\"invalid_request\"")]
    [InlineData("Bearer", 400, "Bearer realm=\"WebSocket\", error=\"invalid_request\"")]
    [InlineData("Basic Zzpn", 401, "Bearer realm=\"WebSocket\"")]
    public void Bearer_says_what_is_wrong(string authorization, int status, string challenge)
    {
        var authentication = new ServerAuthentication
        {
            Schemes = [new BearerScheme(token => token switch
            {
                "good" => AuthenticationVerdict.Accept(User("bearer")),
                "weak" => BearerScheme.InsufficientScope("chat admin"),
                "expired" => BearerScheme.InvalidToken("The token expired"),
                _ => AuthenticationVerdict.Refuse(),
            })],
        };
        AuthenticationJudgement judgement = Judge(authentication, $"Authorization: {authorization}\r\n");
        Assert.Equal((status, challenge), (judgement.Refusal?.Response.StatusCode ?? 0, judgement.Refusal?.Response.Headers["WWW-Authenticate"] ?? ""));
        Assert.Equal(status == 0 ? "bearer" : null, judgement.User?.Identity?.Name);
    }

    [Theory]
    [InlineData("Authorization: Basic QTpC\r\nAuthorization: Basic QTpC\r\n")]
    [InlineData("Authorization: Basic \"\r\n")]
    [InlineData("Authorization:\r\n")]
    [InlineData("Authorization: Digest username=\"a\r\n")]
    public void A_malformed_header_is_400(string headers)
    {
        AuthenticationJudgement judgement = Judge(Both(), headers);
        Assert.Equal((400, HandshakeViolation.InvalidCredentials), (judgement.Refusal!.Response.StatusCode, judgement.Refusal.Reason));
    }

    [Fact]
    public void An_address_has_so_many_attempts_and_others_have_their_own()
    {
        ServerAuthentication authentication = Both() with { MaxAttemptsPerAddress = 3, AttemptWindow = TimeSpan.FromSeconds(10) };
        const string Wrong = "Authorization: Basic QTpC\r\n", Right = "Authorization: Basic Zzpn\r\n";
        int Ask(string headers, string address, int second) => Judge(authentication, headers, IPAddress.Parse(address), TimeSpan.FromSeconds(second)).Refusal?.Response.StatusCode ?? 101;

        // Neither requests without credentials nor right ones count.
        Assert.Equal([401, 401, 401, 401, 101, 101, 101, 101], Enumerable.Range(0, 8).Select(i => Ask(i < 4 ? "" : Right, "192.0.2.1", 0)));
        Assert.Equal([401, 401, 401, 429, 429], Enumerable.Range(0, 5).Select(i => Ask(Wrong, "192.0.2.1", i)));
        Assert.Equal(429, Ask(Right, "192.0.2.1", 9));
        Assert.Equal(429, Ask(Right, "::ffff:192.0.2.1", 9));
        Assert.Equal(101, Ask(Right, "192.0.2.2", 9));
        Assert.Equal(101, Ask(Right, "192.0.2.1", 10));

        // One client has 2^64 addresses of IPv6.
        Assert.Equal([401, 401, 401, 429], Enumerable.Range(0, 4).Select(i => Ask(Wrong, $"2001:db8::{i}", 20)));
        Assert.Equal(401, Ask(Wrong, "2001:db8:0:1::1", 20));
    }

    [Fact]
    public void Guesses_at_the_same_time_learn_nothing_beyond_the_limit()
    {
        var pending = new List<PendingVerdict>();
        var authentication = new ServerAuthentication
        {
            Schemes = [new BasicScheme((_, _) =>
            {
                pending.Add(new PendingVerdict());
                return AuthenticationVerdict.Pend(pending[^1]);
            })],
            MaxAttemptsPerAddress = 2,
        };
        AuthenticationJudgement[] judgements = [.. Enumerable.Range(0, 4).Select(_ => new AuthenticationJudgement(authentication, Attempts.Request("Authorization: Basic QTpC\r\n"), Address, default))];
        Assert.All(judgements, judgement => Assert.NotNull(judgement.Pending));
        pending[0].Complete(AuthenticationVerdict.Refuse());
        pending[1].Complete(AuthenticationVerdict.Refuse());
        pending[2].Complete(AuthenticationVerdict.Accept(User("guessed")));
        pending[3].Fail(new InvalidOperationException());
        Assert.Equal([401, 401, 429, 429], judgements.Select(judgement => judgement.Conclude(default) ? 101 : judgement.Refusal!.Response.StatusCode));
        Assert.Null(judgements[2].User);
    }

    [Fact]
    public void Limits_hold_with_more_addresses_than_are_remembered()
    {
        var limiter = new AttemptLimiter();
        for (int i = 0; i < 20_000; i++)
        {
            limiter.Fail(new IPAddress(i), TimeSpan.FromMinutes(1), default);
        }

        Assert.True(limiter.IsExhausted(new IPAddress(19_999), 1, TimeSpan.FromMinutes(1), default));
        Assert.False(limiter.IsExhausted(new IPAddress(1), 1, TimeSpan.FromMinutes(1), default));
    }

    [Fact]
    public void An_application_has_schemes_of_its_own()
    {
        var authentication = new ServerAuthentication { Schemes = [new CookieScheme()], Realm = "own" };
        Assert.Equal("cookie", Judge(authentication, "Cookie: session=7\r\n").User?.Identity?.Name);
        AuthenticationJudgement refused = Judge(authentication, "Cookie: session=8\r\n");
        Assert.Equal((401, "Cookie realm=\"own\""), (refused.Refusal!.Response.StatusCode, refused.Refusal.Response.Headers["WWW-Authenticate"]));
        Assert.Equal(HandshakeViolation.CredentialsRequired, Judge(authentication, "").Refusal!.Reason);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ServerAuthentication { Schemes = [] });
        Assert.Throws<ArgumentException>(() => Both() with { Realm = "a\r\nb" });
        Assert.Throws<ArgumentOutOfRangeException>(() => Both() with { MaxAttemptsPerAddress = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Both() with { AttemptWindow = TimeSpan.Zero });
    }

    [Fact]
    public void A_pending_verdict_is_given_once()
    {
        var pending = new PendingVerdict();
        int called = 0;
        pending.OnCompleted(() => called++);
        Assert.Throws<ArgumentException>(() => pending.Complete(AuthenticationVerdict.Pend(new PendingVerdict())));
        pending.Complete(AuthenticationVerdict.Refuse());
        Assert.Throws<InvalidOperationException>(() => pending.Complete(AuthenticationVerdict.Refuse()));
        Assert.Throws<InvalidOperationException>(() => pending.Fail(new InvalidOperationException()));
        pending.OnCompleted(() => called++);
        Assert.Equal(2, called);
    }

    // An application may ask its database once for all who come with the same token.
    [Fact]
    public void A_pending_verdict_is_waited_for_by_any_number()
    {
        var pending = new PendingVerdict();
        int called = 0;
        for (int i = 0; i < 3; i++)
        {
            pending.OnCompleted(() => called++);
            Assert.Equal(0, called);
        }

        pending.Complete(AuthenticationVerdict.Refuse());
        Assert.Equal(3, called);
    }

    [Fact]
    public void Of_a_verdict_and_a_failure_at_the_same_time_one_is_first()
    {
        for (int i = 0; i < 2000; i++)
        {
            var pending = new PendingVerdict();
            int given = 0;
            using var both = new Barrier(2);
            var failing = new Thread(() => Give(() => pending.Fail(new InvalidOperationException())));
            failing.Start();
            Give(() => pending.Complete(AuthenticationVerdict.Refuse()));
            failing.Join();
            Assert.Equal((1, true), (given, pending.IsCompleted));

            void Give(Action giving)
            {
                both.SignalAndWait();
                try
                {
                    giving();
                    Interlocked.Increment(ref given);
                }
                catch (InvalidOperationException)
                {
                    // The other one was.
                }
            }
        }
    }

    [Fact]
    public void A_validator_that_says_nothing_refuses_and_its_attempts_count()
    {
        var authentication = new ServerAuthentication { Schemes = [new BasicScheme(static (_, _) => (AuthenticationVerdict)null!)], MaxAttemptsPerAddress = 2 };
        Assert.Equal([401, 401, 429], Enumerable.Range(0, 3).Select(_ => Judge(authentication, "Authorization: Basic QTpC\r\n").Refusal!.Response.StatusCode));
    }

    [Theory]
    [InlineData("secret", "secret", true)]
    [InlineData("secret", "secre", false)]
    [InlineData("", "", true)]
    [InlineData("\u00E4", "a", false)]
    public void Secrets_match_when_they_are_the_same(string given, string expected, bool match) => Assert.Equal(match, Secrets.Match(given, expected));

    private static ServerAuthentication Both() => new()
    {
        Schemes = [new BearerScheme(_ => AuthenticationVerdict.Refuse()), new DigestScheme(_ => null), new BasicScheme(new Dictionary<string, string> { ["g"] = "g" })],
    };

    private static AuthenticationJudgement Judge(ServerAuthentication authentication, string headers, IPAddress? address = null, TimeSpan now = default)
    {
        var judgement = new AuthenticationJudgement(authentication, Attempts.Request(headers), address ?? Address, now);
        Assert.Equal(judgement.Conclude(now), judgement.Refusal is null);
        return judgement;
    }

    private static ClaimsPrincipal User(string name) => new(new GenericIdentity(name));

    private sealed class CookieScheme : AuthenticationScheme
    {
        public override string Name => "Cookie";

        public override AuthenticationVerdict Judge(AuthenticationAttempt attempt) => AuthenticationVerdict.Malformed();

        public override AuthenticationVerdict? JudgeRequest(AuthenticationAttempt attempt) => attempt.Request.Headers["Cookie"] switch
        {
            null => null,
            "session=7" => AuthenticationVerdict.Accept(User("cookie")),
            _ => AuthenticationVerdict.Refuse(),
        };
    }
}
