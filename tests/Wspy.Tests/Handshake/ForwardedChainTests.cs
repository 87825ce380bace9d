using System.Net;
using System.Text;
using Wspy.Handshake;

namespace Wspy.Tests.HandshakeTests;

/// <summary>Forwarded (RFC 7239) and X-Forwarded-*: for whom trusted proxies ask, and nobody else's word.</summary>
public class ForwardedChainTests
{
    private static readonly IPEndPoint Proxy = new(IPAddress.Parse("10.0.0.1"), 5);

    [Theory]
    [InlineData("for=192.0.2.43", "192.0.2.43:0", null, null)]
    [InlineData("For=\"[2001:db8:cafe::17]:4711\"", "[2001:db8:cafe::17]:4711", null, null)]
    [InlineData("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60:0", "http", null)]
    [InlineData("for=192.0.2.43, for=198.51.100.17", "198.51.100.17:0", null, null)]
    [InlineData("for=192.0.2.43;host=a, for=10.1.2.3;host=b", "192.0.2.43:0", null, "a")]
    [InlineData("for=1.1.1.1, for=192.0.2.43;proto=https , for=10.1.2.3;proto=http", "192.0.2.43:0", "https", null)]
    [InlineData("for=\"192.0.2.43:47011\";host=\"example.org:8443\";proto=https", "192.0.2.43:47011", "https", "example.org:8443")]
    [InlineData("for=\"_gazonk\"", null, null, null)]
    [InlineData("for=1.2.3.4, for=unknown;proto=https", null, "https", null)]
    [InlineData("for=\"1.2.3.4:_port\"", "1.2.3.4:0", null, null)]
    [InlineData("proto=https", null, "https", null)]
    [InlineData("for=192.0.2.43;secret=\"a,b;c=\\\"d\\\"\"", "192.0.2.43:0", null, null)]
    [InlineData(" , ;for=192.0.2.43; ,", "192.0.2.43:0", null, null)]
    [InlineData("for=garbage(), for=192.0.2.43", null, null, null, false)]
    [InlineData("for=garbage, for=192.0.2.43", "192.0.2.43:0", null, null)]
    [InlineData("for=garbage", null, null, null, false)]
    [InlineData("for=192.0.2.43;for=192.0.2.44", null, null, null, false)]
    [InlineData("for=\"192.0.2.43", null, null, null, false)]
    [InlineData("for=\"192.0.2.43\"x", null, null, null, false)]
    [InlineData("for=", null, null, null, false)]
    [InlineData("for", null, null, null, false)]
    [InlineData("=1.2.3.4", null, null, null, false)]
    [InlineData("for = 1.2.3.4", null, null, null, false)]
    [InlineData("for=\"2001:db8::1:99999\"", "[2001:db8::1:9999]:0", null, null, false)]
    [InlineData("for=\"[1.2.3.4]\"", null, null, null, false)]
    [InlineData("for=\"[::1]:65536\"", null, null, null, false)]
    [InlineData("for=01.2.3.4", null, null, null, false)]
    [InlineData("for=1.2.3", null, null, null, false)]
    [InlineData("for=1.2.3.4;host=\"a b\"", null, null, null, false)]
    [InlineData("for=1.2.3.4;proto=\"h t\"", null, null, null, false)]
    public void Forwarded(string value, string? peer, string? scheme, string? host, bool isValid = true) => Check(ForwardedHeaders.Forwarded, $"Forwarded: {value}\r\n", peer, scheme, host, isValid);

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.43\r\n", "192.0.2.43:0", null, null)]
    [InlineData("X-Forwarded-For: 2001:db8::1\r\n", "[2001:db8::1]:0", null, null)]
    [InlineData("X-Forwarded-For: [2001:db8::1]:80\r\n", "[2001:db8::1]:80", null, null)]
    [InlineData("X-Forwarded-For: 192.0.2.43:80\r\n", "192.0.2.43:80", null, null)]
    [InlineData("X-Forwarded-For: 1.1.1.1, 192.0.2.43, 10.0.0.2\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: example.org\r\n", "192.0.2.43:0", "https", "example.org")]
    [InlineData("X-Forwarded-For: spoofed\r\nX-Forwarded-For: 192.0.2.43\r\nX-Forwarded-For: 10.0.0.2\r\n", "192.0.2.43:0", null, null)]
    [InlineData("X-Forwarded-For: 10.0.0.3, 10.0.0.2\r\n", "10.0.0.3:0", null, null)]
    [InlineData("X-Forwarded-For: unknown\r\n", null, null, null)]
    [InlineData("X-Forwarded-Proto: wss\r\n", null, "wss", null)]
    [InlineData("", null, null, null)]
    [InlineData("Forwarded: for=192.0.2.43\r\n", null, null, null)]
    [InlineData("X-Forwarded-For: 1.2.3.4.5\r\n", null, null, null, false)]
    [InlineData("X-Forwarded-For: 192.0.2.43\r\nX-Forwarded-Host: a/b\r\n", null, null, null, false)]
    [InlineData("X-Forwarded-For: 192.0.2.43\r\nX-Forwarded-Proto: h/t\r\n", null, null, null, false)]
    public void X_forwarded(string headers, string? peer, string? scheme, string? host, bool isValid = true) => Check(ForwardedHeaders.XForwarded, headers, peer, scheme, host, isValid);

    [Fact]
    public void The_number_of_elements_is_bounded()
    {
        string many = string.Join(", ", Enumerable.Repeat("10.0.0.9", ForwardedChain.MaxElements));
        Check(ForwardedHeaders.XForwarded, $"X-Forwarded-For: {many}\r\n", "10.0.0.9:0", null, null, true);
        Check(ForwardedHeaders.XForwarded, $"X-Forwarded-For: {many}, 10.0.0.9\r\n", null, null, null, false);
        many = string.Join(", ", Enumerable.Repeat("for=10.0.0.9", ForwardedChain.MaxElements));
        Check(ForwardedHeaders.Forwarded, $"Forwarded: {many}\r\n", "10.0.0.9:0", null, null, true);
        Check(ForwardedHeaders.Forwarded, $"Forwarded: {many}\r\nForwarded: for=10.0.0.9\r\n", null, null, null, false);
    }

    [Fact]
    public void Whatever_comes_never_throws()
    {
        var random = new Random(3);
        const string alphabet = "for=\"[]:;,\\_. 19aproto-host\t";
        for (int i = 0; i < 20_000; i++)
        {
            string value = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            foreach (ForwardedHeaders kind in new[] { ForwardedHeaders.Forwarded, ForwardedHeaders.XForwarded })
            {
                _ = Read(kind, $"Forwarded: {value}\r\nX-Forwarded-For: {value}\r\n", out _);
            }
        }
    }

    private static void Check(ForwardedHeaders kind, string headers, string? peer, string? scheme, string? host, bool isValid)
    {
        Assert.Equal(isValid, Read(kind, headers, out ForwardedDetails details));
        if (isValid)
        {
            Assert.Equal((peer, scheme, host), (details.For?.ToString(), details.Scheme, details.Host));
        }
    }

    private static bool Read(ForwardedHeaders kind, string headers, out ForwardedDetails details)
    {
        var parser = new HttpHeadParser(HttpHeadKind.Request) { MaxHeadSize = 16 * 1024, MaxHeaderCount = 100 };
        ReadOnlySpan<byte> input = Encoding.Latin1.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref input));
        return ForwardedChain.TryRead(parser.Request!.Headers, new TrustedProxies { Headers = kind, Networks = [IPNetwork.Parse("10.0.0.0/8")] }, Proxy, out details);
    }
}
