using System.Collections;

namespace Wspy.Tests.Http;

public class HttpReceivedHeadersTests
{
    private readonly HttpReceivedHeaders _headers =
        Heads.Request("GET / HTTP/1.1\r\nHost: x\r\nCookie: a\r\nX: ä\r\ncookie: b\r\n\r\n").Headers;

    [Fact]
    public void Names_are_compared_without_case_RFC9110_5_1()
    {
        Assert.Equal("x", _headers["HOST"]);
        Assert.Equal("ä", _headers["x"]);
        Assert.True(_headers.Contains("cookie"));
        Assert.False(_headers.Contains("Cook"));
        Assert.Null(_headers["Cookie2"]);
    }

    [Fact]
    public void Several_values_keep_their_order_RFC9110_5_3()
    {
        Assert.Equal("a", _headers["cookie"]);
        Assert.Equal(["a", "b"], _headers.GetValues("COOKIE"));
        Assert.Empty(_headers.GetValues("none"));
    }

    [Fact]
    public void All_lines_are_listed_as_sent()
    {
        Assert.Equal(4, _headers.Count);
        Assert.Equal(["Host=x", "Cookie=a", "X=ä", "cookie=b"], _headers.Select(header => $"{header.Key}={header.Value}"));
        Assert.Equal(4, ((IEnumerable)_headers).Cast<object>().Count());
    }

    [Fact]
    public void Single_lines_are_told_from_repeated_ones()
    {
        Assert.Equal(0, _headers.IndexOfSingle("host"u8));
        Assert.Equal(HttpReceivedHeaders.Repeated, _headers.IndexOfSingle("Cookie"u8));
        Assert.Equal(-1, _headers.IndexOfSingle("none"u8));
    }

    [Fact]
    public void A_name_is_needed() => Assert.Throws<ArgumentNullException>(() => _headers[null!]);
}
