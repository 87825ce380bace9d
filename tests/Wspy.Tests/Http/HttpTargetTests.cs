namespace Wspy.Tests.Http;

public class HttpTargetTests
{
    [Theory]
    [InlineData("GET", "/", "/", "", null)] // RFC 9112 §3.2.1
    [InlineData("GET", "/chat?room=1&x=%20", "/chat", "room=1&x=%20", null)]
    [InlineData("GET", "/?", "/", "", null)]
    [InlineData("GET", "/a?b?c", "/a", "b?c", null)]
    [InlineData("GET", "//evil/x", "//evil/x", "", null)]
    [InlineData("GET", "/a%2Fb|^", "/a%2Fb|^", "", null)]
    [InlineData("GET", "/a://b", "/a://b", "", null)]
    [InlineData("GET", "http://h/x?y", "/x", "y", "h")] // RFC 9112 §3.2.2
    [InlineData("GET", "HTTPS://h:8443", "/", "", "h:8443")]
    [InlineData("GET", "ws://h?y", "/", "y", "h")]
    [InlineData("GET", "wss://[::1]:1/", "/", "", "[::1]:1")]
    [InlineData("CONNECT", "h:443", "", "", "h:443")] // RFC 9112 §3.2.3
    [InlineData("OPTIONS", "*", "*", "", null)] // RFC 9112 §3.2.4
    public void The_four_forms_are_understood_RFC9112_3_2(string method, string target, string path, string query, string? host)
    {
        HttpRequestHead head = Heads.Request($"{method} {target} HTTP/1.1\r\n\r\n");
        Assert.Equal(target, head.Target);
        Assert.Equal(path, head.Path);
        Assert.Equal(query, head.Query);
        Assert.Equal(host, head.Host);
    }

    [Theory]
    [InlineData("GET", "/a#b")]
    [InlineData("GET", "/#")]
    [InlineData("GET", "/a?b#c")]
    [InlineData("GET", "http://h/#x")]
    [InlineData("GET", "*")]
    [InlineData("GET", "chat")]
    [InlineData("GET", "?x")]
    [InlineData("GET", "ftp://h/")]
    [InlineData("GET", "http://")]
    [InlineData("GET", "http:///x")]
    [InlineData("GET", "http://user@h/")]
    [InlineData("GET", "http://h:x/")]
    [InlineData("GET", "/\0")]
    [InlineData("GET", "/\t")]
    [InlineData("GET", "/\u007F")]
    [InlineData("GET", "/ä")]
    [InlineData("CONNECT", "h")]
    [InlineData("CONNECT", "/")]
    public void Any_other_target_is_refused_RFC9112_3_2(string method, string target) =>
        Assert.Equal(HttpViolation.InvalidTarget, Heads.Parse(HttpHeadKind.Request, $"{method} {target} HTTP/1.1\r\n\r\n").Violation);

    [Fact]
    public void An_empty_target_is_none() => Assert.False(HttpTarget.TryParse("GET"u8, [], out _));
}
