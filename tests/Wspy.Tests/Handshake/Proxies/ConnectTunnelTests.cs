using System.Net;
using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Proxies;

public class ConnectTunnelTests
{
    private const string Basic = "HTTP/1.1 407 Prove it\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 4\r\n\r\nbody";
    private const string Digest = "HTTP/1.1 407 Prove it\r\nProxy-Authenticate: Basic realm=\"p\"\r\nProxy-Authenticate: Digest realm=\"p\", qop=\"auth\", nonce=\"abc\"\r\nContent-Length: 0\r\n\r\n";
    private const string Open = "HTTP/1.1 200 Connection established\r\n\r\n";

    // RFC 9110 §9.3.6

    [Theory]
    [InlineData("ws://example.com/chat?x=1", "example.com:80")]
    [InlineData("wss://example.com/chat", "example.com:443")]
    [InlineData("ws://user:secret@example.com:8000/", "example.com:8000")]
    [InlineData("ws://[2001:db8::1]/", "[2001:db8::1]:80")]
    [InlineData("ws://b\u00FCcher.example/", "xn--bcher-kva.example:80")]
    public void The_request_names_host_and_port_and_nothing_else(string url, string authority)
    {
        TunnelOutcome outcome = Play(url, "http://proxy", Open);
        Assert.Equal(ProxyTunnelStatus.Open, outcome.Status);
        Assert.Equal($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n", outcome.Text);
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 204\r\nVia: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")]
    public void Any_2xx_is_a_tunnel_from_the_end_of_its_head(string response) => Assert.Equal(ProxyTunnelStatus.Open, Play("ws://a/", "http://proxy", response).Status);

    // Credentials

    [Fact]
    public void A_challenge_for_Basic_is_answered_over_the_same_connection()
    {
        TunnelOutcome outcome = Play("ws://a/", "http://us%40er:pw@proxy", Basic, Open);
        Assert.Equal(ProxyTunnelStatus.Open, outcome.Status);
        Assert.DoesNotContain("Proxy-Authorization", System.Text.Encoding.Latin1.GetString(outcome.Sent[0]), StringComparison.Ordinal);
        Assert.EndsWith("Host: a:80\r\nProxy-Authorization: Basic dXNAZXI6cHc=\r\n\r\n", outcome.Text, StringComparison.Ordinal);
    }

    // RFC 7616 §3.4: of CONNECT, host and port are what is asked for.
    [Fact]
    public void A_challenge_for_Digest_goes_before_Basic_and_is_answered_for_CONNECT()
    {
        TunnelOutcome outcome = Play("ws://a/", "http://u:p@proxy", Digest, Open);
        Assert.Equal(ProxyTunnelStatus.Open, outcome.Status);
        string line = outcome.Text.Split("\r\n").Single(line => line.StartsWith("Proxy-Authorization", StringComparison.Ordinal));
        Assert.True(AuthenticationFields.TryParseCredentials(line.AsSpan("Proxy-Authorization: ".Length), out AuthenticationFields? sent));
        Assert.Equal(("u", "a:80", "abc", "00000001"), (sent!["username"], sent["uri"], sent["nonce"], sent["nc"]));
        string secret = DigestHash.Secret(DigestAlgorithm.Md5, "u", "p", "p");
        Assert.Equal(DigestHash.Response(DigestAlgorithm.Md5, secret, "abc", "00000001", sent["cnonce"]!, "CONNECT", "a:80"), sent["response"]);
    }

    [Fact]
    public void The_next_opening_brings_the_answer_along()
    {
        var session = new AuthenticationSession();
        Assert.Equal(ProxyTunnelStatus.Open, Tunnels.Play(() => Create("ws://a/", "http://u:p@proxy", session: session), [Tunnels.Latin1(Digest), Tunnels.Latin1(Open)]).Status);
        TunnelOutcome second = Tunnels.Play(() => Create("ws://a/", "http://u:p@proxy", session: session), [Tunnels.Latin1(Open)]);
        Assert.Equal(ProxyTunnelStatus.Open, second.Status);
        Assert.Contains("nc=00000002", second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_of_the_proxy_are_asked_for_with_its_address()
    {
        var cache = new CredentialCache { { new Uri("http://proxy:3128"), "Basic", new NetworkCredential("u", "p") } };
        TunnelOutcome outcome = Tunnels.PlayAll(() => Create("ws://a/", "http://proxy:3128", cache), Tunnels.Latin1(Basic), Tunnels.Latin1(Open));
        Assert.Contains("Basic dTpw", outcome.Text, StringComparison.Ordinal);
        outcome = Tunnels.PlayAll(() => Create("ws://a/", "http://proxy:3129", cache), Tunnels.Latin1(Basic));
        Assert.Equal(ProxyFailure.CredentialsRequired, outcome.Tunnel.Failure!.Failure);
    }

    [Theory]
    [InlineData("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"p\"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.0 407 x\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"p\"\r\n\r\n")]
    [InlineData("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"p\"\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 65537\r\n\r\n")]
    public void A_challenge_that_ends_the_connection_wants_another_one(string challenge)
    {
        ClientAuthentication authentication = Tunnels.Proxy("http://u:p@proxy").CreateAuthentication(ProxyTarget.Of(new Uri("ws://a/")), new AuthenticationSession())!;
        TunnelOutcome first = Tunnels.Play(() => Create("ws://a/", "http://u:p@proxy", authentication), [Tunnels.Latin1(challenge)]);
        Assert.Equal(ProxyTunnelStatus.Repeat, first.Status);
        TunnelOutcome second = Tunnels.Play(() => Create("ws://a/", "http://u:p@proxy", authentication), [Tunnels.Latin1(Open)]);
        Assert.Contains("Basic dTpw", second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proxy_that_ends_the_connection_it_promised_to_keep_is_asked_over_another_one()
    {
        TunnelOutcome outcome = Play("ws://a/", "http://u:p@proxy", Basic);
        Assert.Equal(ProxyTunnelStatus.NeedMoreData, outcome.Status);
        Assert.Equal(ProxyTunnelStatus.Repeat, outcome.Tunnel.ReceiveEnd());
    }

    [Fact]
    public void What_comes_behind_a_challenge_is_not_taken_for_the_next_answer()
    {
        TunnelOutcome outcome = Tunnels.Play(() => Create("ws://a/", "http://u:p@proxy"), [Tunnels.Latin1(Basic + Open)]);
        Assert.Equal(ProxyTunnelStatus.Repeat, outcome.Status);
    }

    [Theory]
    [InlineData("http://proxy", ProxyFailure.CredentialsRequired, Basic)]
    [InlineData("http://u:p@proxy", ProxyFailure.CredentialsRefused, Basic, Basic)]
    [InlineData("http://u:p@proxy", ProxyFailure.CredentialsRefused, Digest, Digest)]
    [InlineData("http://u:p@proxy", ProxyFailure.CredentialsRefused, Basic, "HTTP/1.1 401 No\r\n\r\n")]
    [InlineData("http://u:p@proxy", ProxyFailure.CredentialsRequired, "HTTP/1.1 407 x\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("http://u:p@proxy", ProxyFailure.CredentialsRequired, "HTTP/1.1 407 x\r\nWWW-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n")]
    public void Credentials_that_are_missing_or_wrong_are_told_apart(string proxy, ProxyFailure failure, params string[] answers)
    {
        TunnelOutcome outcome = Play("ws://a/", proxy, answers);
        Assert.Equal((ProxyTunnelStatus.Failed, failure), (outcome.Status, outcome.Tunnel.Failure!.Failure));
        Assert.Contains(outcome.Tunnel.Response!.StatusCode, new[] { 401, 407 });
        Assert.DoesNotContain("u:p", outcome.Tunnel.Failure.Message, StringComparison.Ordinal);
    }

    // Refusals

    [Theory]
    [InlineData(403, ProxyFailure.Refused, "port 443")]
    [InlineData(405, ProxyFailure.Refused, "allow CONNECT")]
    [InlineData(302, ProxyFailure.Refused, "302")]
    [InlineData(401, ProxyFailure.Refused, "401")]
    [InlineData(500, ProxyFailure.Refused, "500")]
    [InlineData(502, ProxyFailure.TargetUnreachable, "no way to the server")]
    [InlineData(503, ProxyFailure.TargetUnreachable, "no way to the server")]
    [InlineData(504, ProxyFailure.TargetUnreachable, "no way to the server")]
    public void A_status_is_told_with_what_to_do(int status, ProxyFailure failure, string message)
    {
        TunnelOutcome outcome = Play("ws://a/", "http://u:p@proxy", $"HTTP/1.1 {status} No\u0085\u00E9\r\nLocation: http://elsewhere/\r\n\r\n");
        Assert.Equal((ProxyTunnelStatus.Failed, failure), (outcome.Status, outcome.Tunnel.Failure!.Failure));
        Assert.Contains(message, outcome.Tunnel.Failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{status} No?? to CONNECT a:80", outcome.Tunnel.Failure.Message, StringComparison.Ordinal);
    }

    // Malformed and oversize

    [Theory]
    [InlineData("SSH-2.0-x\r\n")]
    [InlineData("\u0005")]
    [InlineData("HTTP/2.0 200 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\n\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n folded: x\r\n")]
    public void What_is_no_HTTP_is_refused(string response)
    {
        TunnelOutcome outcome = Play("ws://a/", "http://proxy", response);
        Assert.Equal((ProxyTunnelStatus.Failed, ProxyFailure.InvalidReply), (outcome.Status, outcome.Tunnel.Failure!.Failure));
    }

    [Fact]
    public void A_head_beyond_the_limits_is_refused_and_one_within_is_not()
    {
        Assert.Equal(ProxyFailure.InvalidReply, Limited($"HTTP/1.1 200 OK\r\nX: {new string('x', 1024)}\r\n\r\n").Tunnel.Failure!.Failure);
        string header = "X: y\r\n";
        Assert.Equal(ProxyTunnelStatus.Open, Limited($"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Repeat(header, 10))}\r\n").Status);
        Assert.Equal(ProxyFailure.InvalidReply, Limited($"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Repeat(header, 11))}\r\n").Tunnel.Failure!.Failure);
        string interim = "HTTP/1.1 102 x\r\n\r\n";
        Assert.Equal(ProxyFailure.InvalidReply, Limited(string.Concat(Enumerable.Repeat(interim, 11)) + Open).Tunnel.Failure!.Failure);

        static TunnelOutcome Limited(string response) => Tunnels.Play(() => Create("ws://a/", "http://proxy"), [Tunnels.Latin1(response)]);
    }

    private static TunnelOutcome Play(string url, string proxy, params string[] answers) =>
        Tunnels.PlayAll(() => Create(url, proxy), [.. answers.Select(Tunnels.Latin1)]);

    private static ProxyTunnel Create(string url, string proxy, ICredentials? credentials = null, AuthenticationSession? session = null) =>
        Create(url, proxy, Tunnels.Proxy(proxy, credentials).CreateAuthentication(ProxyTarget.Of(new Uri(url)), session ?? new AuthenticationSession()));

    private static ProxyTunnel Create(string url, string proxy, ClientAuthentication? authentication) =>
        Tunnels.Proxy(proxy).CreateTunnel(ProxyTarget.Of(new Uri(url)), authentication, maxHeadSize: 1024, maxHeaderCount: 10);
}
