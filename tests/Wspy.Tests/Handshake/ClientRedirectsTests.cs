using CsCheck;
using Wspy.Handshake;
using Wspy.Tests.Http;

namespace Wspy.Tests.Handshake;

public class ClientRedirectsTests
{
    // RFC 3986 §5.4, with the base of its examples as a WebSocket's
    [Theory]
    [InlineData("g", "ws://a/b/c/g")]
    [InlineData("./g", "ws://a/b/c/g")]
    [InlineData("/g", "ws://a/g")]
    [InlineData("//g", "ws://g/")]
    [InlineData("?y", "ws://a/b/c/d;p?y")]
    [InlineData("g?y#s", "ws://a/b/c/g?y")]
    [InlineData("#s", "ws://a/b/c/d;p?q")]
    [InlineData(";x", "ws://a/b/c/;x")]
    [InlineData("..", "ws://a/b/")]
    [InlineData("../g", "ws://a/b/g")]
    [InlineData("../../../g", "ws://a/g")]
    [InlineData("g;x=1/../y", "ws://a/b/c/y")]
    [InlineData("http://g", "ws://g/")]
    [InlineData("HTTPS://G:443/x?y", "wss://g/x?y")]
    [InlineData("wss://g:8443", "wss://g:8443/")]
    [InlineData("ws://[::1]:81/x", "ws://[::1]:81/x")]
    [InlineData("http://g:80/%e4%0D%0A", "ws://g/%e4%0D%0A")]
    public void A_Location_is_resolved_against_the_URL(string location, string expected)
    {
        Assert.Null(Create("ws://a/b/c/d;p?q").Resolve(Redirect(location), out Uri? url));
        Assert.Equal(expected, url!.AbsoluteUri, ignoreCase: true);
        Assert.Null(Record.Exception(() => HandshakeUri.Split(url, nameof(url))));
    }

    [Theory]
    [InlineData("/g", "ws+unix:/run/a.sock:/g")]
    [InlineData("g?y#s", "ws+unix:/run/a.sock:/b/g?y")]
    [InlineData("../../../../x", "ws+unix:/run/a.sock:/x")]
    [InlineData("/x:y", "ws+unix:/run/a.sock:/x:y")]
    [InlineData("http://LOCALHOST:80/x", "ws+unix:/run/a.sock:/x")]
    [InlineData("ws://localhost", "ws+unix:/run/a.sock:/")]
    [InlineData("//localhost/x", "ws+unix:/run/a.sock:/x")]
    [InlineData("http://localhost:81/x", null)]
    [InlineData("https://localhost/x", null)]
    [InlineData("http://127.0.0.1/x", null)]
    [InlineData("//run/b.sock:/x", null)]
    [InlineData("ws+unix:/run/b.sock:/x", null)]
    [InlineData("ws+unix:/run/a.sock:/x", null)]
    public void From_a_Unix_domain_socket_only_to_itself(string location, string? expected)
    {
        HandshakeFailure? failure = Create("ws+unix:/run/a.sock:/b/c").Resolve(Redirect(location), out Uri? url);
        Assert.Equal(expected, url?.AbsoluteUri);
        Assert.Equal(expected is null ? HandshakeViolation.InvalidRedirect : null, failure?.Reason);
    }

    [Theory]
    [InlineData("wss://a/", "http://a/", false)]
    [InlineData("wss://a/", "ws://a:443/", false)]
    [InlineData("wss://a/", "/x", true)]
    [InlineData("ws://a/", "http://b/", true)]
    public void From_wss_to_ws_nobody_is_led(string from, string location, bool isFollowed)
    {
        Assert.Equal(isFollowed ? null : HandshakeViolation.InsecureRedirect, Create(from).Resolve(Redirect(location), out _)?.Reason);
        Assert.Null(Create(from, allowsInsecure: true).Resolve(Redirect(location), out _));
    }

    [Theory]
    [InlineData("ws://a/", "ws://a:80/x", true)]
    [InlineData("http://a/", "ws://A/", true)]
    [InlineData("wss://a/", "wss://a:443/", true)]
    [InlineData("ws://a/", "wss://a/", false)]
    [InlineData("ws://a/", "ws://a:81/", false)]
    [InlineData("ws://a/", "ws://b/", false)]
    [InlineData("ws://a:443/", "wss://a/", false)]
    [InlineData("ws+unix:/a.sock", "ws+unix:///%61.sock:/x?y", true)]
    [InlineData("ws+unix:/a.sock:/", "ws+unix:/b.sock:/", false)]
    [InlineData("ws+unix:/a.sock:/", "ws+unix:@a.sock:/", false)]
    [InlineData("ws+unix:/a.sock:/", "wss+unix:/a.sock:/", false)]
    [InlineData("ws+unix:/localhost:/", "ws://localhost/", false)]
    public void An_origin_is_scheme_host_and_port_RFC6454_5(string first, string second, bool isSame) =>
        Assert.Equal(isSame, HandshakeUri.IsSameOrigin(new Uri(first), new Uri(second)));

    [Fact]
    public void Any_Location_can_come_and_what_is_followed_can_be_sent()
    {
        string[] parts = ["/", "//", "ws:", "http:", "wss:", "a", "..", ".", "%2e", "localhost", "?", "#", "@", ":", "[", "]", "%", "%0d%0a", "%00", "1", "99999", "\\", "\t", "\u00E4", "xn--", "&", "=", ";"];
        Gen.Int[0, parts.Length - 1].Array[1, 12].Sample(indexes =>
        {
            string location = string.Concat(indexes.Select(index => parts[index]));
            HandshakeFailure? failure = Create("ws://a/b").Resolve(Redirect(location), out Uri? url);
            Assert.Equal(failure is null, url is not null);
            if (url is not null)
            {
                (string host, string target) = HandshakeUri.Split(url, nameof(url));
                Assert.DoesNotContain('\n', host + target);
                Assert.Equal("", url.UserInfo);
            }

            Create("ws+unix:/run/a.sock:/b").Resolve(Redirect(location), out Uri? local);
            if (local is not null)
            {
                Assert.Equal("/run/a.sock", HandshakeUri.UnixPath(local, nameof(local)));
                Assert.DoesNotContain('\n', HandshakeUri.Split(local, nameof(local)).Target);
            }
        });
    }

    [Fact]
    public void A_long_chain_is_shown_in_part()
    {
        ClientRedirects redirects = Create($"ws://a/{new string('x', 5000)}?secret");
        HandshakeFailure failure = redirects.Resolve(Redirect("ftp://a/"), out _)!;
        Assert.InRange(failure.Message.Length, 100, 300);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }

    private static ClientRedirects Create(string url, bool allowsInsecure = false)
    {
        var redirects = new ClientRedirects(5, allowsInsecure);
        Assert.Null(redirects.Add(new Uri(url), ""));
        return redirects;
    }

    private static HttpResponseHead Redirect(string location) => Heads.Response($"HTTP/1.1 307 Go\r\nLocation: {location}\r\n\r\n");
}
