namespace Wspy.Tests.Http;

public class HttpRequestHeadTests
{
    [Fact]
    public void The_parts_of_a_request()
    {
        HttpRequestHead head = Heads.Request("GET /a?b HTTP/1.1\r\nHost: h:1\r\n\r\n");
        Assert.Equal("GET", head.Method);
        Assert.Equal("/a?b", head.Target);
        Assert.Equal("/a", head.Path);
        Assert.Equal("b", head.Query);
        Assert.Equal("h:1", head.Host);
    }

    [Fact]
    public void Where_a_line_stands_is_known_in_heads_of_any_size()
    {
        foreach (int size in new[] { 0, 65_000, 66_000, 200_000 })
        {
            var parser = new HttpHeadParser(HttpHeadKind.Request) { MaxHeadSize = 1 << 20 };
            ReadOnlySpan<byte> input = Splits.Latin1($"GET / HTTP/1.1\r\nLong: {new string('x', size)}\r\nHost: h\r\n{new string('n', size + 1)}: v\r\nLast: \r\n\r\n");
            Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref input));
            HttpReceivedHeaders headers = parser.Request!.Headers;
            Assert.Equal((4, size, "h", "v", ""), (headers.Count, headers["Long"]!.Length, headers["host"], headers[new string('n', size + 1)], headers["last"]));
        }
    }

    [Fact]
    public void The_host_of_an_absolute_target_goes_before_the_header_RFC9112_3_2_2() =>
        Assert.Equal("target:1", Heads.Request("GET http://target:1/ HTTP/1.1\r\nHost: header\r\n\r\n").Host);

    [Fact]
    public void Without_a_host_there_is_none() => Assert.Null(Heads.Request("GET / HTTP/1.0\r\n\r\n").Host);
}
