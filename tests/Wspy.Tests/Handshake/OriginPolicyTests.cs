using Wspy.Handshake;
using Wspy.Tests.Http;

namespace Wspy.Tests.Handshake;

public class OriginPolicyTests
{
    [Theory]
    [InlineData("http://example.com", "example.com", true)]
    [InlineData("https://example.com", "example.com", true)]
    [InlineData("HTTPS://Example.COM", "example.com", true)]
    [InlineData("http://example.com", "example.com:80", true)]
    [InlineData("https://example.com", "example.com:443", true)]
    [InlineData("https://example.com:443", "example.com", true)]
    [InlineData("http://example.com:8080", "example.com:8080", true)]
    [InlineData("http://[::1]:8080", "[::1]:8080", true)]
    [InlineData("http://example.com", "example.com:443", false)]
    [InlineData("https://example.com", "example.com:80", false)]
    [InlineData("http://example.com:8080", "example.com", false)]
    [InlineData("http://example.com", "example.com:8080", false)]
    [InlineData("http://evil.com", "example.com", false)]
    [InlineData("http://example.com.evil.com", "example.com", false)]
    [InlineData("http://evilexample.com", "example.com", false)]
    [InlineData("http://sub.example.com", "example.com", false)]
    [InlineData("ftp://example.com", "example.com", false)]
    [InlineData("chrome-extension://example.com", "example.com", false)]
    [InlineData("http://example.com/", "example.com", false)]
    [InlineData("http://user@example.com", "example.com", false)]
    [InlineData("http://example.com http://example.com", "example.com", false)]
    [InlineData("example.com", "example.com", false)]
    [InlineData("null", "null", false)]
    [InlineData("", "example.com", false)]
    public void The_same_host_with_the_default_port_of_the_origins_scheme_RFC6455_10_2(string origin, string host, bool allowed) =>
        Assert.Equal(allowed, Allows(OriginPolicy.SameHost, origin, host));

    [Theory]
    [InlineData("https://a.example", true)]
    [InlineData("HTTPS://A.example:443", true)]
    [InlineData("http://b.example:8080", true)]
    [InlineData("app://-", true)]
    [InlineData("null", true)]
    [InlineData("http://a.example", false)]
    [InlineData("https://a.example:444", false)]
    [InlineData("http://b.example", false)]
    [InlineData("NULL", false)]
    [InlineData("https://host", false)]
    [InlineData("*", false)]
    public void A_list_says_which_RFC6454_5(string origin, bool allowed) =>
        Assert.Equal(allowed, Allows(OriginPolicy.Create(["https://a.example", "http://b.example:8080", "app://-", "null"], "x"), origin, "host"));

    [Fact]
    public void An_empty_list_allows_none()
    {
        OriginPolicy none = OriginPolicy.Create([], "x");
        Assert.False(Allows(none, "http://host", "host"));
        Assert.False(Allows(none, "null", "host"));
    }

    [Theory]
    [InlineData("http://a")]
    [InlineData("null")]
    [InlineData("anything \u00E4")]
    public void A_star_allows_any(string origin) => Assert.True(Allows(OriginPolicy.Create(["http://x", "*"], "x"), origin, "host"));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("example.com")]
    [InlineData("https://example.com/")]
    [InlineData("https://example.com/path")]
    [InlineData("https://*.example.com/")]
    [InlineData("://a")]
    [InlineData("1http://a")]
    [InlineData("ht tp://a")]
    [InlineData("http://")]
    [InlineData("http://a:b")]
    [InlineData("http://a\r\n")]
    [InlineData("Null")]
    public void What_is_no_origin_cannot_be_listed_RFC6454_6_2(string? origin)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new ServerHandshakeOptions { AllowedOrigins = ["http://ok", origin!] });
        Assert.Contains("AllowedOrigins[1]", exception.Message, StringComparison.Ordinal);
        Assert.False(OriginPolicy.IsValid(origin));
    }

    private static bool Allows(OriginPolicy policy, string origin, string host)
    {
        Assert.True(HttpAuthority.TryParse(Splits.Latin1(host), out HttpAuthority authority));
        return policy.Allows(Splits.Latin1(origin), authority);
    }
}
