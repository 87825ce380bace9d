using System.Buffers;
using CsCheck;
using Wspy.Handshake;
using Wspy.Tests.Http;
using static Wspy.Tests.Handshake.Handshakes;

namespace Wspy.Tests.Handshake;

public class ClientHandshakeTests
{
    // RFC 6455 §4.1: the request

    [Fact]
    public void The_request_of_the_example_RFC6455_1_3()
    {
        var options = new ClientHandshakeOptions
        {
            Origin = "http://example.com",
            Subprotocols = ["chat", "superchat"],
            Headers = new() { { "Cookie", "a=b" } },
        };
        Assert.Equal(
            "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\nCookie: a=b\r\n\r\n",
            Written(new ClientHandshake(new Uri("ws://server.example.com/chat"), options, Key).WriteRequest));
    }

    [Fact]
    public void Each_handshake_has_a_fresh_key_RFC6455_4_1()
    {
        string[] keys = [.. Enumerable.Range(0, 100).Select(_ =>
            Heads.Request(Written(new ClientHandshake(new Uri("ws://h"), new()).WriteRequest)).Headers["Sec-WebSocket-Key"]!)];
        Assert.Equal(100, keys.Distinct().Count());
    }

    [Fact]
    public void Host_can_be_overridden()
    {
        var handshake = new ClientHandshake(new Uri("ws://127.0.0.1:8080/"), new() { Headers = new() { { "A", "b" }, { "host", "example.com" } } });
        HttpRequestHead request = Heads.Request(Written(handshake.WriteRequest));
        Assert.Equal(["example.com"], request.Headers.GetValues("Host"));
        Assert.Equal("example.com", handshake.Host);
        Assert.Equal("b", request.Headers["A"]);
    }

    // RFC 6455 §4.1: the response

    [Fact]
    public void The_answer_of_the_example_leaves_what_follows_RFC6455_1_3()
    {
        string response = Response("Sec-WebSocket-Protocol: chat");
        Assert.Equal(
            new HandshakeResult("Accepted", HandshakeViolation.None, HttpViolation.None, response.Length, 101, "chat"),
            JudgeResponse(response + "\u0081\u0005Hello", new() { Subprotocols = ["x", "chat"] }));
    }

    [Fact]
    public void Interim_responses_are_skipped_up_to_a_bound_RFC9110_15_2()
    {
        string[] interim = ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"];
        Assert.Equal("Accepted", JudgeResponse(string.Concat(interim) + Response()).Status);
        string ten = string.Concat(Enumerable.Repeat(interim[0], 10));
        Assert.Equal("Accepted", JudgeResponse(ten + Response()).Status);
        HandshakeResult result = JudgeResponse(ten + interim[0] + Response());
        Assert.Equal((HandshakeViolation.TooManyInterimResponses, ten.Length + interim[0].Length), (result.Reason, result.Consumed));
    }

    [Fact]
    public void An_interim_response_alone_is_not_the_end()
    {
        var handshake = new ClientHandshake(new Uri("ws://h"), new());
        ReadOnlySpan<byte> input = "HTTP/1.1 102 Processing\r\n\r\n"u8;
        Assert.Equal(ClientHandshakeStatus.NeedMoreData, handshake.Receive(ref input));
        Assert.True(input.IsEmpty);
        Assert.Null(handshake.Response);
    }

    [Fact]
    public void The_final_status_stays_and_takes_nothing_more()
    {
        foreach (string response in new[] { Response(), Response("X"), Head("HTTP/1.1 200 OK") })
        {
            var handshake = new ClientHandshake(new Uri("ws://h"), new(), Key);
            ReadOnlySpan<byte> input = Splits.Latin1(response + "x");
            ClientHandshakeStatus status = handshake.Receive(ref input);
            Assert.NotEqual(ClientHandshakeStatus.NeedMoreData, status);
            int left = input.Length;
            Assert.InRange(left, 1, 3);
            Assert.Equal(status, handshake.Receive(ref input));
            Assert.Equal(left, input.Length);
        }
    }

    [Fact]
    public void Arguments_are_needed()
    {
        Assert.Throws<ArgumentNullException>("uri", () => new ClientHandshake(null!, new()));
        Assert.Throws<ArgumentNullException>("options", () => new ClientHandshake(new Uri("ws://h"), null!));
        Assert.Throws<ArgumentNullException>("output", () => new ClientHandshake(new Uri("ws://h"), new()).WriteRequest(null!));
    }

    // Both roles together

    [Fact]
    public void Client_and_server_understand_each_other() =>
        Gen.Select(HttpHeadParserTests.Names.Array[0, 4], HttpHeadParserTests.Names.Array[0, 4], HttpHeadParserTests.Values).Sample((asked, served, value) =>
        {
            string[] ours = [.. asked.Distinct().Take(2), .. served.Except(asked).Distinct()];
            var client = new ClientHandshake(
                new Uri("ws://example.com:8080/a%20b?c"), new() { Subprotocols = [.. asked.Distinct()], Headers = new() { { "X", value } }, Origin = "http://example.com:8080" });
            var server = new ServerHandshake(new() { Subprotocols = ours });
            ReadOnlySpan<byte> input = Splits.Latin1(Written(client.WriteRequest));
            Assert.Equal(ServerHandshakeStatus.Upgrade, server.Receive(ref input));
            Assert.Equal(value, server.Request!.Headers["X"]);
            Assert.Equal("/a%20b", server.Request.Path);
            string? chosen = null;
            input = Splits.Latin1(Written(output => chosen = server.Accept(output, headers: new() { { "Y", value } })));
            Assert.Equal(ClientHandshakeStatus.Accepted, client.Receive(ref input));
            Assert.Equal(value, client.Response!.Headers["Y"]);
            Assert.Equal(asked.FirstOrDefault(), chosen);
            Assert.Equal(chosen, client.Subprotocol);
        });
}
