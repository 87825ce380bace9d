using System.Buffers;
using Wspy.Handshake;
using Wspy.Tests.Http;
using static Wspy.Tests.Handshake.Handshakes;

namespace Wspy.Tests.Handshake;

public class ServerHandshakeTests
{
    // RFC 6455 §4.2.2: sending the server's opening handshake

    [Fact]
    public void The_answer_to_the_example_of_RFC6455_1_3()
    {
        ServerHandshake handshake = Receive(Request("Sec-WebSocket-Protocol: chat, superchat"), new() { Subprotocols = ["superchat", "chat"] });
        string? chosen = null;
        Assert.Equal(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
            Written(output => chosen = handshake.Accept(output)));
        Assert.Equal("chat", chosen);
    }

    [Theory]
    [InlineData("b, a", "a,b", "b")]
    [InlineData("x, a", "a,b", "a")]
    [InlineData("x", "a,b", null)]
    [InlineData("A", "a", null)]
    [InlineData("a", "", null)]
    [InlineData(null, "a", null)]
    public void The_clients_preference_decides_among_ours_RFC6455_4_2_2(string? asked, string ours, string? chosen)
    {
        var options = new ServerHandshakeOptions { Subprotocols = ours.Split(',', StringSplitOptions.RemoveEmptyEntries) };
        ServerHandshake handshake = Receive(asked is null ? Request() : Request("Sec-WebSocket-Protocol: " + asked), options);
        string text = Written(output => Assert.Equal(chosen, handshake.Accept(output)));
        Assert.Equal(chosen, Heads.Response(text).Headers["Sec-WebSocket-Protocol"]);
    }

    [Theory]
    [InlineData("b", "b")]
    [InlineData(null, null)]
    public void A_selector_decides_instead(string? selected, string? chosen)
    {
        ServerHandshake handshake = Receive(Request("Sec-WebSocket-Protocol: a, b"), new()
        {
            Subprotocols = ["a"],
            SubprotocolSelector = (request, names) =>
            {
                Assert.Equal("/chat", request.Path);
                Assert.Equal(["a", "b"], names);
                return selected;
            },
        });
        Assert.Equal(chosen, handshake.Accept(new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void A_selector_is_not_asked_when_the_client_asks_for_none() =>
        Assert.Null(Receive(Request(), new() { SubprotocolSelector = (_, _) => "x" }).Accept(new ArrayBufferWriter<byte>()));

    [Fact]
    public void A_selector_cannot_choose_what_is_not_asked_for_RFC6455_4_2_2()
    {
        ServerHandshake handshake = Receive(Request("Sec-WebSocket-Protocol: a"), new() { SubprotocolSelector = (_, _) => "x" });
        var output = new ArrayBufferWriter<byte>();
        Assert.Contains("SubprotocolSelector", Assert.Throws<InvalidOperationException>(() => handshake.Accept(output)).Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal("a", handshake.Accept(output, "a"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("A")]
    [InlineData("")]
    [InlineData("a\r\nX: y")]
    public void Only_what_the_client_asks_for_can_be_chosen_RFC6455_4_2_2(string subprotocol)
    {
        ServerHandshake handshake = Receive(Request("Sec-WebSocket-Protocol: a"), new() { Subprotocols = ["x"] });
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(nameof(subprotocol), () => handshake.Accept(output, subprotocol));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Further_headers_are_sent()
    {
        string text = Written(output => Receive(Request()).Accept(output, headers: new() { { "Set-Cookie", "a=b" }, { "Server", "x" } }));
        Assert.EndsWith("Set-Cookie: a=b\r\nServer: x\r\n\r\n", text, StringComparison.Ordinal);
        Assert.Equal("Accepted", JudgeResponse(text).Status);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Accept")]
    [InlineData("sec-websocket-anything")]
    [InlineData("UPGRADE")]
    [InlineData("Connection")]
    [InlineData("Content-Length")]
    [InlineData("Transfer-Encoding")]
    public void The_handshakes_own_headers_are_not_the_callers_RFC6455_4_2_2(string name)
    {
        var output = new ArrayBufferWriter<byte>();
        ArgumentException exception = Assert.Throws<ArgumentException>("headers", () => Receive(Request()).Accept(output, headers: new() { { name, "x" } }));
        Assert.Contains(name, exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    // States

    [Fact]
    public void Accepting_is_for_upgrades_and_once()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<InvalidOperationException>(() => new ServerHandshake(new()).Accept(output));
        Assert.Throws<InvalidOperationException>(() => Receive(Head("GET / HTTP/1.1", "Host: x")).Accept(output));
        Assert.Throws<InvalidOperationException>(() => Receive(Request("Content-Length: 1")).Accept(output));
        Assert.Equal(0, output.WrittenCount);
        ServerHandshake handshake = Receive(Request());
        handshake.Accept(output);
        Assert.Throws<InvalidOperationException>(() => handshake.Accept(output));
        Assert.Throws<ArgumentNullException>(() => handshake.Accept(null!));
    }

    [Fact]
    public void The_final_status_stays_and_takes_nothing_more()
    {
        foreach (string request in new[] { Request(), Request("X"), Head("GET / HTTP/1.1", "Host: x") })
        {
            ServerHandshake handshake = Receive(request);
            ReadOnlySpan<byte> input = Splits.Latin1(Request());
            ServerHandshakeStatus status = handshake.Receive(ref input);
            Assert.NotEqual(ServerHandshakeStatus.NeedMoreData, status);
            Assert.Equal(Request().Length, input.Length);
            Assert.Equal(status, handshake.Receive(ref input));
        }
    }

    [Fact]
    public void Options_are_needed() => Assert.Throws<ArgumentNullException>(() => new ServerHandshake(null!));

    // Plain requests

    [Theory]
    [InlineData("GET / HTTP/1.0")]
    [InlineData("GET /health HTTP/1.1", "Host: x")]
    [InlineData("HEAD / HTTP/1.1", "Host: x")]
    [InlineData("POST / HTTP/1.1", "Host: x", "Content-Length: 5")]
    public void A_request_without_upgrade_is_for_the_application(string first, params string[] lines)
    {
        string request = Head(first, lines);
        Assert.Equal(new HandshakeResult("PlainRequest", HandshakeViolation.None, HttpViolation.None, request.Length, 0, "|"), Judge(request + "body"));
    }

    [Fact]
    public void UpgradeRequired_says_what_is_spoken_here_RFC9110_15_5_22()
    {
        Assert.NotSame(ServerHandshake.UpgradeRequired, ServerHandshake.UpgradeRequired);
        HttpResponseHead response = Heads.Response(Written(output => ServerHandshake.UpgradeRequired.Write(output)));
        Assert.Equal(426, response.StatusCode);
        Assert.Equal("websocket", response.Headers["Upgrade"]);
        Assert.Equal("Upgrade, close", response.Headers["Connection"]);
        Assert.Equal("13", response.Headers["Sec-WebSocket-Version"]);
    }

    [Fact]
    public void Nothing_that_the_peer_sent_is_repeated_in_a_refusal()
    {
        string text = Written(output => Receive(Request("Origin: http://needle")).Refusal!.Response.Write(output));
        Assert.DoesNotContain("needle", text, StringComparison.Ordinal);
    }
}
