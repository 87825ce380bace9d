using System.Net;
using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Proxies;

public class ProxyServerTests
{
    [Theory]
    [InlineData("http://proxy", "Http", "proxy", 80, false)]
    [InlineData("http://proxy:3128/", "Http", "proxy", 3128, false)]
    [InlineData("https://proxy", "Http", "proxy", 443, true)]
    [InlineData("socks5://proxy", "Socks5", "proxy", 1080, false)]
    [InlineData("socks5h://[::1]:99", "Socks5", "::1", 99, false)]
    [InlineData("socks4a://proxy", "Socks4a", "proxy", 1080, false)]
    [InlineData("SOCKS4://proxy", "Socks4", "proxy", 1080, false)]
    public void A_URI_tells_what_is_spoken_and_where(string uri, string kind, string host, int port, bool isSecure)
    {
        ProxyServer proxy = Tunnels.Proxy(uri);
        Assert.Equal((kind, host, port, isSecure), (proxy.Kind.ToString(), proxy.Host, proxy.Port, proxy.IsSecure));
    }

    [Theory]
    [InlineData("ftp://proxy")]
    [InlineData("socks://proxy")]
    [InlineData("file:///proxy")]
    [InlineData("proxy")]
    public void Others_are_not_known(string uri) => Assert.Null(ProxyServer.Create(new Uri(uri, UriKind.RelativeOrAbsolute), null));

    [Fact]
    public void The_user_information_shows_nowhere()
    {
        ProxyServer proxy = Tunnels.Proxy("socks5://user:secret@[::1]:99");
        Assert.Equal("proxy socks5://[::1]:99", proxy.ToString());
        Assert.DoesNotContain("secret", proxy.Uri.ToString(), StringComparison.Ordinal);
        Assert.Equal("", proxy.Uri.UserInfo);
    }

    [Fact]
    public void Credentials_of_the_URI_go_before_the_others()
    {
        ProxyServer proxy = Tunnels.Proxy("http://mine:1@proxy", new NetworkCredential("other", "2"));
        ClientAuthentication authentication = proxy.CreateAuthentication(ProxyTarget.Of(new Uri("ws://a/")), new AuthenticationSession())!;
        Assert.Null(authentication.Header);
        Assert.Null(Tunnels.Proxy("http://proxy").CreateAuthentication(ProxyTarget.Of(new Uri("ws://a/")), new AuthenticationSession()));
        Assert.Null(Tunnels.Proxy("socks5://u:p@proxy").CreateAuthentication(ProxyTarget.Of(new Uri("ws://a/")), new AuthenticationSession()));
    }

    [Fact]
    public void The_system_s_own_credentials_which_have_no_name_are_not_sent()
    {
        ProxyServer proxy = Tunnels.Proxy("socks5://proxy", CredentialCache.DefaultCredentials);
        TunnelOutcome outcome = Tunnels.Play(() => proxy.CreateTunnel(new ProxyTarget("a", 80, null), null, 1024, 10), [[5, 0]]);
        Assert.StartsWith("050100 ", outcome.Hex, StringComparison.Ordinal);
    }
}
