using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Authentication;

/// <summary>A client's answers, judged by the server's schemes where they can be.</summary>
public class ClientAuthenticationTests
{
    private static readonly Uri Url = new("ws://localhost:8000/dir/index.html");
    private static readonly NetworkCredential Mufasa = new("Mufasa", "Circle of Life");

    // RFC 7616 §3.9.1: the worked example, both challenges of it, answered with its client nonce
    [Theory]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    public void The_example_of_the_RFC_is_answered(string algorithm, string response)
    {
        DigestChallenge challenge = DigestChallenge.From(Assert.Single(AuthenticationFields.ParseChallenges([Example(algorithm)])))!;
        AuthenticationFields answer = challenge.Answer("Mufasa", "Circle of Life", 1, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "GET", "/dir/index.html");
        Assert.Equal(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
            + $"cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"{response}\", algorithm={algorithm}, opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
            answer.Format());
    }

    [Fact]
    public void The_strongest_scheme_that_is_known_is_chosen()
    {
        Assert.StartsWith("Digest ", Answer(Mufasa, "Basic realm=x", "Unknown a=\"1, Basic\"", Example("MD5"), Example("SHA-256")), StringComparison.Ordinal);
        Assert.Contains("algorithm=SHA-256", Answer(Mufasa, Example("MD5"), Example("SHA-256")), StringComparison.Ordinal);
        Assert.Contains("algorithm=MD5", Answer(Mufasa, Example("MD5"), Example("SHA-512-256")), StringComparison.Ordinal);

        // RFC 7617 §2: the worked example
        Assert.Equal("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", Answer(new NetworkCredential("Aladdin", "open sesame"), "Unknown x, Basic realm=\"WallyWorld\""));
        Assert.Equal("Basic dGVzdDoxMjPCow==", Answer(new NetworkCredential("test", "123\u00A3"), "Basic realm=\"foo\", charset=\"UTF-8\""));
        Assert.Null(Answer(Mufasa, "Unknown x", "Bearer realm=x", "Digest realm=x, nonce=y", Example("SHA-512-256"), "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\""));
        Assert.Null(Answer(null, "Basic realm=x"));
        Assert.Null(Answer(Mufasa));
    }

    // RFC 7617 §2: the server would take what is before the colon for the name, and the rest for a part of the password.
    [Theory]
    [InlineData("ada:l", "secret", true)]
    [InlineData("ada\n", "secret", false)]
    [InlineData("ada", "sec\u0001ret", true)]
    public void What_Basic_has_no_place_for_is_not_sent_by_it(string name, string password, bool hasDigest)
    {
        var credential = new NetworkCredential(name, password);
        Assert.Null(Answer(credential, "Basic realm=x"));
        Assert.Equal(hasDigest, Answer(credential, "Basic realm=x", Example("MD5"))?.StartsWith("Digest ", StringComparison.Ordinal) == true);
        Assert.NotNull(Answer(new NetworkCredential("ada", "sec:ret"), "Basic realm=x"));

        ClientAuthentication client = Create(credential);
        client.Begin(preemptiveBasic: true);
        Assert.Null(client.Header);
    }

    [Theory]
    [InlineData("MD5-sess", DigestAlgorithm.Md5)]
    [InlineData("SHA-256-sess", DigestAlgorithm.Sha256)]
    public void A_session_has_a_secret_of_its_own(string name, DigestAlgorithm algorithm)
    {
        var session = new AuthenticationSession();
        var clients = new[] { Create(Mufasa, session), Create(Mufasa, session) };
        Assert.True(clients[0].TryAnswer(Response(Example(name))));
        clients[1].Begin(preemptiveBasic: false);
        string first = "";
        foreach ((ClientAuthentication client, string count) in clients.Zip(["00000001", "00000002"]))
        {
            Assert.True(AuthenticationFields.TryParseCredentials(client.Header, out AuthenticationFields? answer));

            // RFC 7616 §3.4.2: the client nonce of the session's first request goes into the secret of all.
            first = first.Length == 0 ? answer!["cnonce"]! : first;
            string secret = DigestHash.SessionSecret(algorithm, DigestHash.Secret(algorithm, "Mufasa", answer!["realm"]!, "Circle of Life"), answer["nonce"]!, first);
            Assert.Equal((count, DigestHash.Response(algorithm, secret, answer["nonce"]!, count, answer["cnonce"]!, "GET", "/dir/index.html")), (answer["nc"], answer["response"]));
        }
    }

    // RFC 7616 §3.4.2: A1 = H(unq(username) ":" unq(realm) ":" passwd) ":" unq(nonce-prime) ":" unq(cnonce-prime), written out here once more.
    [Theory]
    [InlineData("MD5-sess")]
    [InlineData("SHA-256-sess")]
    [SuppressMessage("Security", "CA5351", Justification = "RFC 7616 §3.3 has MD5.")]
    public void A_session_s_response_is_that_of_the_RFC_s_formula(string name)
    {
        Assert.True(AuthenticationFields.TryParseCredentials(Answer(Mufasa, Example(name)), out AuthenticationFields? answer));
        string nonce = answer!["nonce"]!, client = answer["cnonce"]!;
        string expected = H($"{H($"{H("Mufasa:http-auth@example.org:Circle of Life")}:{nonce}:{client}")}:{nonce}:00000001:{client}:auth:{H("GET:/dir/index.html")}");
        Assert.Equal((name, "auth", expected), (answer["algorithm"], answer["qop"], answer["response"]));

        string H(string text) => Convert.ToHexStringLower(name[0] == 'M' ? MD5.HashData(Encoding.ASCII.GetBytes(text)) : SHA256.HashData(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void An_unknown_hash_is_skipped_and_of_the_known_ones_the_stronger_is_taken()
    {
        foreach (string[] order in new[] { new[] { "SHA-512-256", "MD5-sess", "SHA-256-sess" }, ["SHA-256-sess", "SHA-512-256-sess", "MD5"] })
        {
            Assert.Contains("algorithm=SHA-256-sess", Answer(Mufasa, [.. order.Select(Example)]), StringComparison.Ordinal);
        }

        Assert.Null(Answer(Mufasa, Example("SHA-512-256-sess")));
    }

    [Fact]
    public void The_count_goes_on_with_the_next_connection_and_a_stale_nonce_is_replaced()
    {
        var session = new AuthenticationSession();
        ClientAuthentication first = Create(Mufasa, session), second = Create(Mufasa, session), other = Create(new NetworkCredential("Scar", "x"), session);
        first.Begin(preemptiveBasic: false);
        Assert.Null(first.Header);
        Assert.True(first.TryAnswer(Response(Example("SHA-256"))));
        Assert.Contains("nc=00000001,", first.Header, StringComparison.Ordinal);
        second.Begin(preemptiveBasic: false);
        Assert.Contains("nc=00000002,", second.Header, StringComparison.Ordinal);
        Assert.True(second.TryAnswer(Response(Example("SHA-256").Replace("7ypf", "new1", StringComparison.Ordinal) + ", stale=true")));
        Assert.Contains("nonce=\"new1", second.Header, StringComparison.Ordinal);
        Assert.Contains("nc=00000001,", second.Header, StringComparison.Ordinal);
        other.Begin(preemptiveBasic: false);
        Assert.Null(other.Header);
    }

    [Fact]
    public void Wrong_passwords_are_not_tried_again_and_not_in_the_clear()
    {
        ClientAuthentication digest = Create(Mufasa);
        Assert.True(digest.TryAnswer(Response(Example("SHA-256"))));
        Assert.False(digest.TryAnswer(Response(Example("SHA-256"))));
        ClientAuthentication downgraded = Create(Mufasa);
        Assert.True(downgraded.TryAnswer(Response(Example("SHA-256"))));
        Assert.False(downgraded.TryAnswer(Response("Basic realm=x")));
        Assert.Null(downgraded.Header);
        ClientAuthentication basic = Create(Mufasa);
        Assert.True(basic.TryAnswer(Response("Basic realm=x")));
        Assert.False(basic.TryAnswer(Response("Basic realm=x")));
    }

    [Fact]
    public void A_server_that_always_says_stale_is_given_up()
    {
        ClientAuthentication client = Create(Mufasa);
        int rounds = 0;
        while (client.TryAnswer(Response(Example("SHA-256").Replace("7ypf", $"n{rounds}", StringComparison.Ordinal) + ", stale=true")))
        {
            rounds++;
        }

        Assert.Equal(3, rounds);
    }

    [Fact]
    public void A_token_is_renewed_once()
    {
        var client = new ClientAuthentication(Url, null, new AuthenticationSession(), usesToken: true);
        client.Begin(preemptiveBasic: false);
        Assert.True(client.NeedsToken);
        client.UseToken("old");
        Assert.Equal("Bearer old", client.Header);
        Assert.True(client.TryAnswer(Response("Bearer realm=\"x\", error=\"invalid_token\"")));
        Assert.Equal((true, "old"), (client.NeedsToken, client.RefusedToken));
        client.UseToken("new");
        Assert.Equal("Bearer new", client.Header);
        Assert.False(client.TryAnswer(Response("Bearer realm=\"x\", error=\"invalid_token\"")));
        Assert.DoesNotContain("new line", Assert.Throws<ArgumentException>(() => client.UseToken("new line\n")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ws://user:p%40ss%3A@localhost/", "user:p@ss:")]
    [InlineData("ws://user@localhost/", "user:")]
    [InlineData("ws://j%C3%A4s:%C3%B8@localhost/", "j\u00E4s:\u00F8")]
    public void User_information_of_the_URL_is_decoded(string url, string expected)
    {
        var client = new ClientAuthentication(new Uri(url), Mufasa, new AuthenticationSession(), usesToken: false);
        client.Begin(preemptiveBasic: true);
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(expected)), client.Header);
    }

    [Fact]
    public void Credentials_of_another_place_or_scheme_stay_at_home()
    {
        var cache = new CredentialCache { { new Uri("ws://elsewhere/"), "Basic", Mufasa }, { new Uri("ws://localhost:8000/"), "Digest", Mufasa } };
        Assert.Null(Answer(cache, "Basic realm=x"));
        Assert.StartsWith("Digest ", Answer(cache, "Basic realm=x", Example("MD5")), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_401_is_a_challenge() => Assert.False(Create(Mufasa).TryAnswer(Response("Basic realm=x", "403 Forbidden")));

    // RFC 7616 §3.4.4
    [Fact]
    public void A_name_is_hidden_where_the_server_can_take_that()
    {
        string answer = Answer(new NetworkCredential("J\u00E4s\u00F8n Doe", "x"), Example("SHA-256") + ", userhash=true, charset=UTF-8")!;
        Assert.Contains($"username=\"{DigestHash.UserHash(DigestAlgorithm.Sha256, DigestHash.ToWire("J\u00E4s\u00F8n Doe"), "http-auth@example.org")}\"", answer, StringComparison.Ordinal);
        Assert.EndsWith("userhash=true", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_challenge_can_come_and_nothing_throws()
    {
        string[] parts = ["Digest ", "Basic ", "realm=", "nonce=", "qop=", "algorithm=", "\"auth\"", "auth", "SHA-256", "\"\\\"", "\"", ",", " ", "=", "stale=true", "opaque=\"\u00FF\"", "userhash=true", "x"];
        Gen.Int[0, parts.Length - 1].Array[0, 25].Sample(indexes => { _ = Answer(Mufasa, string.Concat(indexes.Select(index => parts[index]))); });
    }

    private static string Example(string algorithm) =>
        $"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";

    private static ClientAuthentication Create(ICredentials? credentials, AuthenticationSession? session = null) => new(Url, credentials, session ?? new AuthenticationSession(), usesToken: false);

    private static string? Answer(ICredentials? credentials, params string[] challenges)
    {
        ClientAuthentication client = Create(credentials);
        Assert.Equal(client.TryAnswer(Response(string.Join("\r\nWWW-Authenticate: ", challenges))), client.Header is not null);
        return client.Header;
    }

    private static HttpResponseHead Response(string challenges, string status = "401 Unauthorized")
    {
        var parser = new HttpHeadParser(HttpHeadKind.Response);
        ReadOnlySpan<byte> head = Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nWWW-Authenticate: {challenges}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref head));
        return parser.Response!;
    }
}
