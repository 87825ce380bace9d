namespace Wspy.Tests.Http;

public class HttpFramingTests
{
    [Theory]
    [InlineData("", null, false, false)]
    [InlineData("Content-Length: 0\r\n", 0L, false, false)]
    [InlineData("content-length: 12\r\n", 12L, false, true)]
    [InlineData("Content-Length: 9223372036854775807\r\n", long.MaxValue, false, true)]
    [InlineData("Transfer-Encoding: chunked\r\n", null, true, true)]
    [InlineData("Transfer-Encoding: gzip, Chunked\r\n", null, true, true)]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", null, true, true)]
    [InlineData("Transfer-Encoding: chunked, gzip\r\n", null, false, true)]
    [InlineData("Transfer-Encoding:\r\n", null, false, true)]
    public void The_end_of_a_body_is_known_RFC9112_6_3(string lines, long? length, bool chunked, bool hasBody)
    {
        HttpResponseHead head = Heads.Response($"HTTP/1.1 200 OK\r\n{lines}\r\n");
        Assert.Equal(length, head.ContentLength);
        Assert.Equal(chunked, head.IsChunked);
        Assert.Equal(hasBody, HttpFraming.HasBody(head.Headers));
    }

    [Theory]
    [InlineData("Content-Length: 1\r\nContent-Length: 1\r\n")]
    [InlineData("Content-Length: 1, 1\r\n")]
    [InlineData("Content-Length: +1\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: 0x1\r\n")]
    [InlineData("Content-Length: \r\n")]
    [InlineData("Content-Length: 9223372036854775808\r\n")]
    [InlineData("Content-Length: 00000000000000000000000000000000000000000000099999999999999999999\r\n")]
    [InlineData("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: identity\r\nContent-Length: 5\r\n")]
    public void An_end_that_is_not_certain_is_refused_in_both_directions_RFC9112_6_3(string lines)
    {
        Assert.Equal(HttpViolation.InvalidFraming, Heads.Parse(HttpHeadKind.Request, $"GET / HTTP/1.1\r\n{lines}\r\n").Violation);
        Assert.Equal(HttpViolation.InvalidFraming, Heads.Parse(HttpHeadKind.Response, $"HTTP/1.1 200 OK\r\n{lines}\r\n").Violation);
    }

    [Fact]
    public void A_length_that_cannot_be_read_counts_as_a_body()
    {
        byte[] head = Splits.Latin1("Content-Lengthx");
        var headers = new HttpReceivedHeaders(head, [new HttpField(0, 14, 14, 1)]);
        Assert.True(HttpFraming.HasBody(headers));
        Assert.Null(new HttpResponseHead(200, "", 1, headers).ContentLength);
    }
}
