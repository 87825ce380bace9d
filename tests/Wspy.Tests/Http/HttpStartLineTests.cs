namespace Wspy.Tests.Http;

public class HttpStartLineTests
{
    // RFC 9112 §3: request line

    [Theory]
    [InlineData("GET / HTTP/1.0", "GET|/|0")]
    [InlineData("GET / HTTP/1.9", "GET|/|9")]
    [InlineData("get / HTTP/1.1", "get|/|1")]
    [InlineData("M-SEARCH /x HTTP/1.1", "M-SEARCH|/x|1")]
    public void A_request_line_has_three_parts_RFC9112_3(string line, string head) =>
        Assert.Equal(head, Heads.Parse(HttpHeadKind.Request, line + "\r\n\r\n").Head);

    [Theory]
    [InlineData("GET")]
    [InlineData("GET /")]
    [InlineData("GET / ")]
    [InlineData("GET  / HTTP/1.1")]
    [InlineData("GET /  HTTP/1.1")]
    [InlineData("GET / HTTP/1.1 ")]
    [InlineData("GET /a b HTTP/1.1")]
    [InlineData("GET  HTTP/1.1")]
    [InlineData("GET\t/\tHTTP/1.1")]
    [InlineData("G(T / HTTP/1.1")]
    [InlineData("GET / http/1.1")]
    [InlineData("GET / HTTP/1.10")]
    [InlineData("GET / HTTP/11")]
    [InlineData("GET / HTTP/1,1")]
    [InlineData("GET / HTTP/x.1")]
    [InlineData("GET / HTTP/1.x")]
    [InlineData("GET / HTTQ/1.1")]
    public void Any_other_first_line_is_refused_RFC9112_3(string line) => AssertRefused(HttpHeadKind.Request, line, HttpViolation.InvalidRequestLine);

    [Theory]
    [InlineData("GET / HTTP/0.9")]
    [InlineData("GET / HTTP/2.0")]
    [InlineData("PRI * HTTP/2.0")]
    public void Another_major_version_is_refused_RFC9110_15_6_6(string line) => AssertRefused(HttpHeadKind.Request, line, HttpViolation.UnsupportedVersion);

    // RFC 9112 §4: status line

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols", "101|Switching Protocols|1")]
    [InlineData("HTTP/1.0 200 OK", "200|OK|0")]
    [InlineData("HTTP/1.1 200 ", "200||1")]
    [InlineData("HTTP/1.1 200", "200||1")]
    [InlineData("HTTP/1.1 999 grün\tä", "999|grün\tä|1")]
    public void A_status_line_has_version_status_and_perhaps_a_reason_RFC9112_4(string line, string head) =>
        Assert.Equal(head, Heads.Parse(HttpHeadKind.Response, line + "\r\n\r\n").Head);

    [Theory]
    [InlineData("HTTP/1.1")]
    [InlineData("HTTP/1.1 ")]
    [InlineData("HTTP/1.1 20")]
    [InlineData("HTTP/1.1 2000 OK")]
    [InlineData("HTTP/1.1 099 OK")]
    [InlineData("HTTP/1.1 2x0 OK")]
    [InlineData("HTTP/1.1  200 OK")]
    [InlineData("HTTP/1.1x200 OK")]
    [InlineData("HTTP/1.1 200 O\0K")]
    [InlineData("HTTPS1.1 200 OK")]
    [InlineData("HTTP")]
    public void Any_other_status_line_is_refused_RFC9112_4(string line) => AssertRefused(HttpHeadKind.Response, line, HttpViolation.InvalidStatusLine);

    [Fact]
    public void A_response_of_another_major_version_is_refused() => AssertRefused(HttpHeadKind.Response, "HTTP/2.0 200 OK", HttpViolation.UnsupportedVersion);

    private static void AssertRefused(HttpHeadKind kind, string line, HttpViolation violation) =>
        Assert.Equal(
            new HeadResult(HttpHeadStatus.Invalid, violation, line.Length + 2, ""),
            Heads.Parse(kind, line + "\r\n\r\n"));
}
