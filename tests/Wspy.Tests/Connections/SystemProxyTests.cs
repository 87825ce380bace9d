using System.Net;

namespace Wspy.Tests.Connections;

public class SystemProxyTests
{
    [Theory]
    [InlineData("ws://a.example/", "http_proxy=http://p:1", "http://p:1/")]
    [InlineData("wss://a.example/", "http_proxy=http://p:1", null)]
    [InlineData("wss://a.example/", "https_proxy=http://p:1", "http://p:1/")]
    [InlineData("ws://a.example/", "https_proxy=http://p:1", null)]
    [InlineData("ws://a.example/", "all_proxy=socks5://p:1", "socks5://p:1/")]
    [InlineData("wss://a.example/", "ALL_PROXY=socks5h://p:1", "socks5h://p:1/")]
    [InlineData("wss://a.example/", "all_proxy=socks5://p:1 https_proxy=http://q:2", "http://q:2/")]
    [InlineData("ws://a.example/", "HTTP_PROXY=http://p:1", "http://p:1/")]
    [InlineData("ws://a.example/", "HTTP_PROXY=http://p:1 REQUEST_METHOD=GET", null)]
    [InlineData("ws://a.example/", "http_proxy=http://p:1 REQUEST_METHOD=GET", "http://p:1/")]
    [InlineData("wss://a.example/", "HTTPS_PROXY=http://p:1 https_proxy=http://q:2", "http://q:2/")]
    [InlineData("wss://a.example/", "HTTPS_PROXY=http://p:1 https_proxy=", null)]
    [InlineData("ws://a.example/", "http_proxy=p:3128", "http://p:3128/")]
    [InlineData("ws://a.example/", "http_proxy=http://p:1 no_proxy=example", null)]
    [InlineData("ws://a.example/", "http_proxy=http://p:1 NO_PROXY=b.example", "http://p:1/")]
    [InlineData("ws://localhost/", "all_proxy=http://p:1", null)]
    [InlineData("ws://127.0.0.1/", "all_proxy=http://p:1", null)]
    [InlineData("ws://[::1]/", "all_proxy=http://p:1", null)]
    public void The_environment_tells_the_proxy(string url, string environment, string? expected)
    {
        SystemProxy proxy = Create(environment);
        Assert.Equal(expected, proxy.GetProxy(new Uri(url))?.ToString());
        Assert.Equal(expected is null, proxy.IsBypassed(new Uri(url)));
    }

    [Fact]
    public void Where_the_environment_says_nothing_the_system_is_asked()
    {
        var system = new WebProxy("http://system:1") { Credentials = new NetworkCredential("u", "p"), BypassList = ["bypassed"] };
        var proxy = new SystemProxy(_ => null, () => system);
        Assert.Equal("http://system:1/", proxy.GetProxy(new Uri("ws://a.example/"))?.ToString());
        Assert.Null(proxy.GetProxy(new Uri("ws://bypassed.example/")));
        Assert.Null(proxy.GetProxy(new Uri("ws://localhost/")));
        Assert.Same(system.Credentials, proxy.Credentials);
        var own = new NetworkCredential("v", "q");
        proxy.Credentials = own;
        Assert.Same(own, proxy.Credentials);
        Assert.Null(Create("http_proxy=http://p:1").Credentials);
    }

    [Fact]
    public void What_is_no_URI_is_told_without_its_value()
    {
        InvalidOperationException wrong = Assert.Throws<InvalidOperationException>(() => Create("http_proxy=http://user:secret@:x").GetProxy(new Uri("ws://a.example/")));
        Assert.Contains("http_proxy", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_of_the_options_is_the_system_s() => Assert.Same(SystemProxy.Default, new ClientOptions().Proxy);

    private static SystemProxy Create(string environment)
    {
        Dictionary<string, string> variables = environment.Split(' ').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new SystemProxy(variables.GetValueOrDefault, () => throw new InvalidOperationException("The environment has told enough."));
    }
}
