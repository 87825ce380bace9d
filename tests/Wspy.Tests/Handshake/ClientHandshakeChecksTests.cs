using CsCheck;
using Wspy.Handshake;
using static Wspy.Tests.Handshake.Handshakes;

namespace Wspy.Tests.Handshake;

public class ClientHandshakeChecksTests
{
    [Theory]
    [InlineData("Upgrade", "Upgrade: WebSocket")]
    [InlineData("Connection", "connection: keep-alive, UPGRADE")]
    [InlineData("X", "Content-Length: 0")]
    public void Valid_responses_are_accepted_RFC6455_4_1(string name, string line) =>
        Assert.Equal("Accepted", JudgeResponse(Head("HTTP/1.1 101 x", ResponseLines.With(name, line))).Status);

    [Theory]
    [InlineData(200)]
    [InlineData(302)]
    [InlineData(401)]
    [InlineData(503)]
    public void Another_status_is_for_the_caller_RFC6455_4_1(int status)
    {
        string head = Head($"HTTP/1.1 {status} x", "Content-Length: 2");
        AssertFailed(head, HandshakeViolation.UnexpectedStatus, status, follows: "no");
    }

    [Fact]
    public void HTTP_1_0_cannot_switch_RFC9110_7_8() => AssertFailed(Head("HTTP/1.0 101 x", ResponseLines), HandshakeViolation.HttpVersionTooLow);

    [Theory]
    [InlineData("Content-Length: 5")]
    [InlineData("Transfer-Encoding: chunked")]
    public void A_switch_has_no_body_RFC9112_6_1(string line) => AssertFailed(Response(line), HandshakeViolation.UnexpectedBody);

    [Theory]
    [InlineData]
    [InlineData("Upgrade:")]
    [InlineData("Upgrade: h2c")]
    [InlineData("Upgrade: websocket, h2c")]
    [InlineData("Upgrade: web socket")]
    public void Upgrade_is_websocket_RFC6455_4_1(params string[] lines) =>
        AssertFailed(Head("HTTP/1.1 101 x", ResponseLines.With("Upgrade", lines)), HandshakeViolation.InvalidUpgrade);

    [Theory]
    [InlineData]
    [InlineData("Connection: close")]
    [InlineData("Connection: (, Upgrade")]
    public void Connection_has_Upgrade_RFC6455_4_1(params string[] lines) =>
        AssertFailed(Head("HTTP/1.1 101 x", ResponseLines.With("Connection", lines)), HandshakeViolation.InvalidConnection);

    [Theory]
    [InlineData]
    [InlineData("Sec-WebSocket-Accept:")]
    [InlineData("Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=")]
    [InlineData("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo")]
    [InlineData("Sec-WebSocket-Accept: " + Key)]
    public void Accept_is_the_answer_to_the_key_RFC6455_4_1(params string[] lines) =>
        AssertFailed(Head("HTTP/1.1 101 x", ResponseLines.With("Sec-WebSocket-Accept", lines)), HandshakeViolation.InvalidAccept);

    [Theory]
    [InlineData("Sec-WebSocket-Accept: " + Accept)]
    [InlineData("Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: a")]
    public void Headers_with_one_value_are_not_repeated_RFC6455_11_3(params string[] lines) =>
        AssertFailed(Response(lines), HandshakeViolation.RepeatedHeader);

    [Theory]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate")]
    [InlineData("Sec-WebSocket-Extensions: a; b=c, d")]
    public void No_extension_is_taken_that_was_not_offered_RFC6455_4_1(string line) => AssertFailed(Response(line), HandshakeViolation.UnofferedExtension);

    [Theory]
    [InlineData("Sec-WebSocket-Extensions:")]
    [InlineData("Sec-WebSocket-Extensions: a; b=\"c")]
    public void Extensions_follow_their_grammar_RFC6455_9_1(string line) => AssertFailed(Response(line), HandshakeViolation.InvalidExtensions);

    [Theory]
    [InlineData("", HandshakeViolation.InvalidSubprotocol)]
    [InlineData("a, b", HandshakeViolation.InvalidSubprotocol)]
    [InlineData("x", HandshakeViolation.UnrequestedSubprotocol)]
    [InlineData("A", HandshakeViolation.UnrequestedSubprotocol)]
    public void One_subprotocol_that_was_asked_for_is_taken_RFC6455_4_1(string value, HandshakeViolation reason) =>
        AssertFailed(Response("Sec-WebSocket-Protocol: " + value), reason);

    [Theory]
    [InlineData("HTTP/2.0 101 x\r\n", HttpViolation.UnsupportedVersion)]
    [InlineData("HTTP/1.1 101 x\n", HttpViolation.BareLf)]
    [InlineData("HTTP/1.1 101 x\r\nA: b\r\n c\r\n", HttpViolation.ObsoleteFolding)]
    [InlineData("<", HttpViolation.InvalidStatusLine)]
    public void A_malformed_head_is_refused_at_once_RFC9112_2(string text, HttpViolation violation)
    {
        HandshakeResult result = JudgeResponse(text + "more");
        Assert.Equal(new HandshakeResult("Failed", HandshakeViolation.InvalidHead, violation, text.Length, 0, ""), result);
    }

    [Fact]
    public void Limits_hold_for_responses_as_well()
    {
        string response = Response();
        Assert.Equal("Accepted", JudgeResponse(response, new() { MaxHeadSize = response.Length, MaxHeaderCount = 3 }).Status);
        Assert.Equal(HttpViolation.HeadTooLarge, JudgeResponse(response, new() { MaxHeadSize = response.Length - 1 }).HeadViolation);
        Assert.Equal(HttpViolation.TooManyHeaders, JudgeResponse(response, new() { MaxHeaderCount = 2 }).HeadViolation);
    }

    [Fact]
    public void Garbage_never_throws_and_is_never_taken_beyond_the_limit() =>
        Gen.Select(Gen.Int[0, Lines.Length - 1].Array[0, 10], Gen.Int[20, 400]).Sample((picks, size) =>
        {
            string text = "HTTP/1.1 101 x\r\n" + string.Concat(picks.Select(pick => Lines[pick] + "\r\n")) + "\r\n";
            return JudgeResponse(text, new() { MaxHeadSize = size, MaxHeaderCount = 8 }).Consumed <= size;
        });

    private static string[] Lines { get; } =
    [
        .. ResponseLines, "Sec-WebSocket-Protocol: a", "Sec-WebSocket-Extensions: b=", "Content-Length: 3", ": x", "X", "\n", "Connection: \0",
    ];

    private static void AssertFailed(string response, HandshakeViolation reason, int status = 101, string follows = "\u0081\u0000")
    {
        var options = new ClientHandshakeOptions { Subprotocols = ["a", "b"] };
        Assert.Equal(new HandshakeResult("Failed", reason, HttpViolation.None, response.Length, status, ""), JudgeResponse(response + follows, options));
    }
}
