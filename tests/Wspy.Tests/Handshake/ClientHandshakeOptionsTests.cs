using Wspy.Handshake;

namespace Wspy.Tests.Handshake;

public class ClientHandshakeOptionsTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("https://example.com:8443")]
    [InlineData(null)]
    public void An_origin_can_be_sent_RFC6455_4_1(string? origin) => Assert.Equal(origin, new ClientHandshakeOptions { Origin = origin }.Origin);

    [Theory]
    [InlineData("https://example.com/")]
    [InlineData("https://example.com\r\nX: y")]
    [InlineData("https://example.com\0")]
    [InlineData("example.com")]
    [InlineData("")]
    public void What_is_no_origin_cannot_RFC6454_6_2(string origin) =>
        Assert.Throws<ArgumentException>("Origin", () => new ClientHandshakeOptions { Origin = origin });

    [Theory]
    [InlineData("Sec-WebSocket-Key")]
    [InlineData("sec-websocket-protocol")]
    [InlineData("Connection")]
    [InlineData("Upgrade")]
    [InlineData("Content-Length")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Trailer")]
    [InlineData("Origin")]
    public void The_handshakes_own_headers_are_not_the_callers_RFC6455_4_1(string name)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>("Headers", () => new ClientHandshakeOptions { Headers = new() { { name, "x" } } });
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_valid_host_can_be_given_RFC9112_3_2()
    {
        Assert.Throws<ArgumentException>("Headers", () => new ClientHandshakeOptions { Headers = new() { { "Host", "a" }, { "host", "a" } } });
        Assert.Throws<ArgumentException>("Headers", () => new ClientHandshakeOptions { Headers = new() { { "Host", "a/b" } } });
        Assert.Throws<ArgumentException>("Headers", () => new ClientHandshakeOptions { Headers = new() { { "Host", "" } } });
        Assert.Equal("a:1", new ClientHandshakeOptions { Headers = new() { { "Host", "a:1" } } }.Headers!["Host"]);
    }

    [Fact]
    public void Headers_are_copied()
    {
        var headers = new HttpHeaders { { "A", "b" } };
        var options = new ClientHandshakeOptions { Headers = headers };
        headers.Add("Upgrade", "h2c");
        Assert.Equal("A", Assert.Single(options.Headers!).Key);
        Assert.Null(new ClientHandshakeOptions { Headers = null }.Headers);
    }
}
