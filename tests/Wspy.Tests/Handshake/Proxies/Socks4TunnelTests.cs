using System.Net;
using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Proxies;

public class Socks4TunnelTests
{
    private const string Granted = "005A000000000000";

    [Theory]
    [InlineData("socks4a://proxy", "ws://example.com/", "04010050" + "00000001" + "00" + "6578616D706C652E636F6D00")]
    [InlineData("socks4a://user@proxy", "ws://a:8000/", "04011F40" + "00000001" + "7573657200" + "6100")]
    [InlineData("socks4a://proxy", "ws://192.0.2.7/", "04010050" + "C0000207" + "00")]
    [InlineData("socks4://user@proxy", "wss://192.0.2.7/", "040101BB" + "C0000207" + "7573657200")]
    public void The_proxy_is_given_the_name_or_the_address(string proxy, string url, string request)
    {
        TunnelOutcome outcome = Play(proxy, ProxyTarget.Of(new Uri(url)), Granted);
        Assert.Equal(ProxyTunnelStatus.Open, outcome.Status);
        Assert.Equal(request, outcome.Hex);
    }

    [Fact]
    public void A_name_that_was_looked_up_goes_as_its_address()
    {
        ProxyServer proxy = Tunnels.Proxy("socks4://proxy");
        Assert.True(proxy.NeedsAddress);
        Assert.False(Tunnels.Proxy("socks4a://proxy").NeedsAddress);
        TunnelOutcome outcome = Play("socks4://proxy", new ProxyTarget("example.com", 80, IPAddress.Parse("192.0.2.1")), Granted);
        Assert.Equal("04010050C000020100", outcome.Hex);
    }

    [Theory]
    [InlineData("005B", ProxyFailure.Refused, "code 91")]
    [InlineData("005C", ProxyFailure.CredentialsRefused, "identd")]
    [InlineData("005D", ProxyFailure.CredentialsRefused, "identd")]
    [InlineData("0000", ProxyFailure.InvalidReply, "code 0")]
    [InlineData("0059", ProxyFailure.InvalidReply, "code 89")]
    [InlineData("045A", ProxyFailure.InvalidReply, "0x04")]
    [InlineData("0500", ProxyFailure.InvalidReply, "0x05")]
    [InlineData("48545450", ProxyFailure.InvalidReply, "http://")]
    public void What_is_refused_or_malformed_is_told(string reply, ProxyFailure failure, string message)
    {
        TunnelOutcome outcome = Play("socks4a://proxy", new ProxyTarget("a", 80, null), reply);
        Assert.Equal((ProxyTunnelStatus.Failed, failure), (outcome.Status, outcome.Tunnel.Failure!.Failure));
        Assert.Contains(message, outcome.Tunnel.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_said_is_refused_before_anything_is_sent()
    {
        Assert.Null(Tunnels.Proxy("socks4a://user@proxy").Judge(new ProxyTarget("a", 80, null)));
        Assert.Equal(ProxyFailure.InvalidSettings, Tunnels.Proxy("socks4a://proxy").Judge(ProxyTarget.Of(new Uri("ws://[::1]/")))!.Failure);
        Assert.Equal(ProxyFailure.InvalidSettings, Tunnels.Proxy("socks4://u%00v@proxy").Judge(new ProxyTarget("a", 80, null))!.Failure);
        Assert.Equal(ProxyFailure.InvalidSettings, Tunnels.Proxy($"socks4://{new string('u', 256)}@proxy").Judge(new ProxyTarget("a", 80, null))!.Failure);
    }

    private static TunnelOutcome Play(string proxy, ProxyTarget target, string answer) =>
        Tunnels.PlayAll(() => Tunnels.Proxy(proxy).CreateTunnel(target, null, 1024, 10), Convert.FromHexString(answer));
}
