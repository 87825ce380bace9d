using System.Diagnostics;
using CsCheck;
using Wspy.Handshake;
using Wspy.Tests.Http;
using static Wspy.Tests.Handshake.Handshakes;

namespace Wspy.Tests.Handshake;

public class ServerHandshakeChecksTests
{
    // RFC 6455 §4.2.1: reading the client's opening handshake

    [Fact]
    public void A_request_for_an_upgrade_leaves_what_follows_RFC6455_4_2_1()
    {
        string request = Request("Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Extensions: a; b, c", "Sec-WebSocket-Protocol: x");
        Assert.Equal(
            new HandshakeResult("Upgrade", HandshakeViolation.None, HttpViolation.None, request.Length, 0, "chat,superchat,x|a; b,c"),
            Judge(request + "\u0081\u0005Hello"));
    }

    [Theory]
    [InlineData("Upgrade", "Upgrade: WebSocket")]
    [InlineData("Upgrade", "Upgrade: h2c/1, WEBSOCKET")]
    [InlineData("Upgrade", "Upgrade: h2c", "Upgrade: , websocket")]
    [InlineData("Connection", "Connection: keep-alive, upgrade")]
    [InlineData("Connection", "Connection: keep-alive", "Connection: UPGRADE")]
    [InlineData("Host", "host: EXAMPLE.com:8080")]
    [InlineData("Host", "Host: [::1]:8080")]
    [InlineData("X", "Content-Length: 0")]
    public void Lists_and_names_are_understood_as_HTTP_writes_them_RFC9110_5(string name, params string[] lines) =>
        Assert.Equal("Upgrade", Judge(Head("GET /chat HTTP/1.1", RequestLines.With(name, lines))).Status);

    [Theory]
    [InlineData("GET http://other/chat HTTP/1.1")]
    [InlineData("GET ws://other:1/chat?x HTTP/1.1")]
    [InlineData("GET / HTTP/1.2")]
    public void Absolute_targets_and_higher_minor_versions_are_understood_RFC6455_4_1(string first) =>
        Assert.Equal("Upgrade", Judge(Head(first, RequestLines)).Status);

    [Theory]
    [InlineData("POST", 405)]
    [InlineData("get", 405)]
    [InlineData("HEAD", 405)]
    public void The_method_is_GET_RFC6455_4_2_1(string method, int status)
    {
        string request = Head(method + " /chat HTTP/1.1", RequestLines);
        AssertRefused(request, HandshakeViolation.MethodNotAllowed, status);
        HttpResponse response = Receive(request).Refusal!.Response;
        Assert.Equal("GET", response.Headers["Allow"]);
        Assert.Equal(method == "HEAD", response.Body.IsEmpty);
    }

    [Fact]
    public void The_version_is_1_1_or_higher_RFC6455_4_2_1() =>
        AssertRefused(Head("GET / HTTP/1.0", RequestLines), HandshakeViolation.HttpVersionTooLow, 505);

    [Theory]
    [InlineData]
    [InlineData("Host: a", "Host: a")]
    [InlineData("Host:")]
    [InlineData("Host: a b")]
    [InlineData("Host: a/b")]
    [InlineData("Host: user@a")]
    [InlineData("Host: a:99999")]
    [InlineData("Host: a, b")]
    public void There_is_exactly_one_valid_Host_RFC9112_3_2(params string[] lines)
    {
        AssertRefused(Head("GET / HTTP/1.1", RequestLines.With("Host", lines)), HandshakeViolation.InvalidHost, 400);
        AssertRefused(Head("GET http://a/ HTTP/1.1", RequestLines.With("Host", lines)), HandshakeViolation.InvalidHost, 400);
        AssertRefused(Head("GET / HTTP/1.1", lines), HandshakeViolation.InvalidHost, 400);
    }

    [Theory]
    [InlineData]
    [InlineData("Upgrade:")]
    [InlineData("Upgrade: h2c")]
    [InlineData("Upgrade: websocket/13")]
    [InlineData("Upgrade: websockets")]
    public void Without_websocket_in_Upgrade_it_is_a_plain_request_RFC6455_4_2_1(params string[] lines) =>
        Assert.Equal("PlainRequest", Judge(Head("GET / HTTP/1.1", RequestLines.With("Upgrade", lines))).Status);

    [Theory]
    [InlineData("Upgrade: web socket")]
    [InlineData("Upgrade: websocket, h2c/")]
    [InlineData("Upgrade: websocket, /1")]
    [InlineData("Upgrade: websocket, a/b/c")]
    [InlineData("Upgrade: \"websocket\"")]
    public void A_malformed_Upgrade_is_refused_RFC9110_7_8(string line) =>
        AssertRefused(Head("GET / HTTP/1.1", RequestLines.With("Upgrade", line)), HandshakeViolation.InvalidUpgrade, 400);

    [Theory]
    [InlineData]
    [InlineData("Connection:")]
    [InlineData("Connection: keep-alive")]
    [InlineData("Connection: keep alive, Upgrade")]
    [InlineData("Connection: Upgrade, a/b")]
    [InlineData("Connection: Upgrades")]
    public void Connection_has_Upgrade_RFC6455_4_2_1(params string[] lines) =>
        AssertRefused(Head("GET / HTTP/1.1", RequestLines.With("Connection", lines)), HandshakeViolation.InvalidConnection, 400);

    [Theory]
    [InlineData]
    [InlineData("Sec-WebSocket-Version:")]
    [InlineData("Sec-WebSocket-Version: 8")]
    [InlineData("Sec-WebSocket-Version: 013")]
    [InlineData("Sec-WebSocket-Version: 13, 8")]
    [InlineData("Sec-WebSocket-Version: thirteen")]
    public void Another_version_is_told_which_one_is_spoken_RFC6455_4_4(params string[] lines)
    {
        string request = Head("GET / HTTP/1.1", RequestLines.With("Sec-WebSocket-Version", lines));
        AssertRefused(request, HandshakeViolation.UnsupportedVersion, 426);
        HttpResponseHead response = Heads.Response(Written(output => Receive(request).Refusal!.Response.Write(output)));
        Assert.Equal("13", response.Headers["Sec-WebSocket-Version"]);
        Assert.Equal("websocket", response.Headers["Upgrade"]);
        Assert.Equal("Upgrade, close", response.Headers["Connection"]);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 13")]
    [InlineData("Sec-WebSocket-Key: " + Key)]
    [InlineData("Origin: http://example.com", "Origin: http://example.com")]
    public void Headers_with_one_value_are_not_repeated_RFC6455_11_3(params string[] lines) =>
        AssertRefused(Request(lines), HandshakeViolation.RepeatedHeader, 400);

    [Theory]
    [InlineData]
    [InlineData("Sec-WebSocket-Key:")]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==")]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ")]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWE=")]
    [InlineData("Sec-WebSocket-Key: " + Key + ", " + Key)]
    public void The_key_is_16_bytes_in_base64_RFC6455_4_2_1(params string[] lines) =>
        AssertRefused(Head("GET / HTTP/1.1", RequestLines.With("Sec-WebSocket-Key", lines)), HandshakeViolation.InvalidKey, 400);

    [Theory]
    [InlineData("Sec-WebSocket-Protocol:")]
    [InlineData("Sec-WebSocket-Protocol: ,")]
    [InlineData("Sec-WebSocket-Protocol: a b")]
    [InlineData("Sec-WebSocket-Protocol: a, b, a")]
    [InlineData("Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: a")]
    [InlineData("Sec-WebSocket-Protocol: a/b")]
    [InlineData("Sec-WebSocket-Protocol: ä")]
    public void Subprotocols_are_different_tokens_RFC6455_4_1(params string[] lines) =>
        AssertRefused(Request(lines), HandshakeViolation.InvalidSubprotocol, 400);

    [Theory]
    [InlineData("Sec-WebSocket-Extensions:")]
    [InlineData("Sec-WebSocket-Extensions: a;")]
    [InlineData("Sec-WebSocket-Extensions: a", "Sec-WebSocket-Extensions: b; c=\"d e\"")]
    public void Extensions_follow_their_grammar_RFC6455_9_1(params string[] lines) =>
        AssertRefused(Request(lines), HandshakeViolation.InvalidExtensions, 400);

    // RFC 9112 §6: smuggling

    [Theory]
    [InlineData("Content-Length: 1")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("Transfer-Encoding: identity")]
    public void An_upgrade_has_no_body_RFC9112_6(string line) => AssertRefused(Request(line), HandshakeViolation.UnexpectedBody, 400);

    [Theory]
    [InlineData("Content-Length: 0\r\nTransfer-Encoding: chunked", HttpViolation.InvalidFraming)]
    [InlineData("Content-Length: 0\r\nContent-Length: 0", HttpViolation.InvalidFraming)]
    [InlineData("Transfer-Encoding : chunked", HttpViolation.WhitespaceBeforeColon)]
    [InlineData("X: y\nTransfer-Encoding: chunked", HttpViolation.BareLf)]
    [InlineData("X: y\r\n Transfer-Encoding: chunked", HttpViolation.ObsoleteFolding)]
    public void What_two_parsers_would_read_differently_is_refused_RFC9112_11_2(string line, HttpViolation violation)
    {
        HandshakeResult result = Judge(Request(line) + "GET /smuggled HTTP/1.1\r\n\r\n");
        Assert.Equal((HandshakeViolation.InvalidHead, violation, 400), (result.Reason, result.HeadViolation, result.StatusCode));
    }

    [Fact]
    public void A_fragment_in_the_target_is_refused_RFC6455_3() =>
        Assert.Equal(HttpViolation.InvalidTarget, Judge(Head("GET /chat#x HTTP/1.1", RequestLines)).HeadViolation);

    // RFC 6455 §4.2.2: locations and origins

    [Theory]
    [InlineData("/chat", "example.com", true)]
    [InlineData("/chat?room=1", "example.com", true)]
    [InlineData("/Chat", "example.com", false)]
    [InlineData("/chat/", "example.com", false)]
    [InlineData("/ch%61t", "example.com", false)]
    [InlineData("/", "example.com", false)]
    [InlineData("/news", "NEWS.example.com:80", true)]
    [InlineData("/news", "example.com", false)]
    [InlineData("http://news.example.com/news", "example.com", true)]
    public void Only_what_is_served_is_found_RFC6455_4_2_2(string target, string host, bool served)
    {
        var options = new ServerHandshakeOptions { AllowedLocations = ["/chat", "ws://news.example.com/news"] };
        string request = Head($"GET {target} HTTP/1.1", RequestLines.With("Host", "Host: " + host));
        Assert.Equal("Upgrade", Judge(request).Status);
        HandshakeResult result = Judge(request, options);
        Assert.Equal(served ? ("Upgrade", HandshakeViolation.None, 0) : ("Refused", HandshakeViolation.UnknownLocation, 404), (result.Status, result.Reason, result.StatusCode));
    }

    [Theory]
    [InlineData("http://example.com", "Upgrade")]
    [InlineData("https://evil.example", "Refused")]
    [InlineData("null", "Refused")]
    public void By_default_pages_come_from_the_same_host_RFC6455_10_2(string origin, string status)
    {
        HandshakeResult result = Judge(Request("Origin: " + origin));
        Assert.Equal((status, status == "Refused" ? 403 : 0), (result.Status, result.StatusCode));
        Assert.Equal(status == "Refused" ? HandshakeViolation.OriginNotAllowed : HandshakeViolation.None, result.Reason);
    }

    [Fact]
    public void An_origin_can_be_required_RFC6455_10_2()
    {
        var options = new ServerHandshakeOptions { AllowedOrigins = ["*"], RequireOrigin = true };
        Assert.Equal("Upgrade", Judge(Request("Origin: anything"), options).Status);
        AssertRefused(Request(), HandshakeViolation.OriginRequired, 403, options);
    }

    // Limits

    [Fact]
    public void A_head_of_the_limit_passes_and_one_byte_more_does_not_RFC6585_5()
    {
        string request = Request();
        Assert.Equal("Upgrade", Judge(request, new() { MaxHeadSize = request.Length }).Status);
        HandshakeResult result = Judge(request, new() { MaxHeadSize = request.Length - 1 });
        Assert.Equal((HttpViolation.HeadTooLarge, 431, request.Length - 1), (result.HeadViolation, result.StatusCode, result.Consumed));
        Assert.Contains("exceeds 1,000 bytes", Receive(Request("A: " + new string('a', 1000)), new() { MaxHeadSize = 1000 }).Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_of_the_limit_pass_and_one_more_does_not_RFC6585_5()
    {
        Assert.Equal("Upgrade", Judge(Request(), new() { MaxHeaderCount = RequestLines.Length }).Status);
        HandshakeResult result = Judge(Request(), new() { MaxHeaderCount = RequestLines.Length - 1 });
        Assert.Equal((HttpViolation.TooManyHeaders, 431), (result.HeadViolation, result.StatusCode));
    }

    [Fact]
    public void Each_violation_of_the_head_is_described()
    {
        HashSet<string> messages = [];
        foreach (HttpViolation violation in Enum.GetValues<HttpViolation>().Skip(1))
        {
            Assert.True(messages.Add(HandshakeRules.Describe(violation, "request", 1, 1)), violation.ToString());
        }
    }

    /// <summary>At this size quadratic time would be 10^11 comparisons and more: minutes.</summary>
    [Theory]
    [InlineData("Sec-WebSocket-Protocol: ", "")]
    [InlineData("Sec-WebSocket-Extensions: ", "; a=\"\\b\"")]
    [InlineData("Upgrade: ", "")]
    [InlineData("Connection: ", "")]
    [InlineData("Origin: http://", "")]
    [InlineData("Sec-WebSocket-Key: ", "")]
    public void Hostile_values_take_linear_time(string start, string suffix)
    {
        string value = start + string.Join(',', Enumerable.Range(0, 500_000).Select(i => $"x{i}{suffix}"));
        var clock = Stopwatch.StartNew();
        ServerHandshake handshake = Receive(Request(value), new() { MaxHeadSize = int.MaxValue });
        Assert.NotNull(handshake.Request);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30));
    }

    // Properties

    [Fact]
    public void Garbage_never_throws_and_is_never_taken_beyond_the_limit() =>
        Gen.Select(Gen.Int[0, Lines.Length - 1].Array[0, 10], Gen.Int[20, 400]).Sample((picks, size) =>
        {
            string text = "GET / HTTP/1.1\r\n" + string.Concat(picks.Select(pick => Lines[pick] + "\r\n")) + "\r\n";
            return Judge(text, new() { MaxHeadSize = size, MaxHeaderCount = 8 }).Consumed <= size;
        });

    private static string[] Lines { get; } =
    [
        .. RequestLines, "Sec-WebSocket-Protocol: a", "Sec-WebSocket-Extensions: b", "Origin: null", "Content-Length: 3", ": x", "X", "\n", "Connection: \0",
    ];

    private static void AssertRefused(string request, HandshakeViolation reason, int statusCode, ServerHandshakeOptions? options = null)
    {
        const string Smuggled = "GET /smuggled HTTP/1.1\r\n\r\n";
        HandshakeResult result = Judge(request + Smuggled, options);
        Assert.Equal(new HandshakeResult("Refused", reason, HttpViolation.None, request.Length, statusCode, result.Details), result);
        HandshakeRefusal refusal = Receive(request, options).Refusal!;
        HttpResponseHead response = Heads.Response(Written(output => refusal.Response.Write(output)));
        Assert.Contains("close", response.Headers["Connection"]!, StringComparison.Ordinal);
        Assert.Equal(statusCode, response.StatusCode);
        Assert.False(string.IsNullOrEmpty(refusal.Message));
    }
}
