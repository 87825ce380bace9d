using System.Net;
using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Proxies;

public class Socks5TunnelTests
{
    private const string Granted = "05000001000000000000";

    // RFC 1928 §3, §4

    [Theory]
    [InlineData("ws://example.com/", "05010003" + "0B" + "6578616D706C652E636F6D" + "0050")]
    [InlineData("wss://example.com/", "05010003" + "0B" + "6578616D706C652E636F6D" + "01BB")]
    [InlineData("ws://192.0.2.7:8000/", "05010001" + "C0000207" + "1F40")]
    [InlineData("ws://[2001:db8::1]:8000/", "05010004" + "20010DB8000000000000000000000001" + "1F40")]
    [InlineData("ws://b\u00FCcher.example/", "05010003" + "15" + "786E2D2D62636865722D6B76612E6578616D706C65" + "0050")]
    public void The_proxy_is_given_the_name_or_the_address(string url, string request)
    {
        TunnelOutcome outcome = Play(url, "socks5://proxy", "0500", Granted);
        Assert.Equal(ProxyTunnelStatus.Open, outcome.Status);
        Assert.Equal($"050100 {request}", outcome.Hex);
    }

    // RFC 1928 §6: the address of the proxy's own end may be of each type.

    [Theory]
    [InlineData("05000001" + "7F000001" + "1F40")]
    [InlineData("05000003" + "03" + "616263" + "1F40")]
    [InlineData("05000003" + "00" + "1F40")]
    [InlineData("05000004" + "00000000000000000000000000000001" + "1F40")]
    public void A_reply_is_taken_to_its_end(string reply) => Assert.Equal(ProxyTunnelStatus.Open, Play("ws://a/", "socks5://proxy", "0500", reply).Status);

    [Fact]
    public void The_longest_reply_is_taken()
    {
        string reply = "05000003FF" + string.Concat(Enumerable.Repeat("61", 255)) + "1F40";
        Assert.Equal(ProxyTunnelStatus.Open, Play("ws://a/", "socks5://proxy", "0500", reply).Status);
    }

    // RFC 1929

    [Fact]
    public void A_name_and_password_are_sent_when_the_proxy_asks()
    {
        TunnelOutcome outcome = Play("ws://a/", "socks5://us%C3%A9r:p%3Aw@proxy", "0502", "0100", Granted);
        Assert.Equal(ProxyTunnelStatus.Open, outcome.Status);
        Assert.Equal("05020002 01" + "05" + "7573C3A972" + "03" + "703A77" + " 05010003016100" + "50", outcome.Hex);
    }

    [Fact]
    public void A_name_and_password_stay_here_when_the_proxy_does_not_ask()
    {
        TunnelOutcome outcome = Play("ws://a/", "socks5://user:secret@proxy", "0500", Granted);
        Assert.Equal(ProxyTunnelStatus.Open, outcome.Status);
        Assert.DoesNotContain("secret", outcome.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_are_asked_for_by_the_scheme_of_the_proxy_or_as_Basic()
    {
        foreach (string scheme in new[] { "socks5", "Basic" })
        {
            var cache = new CredentialCache { { new Uri("socks5://proxy"), scheme, new NetworkCredential("user", "word") } };
            ProxyServer proxy = Tunnels.Proxy("socks5://proxy", cache);
            TunnelOutcome outcome = Tunnels.PlayAll(() => Create(proxy, "ws://a/"), [5, 2], [1, 0], Convert.FromHexString(Granted));
            Assert.Contains("user\u0004word", outcome.Text, StringComparison.Ordinal);
        }
    }

    // Refusals

    [Theory]
    [InlineData("socks5://proxy", ProxyFailure.CredentialsRequired, "user name and password", "05FF")]
    [InlineData("socks5://u:p@proxy", ProxyFailure.CredentialsRefused, "not known here", "05FF")]
    [InlineData("socks5://u:p@proxy", ProxyFailure.CredentialsRefused, "status 1", "0502", "0101")]
    [InlineData("socks5://u:p@proxy", ProxyFailure.CredentialsRefused, "status 255", "0502", "01FF")]
    [InlineData("socks5://proxy", ProxyFailure.TargetUnreachable, "reply 1", "0500", "0501")]
    [InlineData("socks5://proxy", ProxyFailure.Refused, "rules", "0500", "0502")]
    [InlineData("socks5://proxy", ProxyFailure.TargetUnreachable, "network", "0500", "0503")]
    [InlineData("socks5://proxy", ProxyFailure.TargetUnreachable, "a:80", "0500", "0504")]
    [InlineData("socks5://proxy", ProxyFailure.TargetUnreachable, "nothing listens", "0500", "0505")]
    [InlineData("socks5://proxy", ProxyFailure.TargetUnreachable, "in time", "0500", "0506")]
    [InlineData("socks5://proxy", ProxyFailure.Refused, "CONNECT", "0500", "0507")]
    [InlineData("socks5://proxy", ProxyFailure.Refused, "address", "0500", "0508")]
    [InlineData("socks5://proxy", ProxyFailure.TargetUnreachable, "reply 255", "0500", "05FF")]
    public void What_the_proxy_refuses_is_told(string proxy, ProxyFailure failure, string message, params string[] answers) => AssertFails(proxy, failure, message, answers);

    // Malformed

    [Theory]
    [InlineData("socks5://proxy", "0x04", "0400")]
    [InlineData("socks5://proxy", "HTTP", "48545450")]
    [InlineData("socks5://proxy", "method 1,", "0501")]
    [InlineData("socks5://proxy", "method 2,", "0502")]
    [InlineData("socks5://proxy", "method 254,", "05FE")]
    [InlineData("socks5://u:p@proxy", "version 5", "0502", "0500")]
    [InlineData("socks5://proxy", "0x00", "0500", "0000")]
    [InlineData("socks5://proxy", "where RFC 1928", "0500", "05000101")]
    [InlineData("socks5://proxy", "type 2", "0500", "05000002")]
    [InlineData("socks5://proxy", "type 0", "0500", "05000000")]
    public void What_is_malformed_is_refused_at_once(string proxy, string message, params string[] answers) => AssertFails(proxy, ProxyFailure.InvalidReply, message, answers);

    [Fact]
    public void The_end_of_the_connection_is_told()
    {
        ProxyTunnel tunnel = Create(Tunnels.Proxy("socks5://proxy"), "ws://a/");
        Assert.Equal(ProxyTunnelStatus.Failed, tunnel.ReceiveEnd());
        Assert.Equal(ProxyFailure.ConnectionLost, tunnel.Failure!.Failure);
        Assert.Equal(ProxyTunnelStatus.Failed, tunnel.ReceiveEnd());
    }

    // What does not fit

    [Fact]
    public void What_has_no_room_is_refused_before_anything_is_sent()
    {
        var target = new ProxyTarget("a", 80, null);
        string longest = new('x', 255);
        Assert.Null(Tunnels.Proxy($"socks5://{longest}:{longest}@proxy").Judge(target));
        Assert.Equal(ProxyFailure.InvalidSettings, Tunnels.Proxy($"socks5://{longest}x:p@proxy").Judge(target)!.Failure);
        Assert.Equal(ProxyFailure.InvalidSettings, Tunnels.Proxy($"socks5://u:{longest}x@proxy").Judge(target)!.Failure);
        Assert.Equal(ProxyFailure.InvalidSettings, Tunnels.Proxy("socks5://proxy").Judge(target with { Host = longest + "x" })!.Failure);
    }

    private static TunnelOutcome Play(string url, string proxy, params string[] answers) =>
        Tunnels.PlayAll(() => Create(Tunnels.Proxy(proxy), url), [.. answers.Select(Convert.FromHexString)]);

    private static void AssertFails(string proxy, ProxyFailure failure, string message, string[] answers)
    {
        TunnelOutcome outcome = Play("ws://a/", proxy, answers);
        Assert.Equal(ProxyTunnelStatus.Failed, outcome.Status);
        Assert.Equal(failure, outcome.Tunnel.Failure!.Failure);
        Assert.Contains(message, outcome.Tunnel.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("socks5://proxy:1080", outcome.Tunnel.Failure.Message, StringComparison.Ordinal);
    }

    private static ProxyTunnel Create(ProxyServer proxy, string url) => proxy.CreateTunnel(ProxyTarget.Of(new Uri(url)), null, 1024, 10);
}
