using System.Buffers;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>Pings and pongs (RFC 6455 §5.5.2, §5.5.3) and the body of the peer's Close frame (§5.5.1).</summary>
public class WebSocketProtocolControlTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(124)]
    [InlineData(125)]
    public void Section_5_5_2_a_ping_is_answered_with_its_own_payload(int length)
    {
        string payload = new('p', length);
        Assert.Equal([$"Ping '{payload}'", $"> Pong '{payload}'"], Conversation.Receive(w => w.Ping(payload)).Events);
    }

    [Fact]
    public void Section_5_5_2_a_shorter_ping_after_a_longer_one_brings_nothing_of_it_back() =>
        Assert.Equal(["Ping 'a long payload'", "> Pong 'a long payload'", "Ping 'x'", "> Pong 'x'"], Conversation.Receive(w => [.. w.Ping("a long payload"), .. w.Ping("x")]).Events);

    [Fact]
    public void Section_5_5_3_a_pong_that_nobody_asked_for_is_no_error() =>
        Assert.Equal(["Pong ''", "Pong 'heartbeat'", "Text 'a'"], Conversation.Receive(w => [.. w.Pong(), .. w.Pong("heartbeat"), .. w.Text("a")]).Events);

    [Fact]
    public void Section_5_5_3_of_several_pings_only_the_latest_is_answered()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        byte[] input = [.. wire.Ping("one and longer"), .. wire.Ping("two"), .. wire.Ping("3")];
        Span<byte> rest = input;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ProtocolEventKind.Ping, engine.Read(ref rest).Kind);
            Assert.True(engine.HasPendingOutput);
        }

        Assert.Equal(["Pong '3'"], Pending(engine));
        Assert.Empty(Pending(engine));
        Assert.False(engine.HasPendingOutput);
    }

    [Fact]
    public void Section_5_5_2_pings_are_not_answered_after_this_end_closed() =>
        Assert.Equal(["> Close 1000 ''", "Ping 'a'", "Text 'b'"], Conversation.Receive(w => [.. w.Ping("a"), .. w.Text("b")], before: static (engine, output) => engine.WriteClose(output, CloseCode.NormalClosure)).Events);

    [Fact]
    public void Nothing_is_answered_when_the_answers_are_the_callers_duty()
    {
        EventLog log = Conversation.Receive(w => [.. w.Ping("a"), .. w.Close(1000)], new ProtocolOptions { AnswersControlFrames = false });
        Assert.Equal(["Ping 'a'", "Close 1000 ''"], log.Events);
        Assert.Equal("None LocalClose", log.Expectations);
        Assert.False(log.Info.WasClean);
    }

    [Fact]
    public void The_caller_can_answer_a_close_by_itself()
    {
        foreach (WebSocketRole role in (WebSocketRole[])[WebSocketRole.Client, WebSocketRole.Server])
        {
            using var engine = new WebSocketProtocol(role, new ProtocolOptions { AnswersControlFrames = false });
            Span<byte> input = Conversation.Peer(role).Close(4000, "why");
            Assert.Equal(ProtocolEventKind.Close, engine.Read(ref input).Kind);
            Assert.True(engine.CanSend);
            var output = new ArrayBufferWriter<byte>();
            engine.WriteFrame(output, Opcode.Text, "last words"u8);
            Assert.True(engine.WriteClose(output, (CloseCode)4001));
            Assert.Equal(role == WebSocketRole.Server ? CloseExpectation.Now : CloseExpectation.EndOfStream, engine.CloseExpectation);
            Assert.Equal(new CloseInfo { Code = (CloseCode)4000, Reason = "why", Initiator = CloseInitiator.Peer, WasClean = true }, engine.GetCloseInfo());
        }
    }

    [Fact]
    public void Section_5_5_1_a_close_without_a_body_is_answered_without_one_and_means_1005()
    {
        EventLog log = Conversation.Receive(w => w.Close());
        Assert.Equal(["Close", "> Close"], log.Events);
        Assert.Equal(new CloseInfo { Code = CloseCode.NoStatusReceived, Initiator = CloseInitiator.Peer, WasClean = true }, log.Info);
    }

    [Fact]
    public void Section_5_5_1_a_close_with_a_body_of_one_byte_fails()
    {
        Fails(w => w.Frame(Opcode.Close, [3]), new Violation(ProtocolViolation.ClosePayloadOfOneByte), 1002);
    }

    [Fact]
    public void Section_7_4_every_code_is_taken_or_refused_as_the_registry_says()
    {
        IEnumerable<int> sampled = Enumerable.Range(0, 5001).Where(code => code % 97 == 0)
            .Concat([1, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016, 2999, 3000, 3999, 4000, 4999, 5000, 65535]);
        foreach (int code in sampled)
        {
            if (code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999))
            {
                EventLog log = Conversation.Receive(WebSocketRole.Server, w => w.Close(code, "r"));
                Assert.Equal([$"Close {code} 'r'", $"> Close {code} 'r'"], log.Events);
                Assert.Equal(new CloseInfo { Code = (CloseCode)code, Reason = "r", Initiator = CloseInitiator.Peer, WasClean = true }, log.Info);
            }
            else
            {
                FrameRulesTests.Fails(WebSocketRole.Server, w => w.Close(code, "r"), new Violation(ProtocolViolation.InvalidCloseCode, code), 1002);
            }
        }
    }

    [Fact]
    public void Section_5_5_1_reasons_of_0_to_123_bytes_arrive()
    {
        for (int length = 0; length <= 123; length++)
        {
            string reason = length >= 2 ? "é" + new string('r', length - 2) : new string('r', length);
            using var engine = new WebSocketProtocol(WebSocketRole.Server);
            byte[] frame = Conversation.Peer(WebSocketRole.Server).Close(1000, reason);
            Span<byte> rest = frame;
            ProtocolEvent received = engine.Read(ref rest);
            Assert.Equal((ProtocolEventKind.Close, length + 2), (received.Kind, received.Payload.Length));
            Assert.Equal(reason, engine.GetCloseInfo().Reason);
        }

        string longest = string.Concat(Enumerable.Repeat("€", 41));
        EventLog log = Conversation.Receive(w => w.Close(1001, longest));
        Assert.Equal([$"Close 1001 '{longest}'", $"> Close 1001 '{longest}'"], log.Events);
        Assert.Equal(longest, log.Info.Reason);
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("61 C3")]
    [InlineData("C3 28")]
    [InlineData("ED A0 80")]
    public void Section_5_5_1_a_reason_that_is_not_UTF_8_fails_with_1007(string hex)
    {
        byte[] reason = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Fails(w => w.Close(1000, reason), new Violation(ProtocolViolation.InvalidCloseReason), 1007);
    }

    [Fact]
    public void Poisoned_memory_of_the_pool_never_appears_on_the_wire()
    {
        // Pool memory full of a mark, of the sizes that the engine and the writer below rent.
        byte[][] marked = [.. Enumerable.Range(0, 16).Select(_ => ArrayPool<byte>.Shared.Rent(1024)), .. Enumerable.Range(0, 16).Select(_ => ArrayPool<byte>.Shared.Rent(256))];
        foreach (byte[] array in marked)
        {
            array.AsSpan().Fill(0xDD);
            ArrayPool<byte>.Shared.Return(array);
        }

        foreach (WebSocketRole role in (WebSocketRole[])[WebSocketRole.Client, WebSocketRole.Server])
        {
            using var engine = new WebSocketProtocol(role);
            using var output = new Wspy.Buffers.PooledBuffer();
            Wire wire = Conversation.Peer(role);
            for (int length = 0; length <= 123; length++)
            {
                string text = new('a', length);
                byte[] input = [.. wire.Text(text[..(length / 2)], fin: false), .. wire.Ping(text), .. wire.More(text[(length / 2)..])];
                Span<byte> rest = input;
                Assert.Equal(ProtocolEventKind.Ping, engine.Read(ref rest).Kind);
                engine.WritePending(output);
                ProtocolEvent message = engine.Read(ref rest);
                Assert.Equal(length, message.Payload.Length);
                Assert.False(message.Payload.ContainsAnyExcept((byte)'a'));
                Assert.Equal([$"Pong '{text}'"], Conversation.Decode(output.WrittenSpan, role).Select(Conversation.Describe));
                output.Clear();

                using var closing = new WebSocketProtocol(role);
                Assert.True(closing.WriteClose(output, CloseCode.GoingAway, text));
                Assert.Equal([$"Close 1001 '{text}'"], Conversation.Decode(output.WrittenSpan, role).Select(Conversation.Describe));
                output.Clear();
            }
        }
    }

    private static void Fails(Func<Wire, byte[]> script, Violation expected, int code)
    {
        FrameRulesTests.Fails(WebSocketRole.Server, script, expected, code);
        FrameRulesTests.Fails(WebSocketRole.Client, script, expected, code);
    }

    private static string[] Pending(WebSocketProtocol engine)
    {
        var output = new ArrayBufferWriter<byte>();
        engine.WritePending(output);
        return [.. Conversation.Decode(output.WrittenSpan, engine.Role).Select(Conversation.Describe)];
    }
}
