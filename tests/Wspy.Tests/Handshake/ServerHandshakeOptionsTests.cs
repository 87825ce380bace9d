using Wspy.Handshake;

namespace Wspy.Tests.Handshake;

public class ServerHandshakeOptionsTests
{
    [Fact]
    public void Defaults_are_safe_and_finite()
    {
        var options = new ServerHandshakeOptions();
        Assert.Equal(16384, options.MaxHeadSize);
        Assert.Equal(100, options.MaxHeaderCount);
        Assert.Null(options.AllowedOrigins);
        Assert.Null(options.AllowedLocations);
        Assert.False(options.RequireOrigin);
        Assert.Empty(options.Subprotocols);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("a\r\nX: y")]
    [InlineData(null)]
    [InlineData("ä")]
    public void Subprotocols_are_tokens_RFC6455_4_1(string? name)
    {
        Assert.Contains("Subprotocols[1]", Assert.Throws<ArgumentException>(() => new ServerHandshakeOptions { Subprotocols = ["ok", name!] }).Message, StringComparison.Ordinal);
        Assert.Contains("Subprotocols[1]", Assert.Throws<ArgumentException>(() => new ClientHandshakeOptions { Subprotocols = ["ok", name!] }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Subprotocols_are_different_RFC6455_4_1()
    {
        Assert.Contains("'a' twice", Assert.Throws<ArgumentException>(() => new ServerHandshakeOptions { Subprotocols = ["a", "b", "a"] }).Message, StringComparison.Ordinal);
        Assert.Equal(2, new ServerHandshakeOptions { Subprotocols = ["a", "A"] }.Subprotocols.Count);
        Assert.Throws<ArgumentNullException>("Subprotocols", () => new ServerHandshakeOptions { Subprotocols = null! });
    }

    [Fact]
    public void Lists_are_copied()
    {
        string[] names = ["a"];
        string[] origins = ["http://a"];
        string[] locations = ["/a"];
        var options = new ServerHandshakeOptions { Subprotocols = names, AllowedOrigins = origins, AllowedLocations = locations };
        names[0] = origins[0] = locations[0] = "x y";
        Assert.Equal(["a", "http://a", "/a"], [.. options.Subprotocols, .. options.AllowedOrigins, .. options.AllowedLocations]);
    }

    [Fact]
    public void Copies_judge_by_their_own_values()
    {
        var options = new ServerHandshakeOptions { AllowedOrigins = ["http://a"], AllowedLocations = ["/a"] };
        ServerHandshakeOptions other = options with { AllowedOrigins = ["http://b"], AllowedLocations = null };
        string request = Handshakes.Request("Origin: http://b");
        Assert.Equal(HandshakeViolation.UnknownLocation, Handshakes.Judge(request, options).Reason);
        Assert.Equal(HandshakeViolation.OriginNotAllowed, Handshakes.Judge(request, options with { AllowedLocations = null }).Reason);
        Assert.Equal("Upgrade", Handshakes.Judge(request, other).Status);
        Assert.Equal(HandshakeViolation.OriginNotAllowed, Handshakes.Judge(request, other with { AllowedOrigins = null }).Reason);
    }

    [Fact]
    public void Limits_that_make_no_sense_are_refused_by_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>("MaxHeadSize", () => new ServerHandshakeOptions { MaxHeadSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxHeaderCount", () => new ServerHandshakeOptions { MaxHeaderCount = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxHeadSize", () => new ClientHandshakeOptions { MaxHeadSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxHeaderCount", () => new ClientHandshakeOptions { MaxHeaderCount = -1 });
    }
}
