namespace Wspy.Tests.Http;

public class HttpAuthorityTests
{
    [Theory]
    [InlineData("example.com", "example.com", -1)]
    [InlineData("example.com:", "example.com", -1)]
    [InlineData("example.com:80", "example.com", 80)]
    [InlineData("a_b-c~%41:0", "a_b-c~%41", 0)]
    [InlineData("127.0.0.1:65535", "127.0.0.1", 65535)]
    [InlineData("[::1]", "[::1]", -1)]
    [InlineData("[2001:DB8::1]:08080", "[2001:DB8::1]", 8080)]
    [InlineData("[::ffff:192.168.100.228]", "[::ffff:192.168.100.228]", -1)]
    public void Host_and_port_are_told_apart_RFC3986_3_2(string text, string host, int port)
    {
        Assert.True(HttpAuthority.TryParse(Splits.Latin1(text), out HttpAuthority authority));
        Assert.Equal(host, Splits.Latin1(authority.Host));
        Assert.Equal(port, authority.Port);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("h:65536")]
    [InlineData("h:000080")]
    [InlineData("h:-1")]
    [InlineData("h:+1")]
    [InlineData("h:8 ")]
    [InlineData("h:80:80")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("u@h")]
    [InlineData("a,b c")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("%4z")]
    [InlineData("hä")]
    [InlineData("::1")]
    [InlineData("[::1")]
    [InlineData("[]")]
    [InlineData("[")]
    [InlineData("[::1]x")]
    [InlineData("[::1]80")]
    [InlineData("[1.2.3.4]")]
    [InlineData("[::1%25eth0]")]
    [InlineData("[:::::]")]
    [InlineData("[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]")]
    public void Anything_else_is_refused_RFC3986_3_2(string text) => Assert.False(HttpAuthority.TryParse(Splits.Latin1(text), out _));

    [Theory]
    [InlineData("h", "H:80", 80, true)]
    [InlineData("h:80", "h", 80, true)]
    [InlineData("h", "h", -1, true)]
    [InlineData("h:81", "h", 80, false)]
    [InlineData("h", "h:81", 80, false)]
    [InlineData("h", "i", 80, false)]
    public void Ports_that_are_not_written_are_the_default(string left, string right, int defaultPort, bool equal)
    {
        Assert.True(HttpAuthority.TryParse(Splits.Latin1(left), out HttpAuthority one));
        Assert.True(HttpAuthority.TryParse(Splits.Latin1(right), out HttpAuthority other));
        Assert.Equal(equal, one.Equals(other, defaultPort));
    }
}
