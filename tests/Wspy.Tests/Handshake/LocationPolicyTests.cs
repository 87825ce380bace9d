using Wspy.Handshake;
using Wspy.Tests.Http;

namespace Wspy.Tests.Handshake;

public class LocationPolicyTests
{
    [Theory]
    [InlineData("/chat", "/chat", "any:1", true)]
    [InlineData("ws://h/chat", "/chat", "H", true)]
    [InlineData("ws://h/chat", "/chat", "h:80", true)]
    [InlineData("ws://h:80/chat", "/chat", "h", true)]
    [InlineData("wss://h/chat", "/chat", "h:443", true)]
    [InlineData("https://h/chat", "/chat", "h:443", true)]
    [InlineData("WSS://h", "/", "h:443", true)]
    [InlineData("ws://h", "/", "h", true)]
    [InlineData("ws://h:8080/chat", "/chat", "h:8080", true)]
    [InlineData("ws://h/chat", "/chat", "h:443", false)]
    [InlineData("wss://h/chat", "/chat", "h:80", false)]
    [InlineData("ws://h/chat", "/chat", "i", false)]
    [InlineData("ws://h/chat", "/chats", "h", false)]
    [InlineData("/chat", "/Chat", "h", false)]
    public void A_location_is_a_path_of_any_host_or_of_one_RFC6455_3(string location, string path, string host, bool served)
    {
        Assert.True(HttpAuthority.TryParse(Splits.Latin1(host), out HttpAuthority authority));
        Assert.Equal(served, new LocationPolicy(["/other", location], "x").Serves(Splits.Latin1(path), authority));
        Assert.False(new LocationPolicy([], "x").Serves(Splits.Latin1(path), authority));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("chat")]
    [InlineData("*")]
    [InlineData("/chat?x")]
    [InlineData("/chat#x")]
    [InlineData("ftp://h/chat")]
    [InlineData("ws:///chat")]
    [InlineData("ws://u@h/chat")]
    [InlineData("/a b")]
    [InlineData("/ä")]
    [InlineData("/a\r\n")]
    public void What_is_no_location_is_refused_by_name_RFC6455_3(string? location)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => new ServerHandshakeOptions { AllowedLocations = ["/ok", location!] });
        Assert.Contains("AllowedLocations[1]", exception.Message, StringComparison.Ordinal);
    }
}
