using CsCheck;
using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Authentication;

public class DigestSchemeTests
{
    private const string Realm = "http-auth@example.org";
    private static readonly string ClientNonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    // RFC 7616 §3.9.1: the worked example, with both algorithms
    [Theory]
    [InlineData(DigestAlgorithm.Md5, "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData(DigestAlgorithm.Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    public void The_example_of_the_RFC_has_its_response(DigestAlgorithm algorithm, string response) =>
        Assert.Equal(response, DigestHash.Response(
            algorithm, DigestHash.Secret(algorithm, "Mufasa", Realm, "Circle of Life"), "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "00000001", ClientNonce, "GET", "/dir/index.html"));

    [Theory]
    [InlineData(DigestAlgorithm.Md5)]
    [InlineData(DigestAlgorithm.Sha256)]
    public void The_right_password_is_accepted_once_per_count(DigestAlgorithm algorithm)
    {
        DigestScheme scheme = Create();
        string nonce = Nonce(scheme);
        AuthenticationVerdict verdict = Judge(scheme, Answer(nonce, algorithm: algorithm));
        Assert.Equal((AuthenticationOutcome.Accepted, "Mufasa"), (verdict.Outcome, verdict.User?.Identity?.Name));

        // RFC 7616 §5.5: the same again is a replay, which gets a new nonce and no entry.
        AuthenticationVerdict replay = Judge(scheme, Answer(nonce, algorithm: algorithm));
        Assert.Equal((AuthenticationOutcome.Refused, false), (replay.Outcome, replay.IsGuess));
        Assert.Equal("stale=true", scheme.CreateChallenges(Attempt(Answer(nonce)), replay).First().Format().Split(", ")[^1]);
        Assert.Equal(AuthenticationOutcome.Accepted, Judge(scheme, Answer(nonce, count: 2, algorithm: algorithm)).Outcome);
    }

    [Fact]
    public void Counts_may_come_late_but_not_twice_and_not_too_late()
    {
        DigestScheme scheme = Create();
        string nonce = Nonce(scheme);
        (uint Count, bool Accepted)[] expected = [(5, true), (3, true), (5, false), (3, false), (4, true), (0, false), (70, true), (7, true), (7, false), (6, false), (1000, true), (uint.MaxValue, true), (1001, false)];
        foreach ((uint count, bool accepted) in expected)
        {
            Assert.Equal((count, accepted), (count, Judge(scheme, Answer(nonce, count)).Outcome == AuthenticationOutcome.Accepted));
        }
    }

    [Fact]
    public void A_nonce_ends_after_its_lifetime()
    {
        DigestScheme scheme = Create(TimeSpan.FromSeconds(60));
        string nonce = Nonce(scheme);
        Assert.Equal(AuthenticationOutcome.Accepted, Judge(scheme, Answer(nonce), TimeSpan.FromSeconds(60)).Outcome);
        AuthenticationVerdict verdict = Judge(scheme, Answer(nonce, 2), TimeSpan.FromSeconds(61));
        Assert.Equal((AuthenticationOutcome.Refused, "true"), (verdict.Outcome, verdict.Parameters.Single().Value));

        // RFC 7616 §3.3: stale is only for who knows the password.
        Assert.Empty(Judge(scheme, Answer(nonce, 3, password: "wrong"), TimeSpan.FromSeconds(61)).Parameters);
    }

    [Fact]
    public void Nonces_of_others_and_altered_ones_are_stale()
    {
        DigestScheme scheme = Create();
        string nonce = Nonce(scheme);
        foreach (string other in new[] { Nonce(Create()), nonce[..^1], nonce + "0", nonce.ToUpperInvariant(), "", (nonce[0] == '0' ? '1' : '0') + nonce[1..], nonce[..^1] + (nonce[^1] == '0' ? '1' : '0') })
        {
            Assert.Equal((AuthenticationOutcome.Refused, false), (Judge(scheme, Answer(other)).Outcome, Judge(scheme, Answer(other)).IsGuess));
        }
    }

    [Fact]
    public void What_is_forgotten_for_lack_of_room_does_not_come_back()
    {
        var nonces = new DigestNonces(TimeSpan.FromMinutes(5), capacity: 3);
        string[] issued = [.. Enumerable.Range(1, 5).Select(second => nonces.Issue(TimeSpan.FromSeconds(second)))];
        Assert.All(issued, nonce => Assert.True(nonces.TryUse(nonce, 1, TimeSpan.FromSeconds(10))));
        Assert.All(issued, nonce => Assert.False(nonces.TryUse(nonce, 1, TimeSpan.FromSeconds(10))));
        Assert.Equal([false, false, true, true, true], issued.Select(nonce => nonces.TryUse(nonce, 2, TimeSpan.FromSeconds(10))));
    }

    [Theory]
    [InlineData("Mufasa", "wrong")]
    [InlineData("Scar", "Circle of Life")]
    public void Wrong_passwords_and_unknown_names_are_refused_alike(string user, string password)
    {
        DigestScheme scheme = Create();
        AuthenticationVerdict verdict = Judge(scheme, Answer(Nonce(scheme), user: user, password: password));
        Assert.Equal((AuthenticationOutcome.Refused, true, 0), (verdict.Outcome, verdict.IsGuess, verdict.Parameters.Count));
    }

    [Theory]
    [InlineData("nc=00000001", "nc=1")]
    [InlineData("nc=00000001", "nc=0000000g")]
    [InlineData("nc=00000001", "x=1")]
    [InlineData("qop=auth", "qop=auth-int")]
    [InlineData("qop=auth", "x=1")]
    [InlineData("cnonce=", "x=")]
    [InlineData("nonce=", "x=")]
    [InlineData("response=", "x=")]
    [InlineData("realm=", "x=")]
    [InlineData("username=", "x=")]
    [InlineData("username=", "username*=")]
    [InlineData("uri=\"/\"", "uri=\"/other\"")]
    [InlineData("algorithm=SHA-256", "algorithm=SHA-1")]
    public void What_is_missing_or_malformed_is_no_attempt(string part, string other)
    {
        DigestScheme scheme = Create();
        string answer = Answer(Nonce(scheme));
        Assert.Contains(part, answer, StringComparison.Ordinal);
        Assert.Equal(AuthenticationOutcome.Malformed, Judge(scheme, answer.Replace(", " + part, ", " + other, StringComparison.Ordinal).Replace("Digest " + part, "Digest " + other, StringComparison.Ordinal)).Outcome);
    }

    [Fact]
    public void A_truncated_header_never_passes()
    {
        DigestScheme scheme = Create();
        string answer = Answer(Nonce(scheme));
        for (int length = 0; length < answer.Length; length++)
        {
            if (AuthenticationFields.TryParseCredentials(answer.AsSpan(0, length), out AuthenticationFields? credentials) && credentials!.Is("Digest"))
            {
                Assert.NotEqual(AuthenticationOutcome.Accepted, Judge(scheme, answer[..length]).Outcome);
            }
        }

        Assert.Equal(AuthenticationOutcome.Accepted, Judge(scheme, answer).Outcome);
    }

    [Fact]
    public void Only_offered_algorithms_and_the_own_realm_count()
    {
        var scheme = new DigestScheme(Password) { Algorithms = [DigestAlgorithm.Sha256] };
        Assert.Equal(AuthenticationOutcome.Refused, Judge(scheme, Answer(Nonce(scheme), algorithm: DigestAlgorithm.Md5)).Outcome);
        Assert.Equal(AuthenticationOutcome.Refused, scheme.Judge(Attempts.Create(Answer(Nonce(scheme)), "other realm")).Outcome);
        Assert.Throws<ArgumentException>(() => new DigestScheme(Password) { Algorithms = [] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DigestScheme(Password) { NonceLifetime = TimeSpan.Zero });
    }

    // RFC 7616 §3.4.4, and username* of §3.4
    [Fact]
    public void Names_may_be_hashed_or_extended()
    {
        var scheme = new DigestScheme(name => name == "J\u00E4s\u00F8n Doe" ? "Secret, or not?" : null)
        {
            FindUserByHash = (hash, algorithm) => hash == DigestHash.UserHash(algorithm, DigestHash.ToWire("J\u00E4s\u00F8n Doe"), Realm) ? "J\u00E4s\u00F8n Doe" : null,
        };
        string wire = DigestHash.ToWire("J\u00E4s\u00F8n Doe");
        string plain = Answer(Nonce(scheme), user: wire, password: "Secret, or not?");
        string extended = Answer(Nonce(scheme), user: wire, password: "Secret, or not?").Replace($"username=\"{wire}\"", "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe", StringComparison.Ordinal);
        string hashed = Answer(Nonce(scheme), user: wire, password: "Secret, or not?").Replace($"username=\"{wire}\"", $"username=\"{DigestHash.UserHash(DigestAlgorithm.Sha256, wire, Realm)}\", userhash=true", StringComparison.Ordinal);
        Assert.All([plain, extended, hashed], answer => Assert.Equal("J\u00E4s\u00F8n Doe", Judge(scheme, answer).User?.Identity?.Name));
        Assert.Contains("userhash=true", scheme.CreateChallenges(Attempt(plain), null).First().Format(), StringComparison.Ordinal);
        Assert.Equal(AuthenticationOutcome.Refused, Judge(Create(), Answer(Nonce(Create())).Replace("Digest ", "Digest userhash=true, ", StringComparison.Ordinal)).Outcome);
    }

    [Fact]
    public void Anything_can_come_and_nothing_throws()
    {
        DigestScheme scheme = Create();
        string[] names = ["username", "username*", "userhash", "realm", "nonce", "uri", "qop", "nc", "cnonce", "response", "algorithm", "x"];
        string[] values = ["Mufasa", "UTF-8''%", "true", Realm, Nonce(scheme), "/", "auth", "00000001", "\u00FF", "SHA-256", "MD5-sess", ""];
        Gen.Select(Gen.Int[0, names.Length - 1], Gen.Int[0, values.Length - 1]).Array[0, 14].Sample(pairs =>
        {
            var credentials = new AuthenticationFields("Digest", pairs.DistinctBy(pair => pair.Item1).Select(pair => new AuthenticationParameter(names[pair.Item1], values[pair.Item2])));
            Assert.NotEqual(AuthenticationOutcome.Accepted, scheme.Judge(new AuthenticationAttempt(Attempts.Request(""), credentials, Realm, default)).Outcome);
        });
    }

    private static DigestScheme Create(TimeSpan? lifetime = null) => new(Password) { NonceLifetime = lifetime ?? TimeSpan.FromMinutes(5) };

    private static string? Password(string name) => name == "Mufasa" ? "Circle of Life" : null;

    private static AuthenticationAttempt Attempt(string authorization, TimeSpan now = default) => Attempts.Create(authorization, Realm, now);

    private static AuthenticationVerdict Judge(DigestScheme scheme, string authorization, TimeSpan now = default) => scheme.Judge(Attempt(authorization, now));

    private static string Nonce(DigestScheme scheme) =>
        scheme.CreateChallenges(new AuthenticationAttempt(Attempts.Request(""), null, Realm, default), null).First()["nonce"]!;

    private static string Answer(string nonce, uint count = 1, string user = "Mufasa", string password = "Circle of Life", DigestAlgorithm algorithm = DigestAlgorithm.Sha256)
    {
        string response = DigestHash.Response(algorithm, DigestHash.Secret(algorithm, user, Realm, password), nonce, $"{count:x8}", ClientNonce, "GET", "/");
        return $"Digest username=\"{user}\", realm=\"{Realm}\", uri=\"/\", algorithm={DigestHash.NameOf(algorithm)}, nonce=\"{nonce}\", nc={count:x8}, cnonce=\"{ClientNonce}\", qop=auth, response=\"{response}\"";
    }
}
