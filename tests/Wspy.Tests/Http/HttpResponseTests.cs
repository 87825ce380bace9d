using System.Buffers;

namespace Wspy.Tests.Http;

public class HttpResponseTests
{
    [Fact]
    public void Text_is_written_with_its_length_and_ends_the_connection_RFC9112_6_2() =>
        Assert.Equal(
            "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\nConnection: close\r\n\r\nn\u00C3\u00B6!",
            Written(HttpResponse.Text(403, "nö!")));

    [Fact]
    public void There_are_helpers_for_other_types()
    {
        Assert.Equal("text/html; charset=utf-8", HttpResponse.Html(200, "<p>").Headers["Content-Type"]);
        Assert.Equal("application/json", HttpResponse.Json(200, "{}").Headers["Content-Type"]);
        Assert.Throws<ArgumentNullException>(() => HttpResponse.Text(200, null!));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public void A_redirect_has_a_Location_RFC9110_15_4(int status) =>
        Assert.Equal("wss://example.com/chat?x=%20#y", Heads.Response(Written(HttpResponse.Redirect(status, "wss://example.com/chat?x=%20#y"))).Headers["Location"]);

    // autobahn-python CVE-2020-35678
    [Theory]
    [InlineData("/\r\nSet-Cookie: x", "U+000D at index 1")]
    [InlineData("/\n", "U+000A at index 1")]
    [InlineData("/\0", "U+0000 at index 1")]
    [InlineData("/a b", "U+0020 at index 2")]
    [InlineData("/\u00E4", "U+00E4 at index 1")]
    [InlineData("", "empty")]
    public void A_Location_that_is_none_is_refused_and_not_repeated(string location, string message)
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => HttpResponse.Redirect(307, location));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Set-Cookie", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(304)]
    [InlineData(305)]
    public void Other_statuses_redirect_nobody(int status) => Assert.Throws<ArgumentOutOfRangeException>(() => HttpResponse.Redirect(status, "/"));

    [Fact]
    public void The_answer_to_HEAD_has_the_length_but_no_body_RFC9110_9_3_2()
    {
        string text = Written(HttpResponse.Text(200, "body"), omitBody: true);
        Assert.Contains("Content-Length: 4\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public void A_status_without_body_has_no_length_RFC9110_8_6(int status)
    {
        var response = new HttpResponse(status);
        Assert.DoesNotContain("Content-Length", Written(response), StringComparison.Ordinal);
        response.Body = new byte[1];
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<InvalidOperationException>(() => response.Write(output));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void An_empty_body_has_length_0() => Assert.Equal(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", Written(new HttpResponse(200)));

    [Theory]
    [InlineData("Upgrade", "Upgrade, close")]
    [InlineData("Close", "close")]
    [InlineData("", "close")]
    public void Connection_options_stand_beside_close_RFC9110_7_8(string given, string written)
    {
        var response = new HttpResponse(426) { Headers = { { "Connection", given } } };
        Assert.Equal([written], Heads.Response(Written(response)).Headers.GetValues("Connection"));
    }

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("transfer-encoding")]
    public void The_framing_is_not_the_callers_RFC9112_6_3(string name)
    {
        var response = new HttpResponse(200) { Headers = { { name, "1" } } };
        var output = new ArrayBufferWriter<byte>();
        Assert.Contains(name, Assert.Throws<InvalidOperationException>(() => response.Write(output)).Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, output.WrittenCount);
    }

    [Theory]
    [InlineData("OK\r\nA: b")]
    [InlineData("\n")]
    [InlineData("\0")]
    [InlineData("\u0100")]
    public void A_reason_cannot_break_out_of_its_line_RFC9112_4(string reason) =>
        Assert.Contains("ReasonPhrase", Assert.Throws<ArgumentException>(() => new HttpResponse(200) { ReasonPhrase = reason }).Message, StringComparison.Ordinal);

    [Fact]
    public void A_reason_is_written() =>
        Assert.StartsWith("HTTP/1.1 299 grün\r\n", Written(new HttpResponse(299) { ReasonPhrase = "grün" }), StringComparison.Ordinal);

    [Theory]
    [InlineData(101)]
    [InlineData(199)]
    [InlineData(600)]
    public void Only_final_statuses_are_taken_RFC9110_15(int status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpResponse(status));

    [Fact]
    public void Statuses_have_their_registered_text_or_none_RFC9110_15()
    {
        Assert.Equal("Request Header Fields Too Large", new HttpResponse(431).ReasonPhrase);
        Assert.Equal("HTTP Version Not Supported", new HttpResponse(505).ReasonPhrase);
        Assert.Equal("", new HttpResponse(599).ReasonPhrase);
        for (int status = 200; status < 600; status++)
        {
            Assert.Equal(status, Heads.Response(Written(new HttpResponse(status))).StatusCode);
        }
    }

    internal static string Written(HttpResponse response, bool omitBody = false)
    {
        var output = new ArrayBufferWriter<byte>();
        response.Write(output, omitBody);
        return Splits.Latin1(output.WrittenSpan);
    }
}
