using Wspy.Handshake;

namespace Wspy.Tests.Handshake;

public class HandshakeUriTests
{
    [Theory]
    [InlineData("ws://example.com", "example.com", "/")]
    [InlineData("WS://Example.COM:80/Chat", "example.com", "/Chat")]
    [InlineData("ws://example.com:443/", "example.com:443", "/")]
    [InlineData("wss://example.com:443/?a=b", "example.com", "/?a=b")]
    [InlineData("wss://example.com?a", "example.com", "/?a")]
    [InlineData("http://example.com/", "example.com", "/")]
    [InlineData("https://example.com:80/", "example.com:80", "/")]
    [InlineData("ws://user:secret@example.com/", "example.com", "/")]
    [InlineData("ws://[::1]:8080/", "[::1]:8080", "/")]
    [InlineData("ws://[fe80::1%25eth0]/", "[fe80::1]", "/")]
    [InlineData("ws://bücher.example/ä b?ö", "xn--bcher-kva.example", "/%C3%A4%20b?%C3%B6")]
    [InlineData("ws://h/a%23b", "h", "/a%23b")]
    public void A_URI_becomes_host_and_target_RFC6455_3(string uri, string host, string target)
    {
        var handshake = new ClientHandshake(new Uri(uri), new());
        Assert.Equal(host, handshake.Host);
        Assert.Equal(target, handshake.Target);
        Assert.Equal("Upgrade", Handshakes.Judge(Handshakes.Written(handshake.WriteRequest)).Status);
    }

    [Theory]
    [InlineData("ws://h/#")]
    [InlineData("ws://h/a#b")]
    [InlineData("ftp://h/")]
    [InlineData("/relative")]
    [InlineData("file:///x")]
    public void Other_URIs_are_refused_RFC6455_3(string uri) =>
        Assert.Throws<ArgumentException>(nameof(uri), () => new ClientHandshake(new Uri(uri, UriKind.RelativeOrAbsolute), new()));

    [Theory]
    [InlineData("ws://h/a\r\nX: y")]
    [InlineData("ws://h/?a\r\nX: y")]
    [InlineData("ws://h/\0")]
    [InlineData("ws://h/\u007F\u0001")]
    public void A_path_cannot_break_out_of_its_line_RFC9112_3(string uri)
    {
        var handshake = new ClientHandshake(new Uri(uri), new());
        Assert.DoesNotContain(handshake.Target, c => c is < '!' or > '~');
        Assert.Equal("Upgrade", Handshakes.Judge(Handshakes.Written(handshake.WriteRequest)).Status);
    }

    [Fact]
    public void A_URI_that_does_not_escape_cannot_either()
    {
        var uri = new Uri("ws://h/a\r\nX: y", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        Assert.Throws<ArgumentException>(nameof(uri), () => new ClientHandshake(uri, new()));
    }
}
