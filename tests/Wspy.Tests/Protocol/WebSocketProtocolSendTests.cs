using System.Buffers;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>Frames of this end: masked by clients (RFC 6455 §5.3), in the order of §5.4, nothing after Close (§5.5.1).</summary>
public class WebSocketProtocolSendTests
{
    private static readonly ProtocolOptions Liberal = new() { AllowedReservedBits = ReservedBits.Rsv1 | ReservedBits.Rsv3, AllowReservedOpcodes = true };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void What_is_sent_arrives_and_the_callers_memory_is_not_altered(int length)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 11))];
        byte[] kept = [.. payload];
        foreach (WebSocketRole role in (WebSocketRole[])[WebSocketRole.Client, WebSocketRole.Server])
        {
            using var engine = new WebSocketProtocol(role);
            var output = new ArrayBufferWriter<byte>();
            engine.WriteFrame(output, Opcode.Binary, payload);
            Assert.Equal(kept, payload);
            Assert.Equal(FrameHeader.SizeOf(length, role == WebSocketRole.Client) + length, output.WrittenCount);
            Assert.Equal(payload, Assert.Single(Conversation.Decode(output.WrittenSpan, role)).Payload.ToArray());
        }
    }

    [Fact]
    public void Section_5_3_every_client_frame_has_a_fresh_key()
    {
        const int Frames = 100_000;
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        var output = new ArrayBufferWriter<byte>();
        var keys = new HashSet<uint>();
        for (int i = 0; i < Frames; i++)
        {
            engine.WriteFrame(output, Opcode.Binary, []);
            keys.Add(BitConverter.ToUInt32(output.WrittenSpan[2..]));
            output.ResetWrittenCount();
        }

        // Of n random keys of 32 bits n²/2^33, here 1.2, repeat by chance; more than 20 in one of 10^17 runs.
        Assert.InRange(keys.Count, Frames - 20, Frames);
    }

    [Fact]
    public void Section_5_3_a_server_masks_nothing_and_a_header_alone_has_the_key_to_mask_with()
    {
        using var server = new WebSocketProtocol(WebSocketRole.Server);
        Assert.Equal(new FrameHeader(Opcode.Text, 70000, fin: false), server.BeginFrame(Opcode.Text, 70000, fin: false));
        Assert.Equal(new FrameHeader(Opcode.Continuation, 1L << 40), server.BeginFrame(Opcode.Continuation, 1L << 40));
        using var client = new WebSocketProtocol(WebSocketRole.Client);
        FrameHeader header = client.BeginFrame(Opcode.Binary, 3);
        Assert.Equal(new FrameHeader(Opcode.Binary, 3, maskingKey: header.MaskingKey), header);
    }

    [Fact]
    public void Section_5_4_fragments_are_sent_in_order_with_control_frames_between()
    {
        foreach (WebSocketRole role in (WebSocketRole[])[WebSocketRole.Client, WebSocketRole.Server])
        {
            using var engine = new WebSocketProtocol(role);
            var output = new ArrayBufferWriter<byte>();
            Assert.Throws<InvalidOperationException>(() => engine.WriteFrame(output, Opcode.Continuation, []));
            engine.WriteFrame(output, Opcode.Text, "a"u8, fin: false);
            Assert.Throws<InvalidOperationException>(() => engine.WriteFrame(output, Opcode.Text, []));
            Assert.Throws<InvalidOperationException>(() => engine.WriteFrame(output, Opcode.Binary, [], fin: false));
            engine.WriteFrame(output, Opcode.Ping, "p"u8);
            engine.WriteFrame(output, Opcode.Continuation, [], fin: false);
            engine.WriteFrame(output, Opcode.Pong, []);
            engine.WriteFrame(output, Opcode.Continuation, "b"u8);
            Assert.Throws<InvalidOperationException>(() => engine.WriteFrame(output, Opcode.Continuation, []));
            engine.WriteFrame(output, Opcode.Binary, []);
            Assert.Equal(
                ["Text 'a' ...", "Ping 'p'", "Continuation '' ...", "Pong ''", "Continuation 'b'", "Binary ''"],
                Conversation.Decode(output.WrittenSpan, role).Select(Conversation.Describe));
        }
    }

    [Fact]
    public void A_refused_frame_leaves_no_trace()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server);
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>("reserved", () => engine.WriteFrame(output, Opcode.Text, [], fin: false, ReservedBits.Rsv1));
        Assert.Throws<ArgumentException>("opcode", () => engine.WriteFrame(output, (Opcode)3, [], fin: false));
        Assert.Throws<ArgumentException>("opcode", () => engine.WriteFrame(output, (Opcode)0xB, []));
        Assert.Throws<ArgumentException>("opcode", () => engine.WriteFrame(output, Opcode.Close, []));
        Assert.Throws<ArgumentException>("fin", () => engine.WriteFrame(output, Opcode.Ping, [], fin: false));
        Assert.Throws<ArgumentException>("payloadLength", () => engine.WriteFrame(output, Opcode.Pong, new byte[126]));
        Assert.Throws<ArgumentOutOfRangeException>("opcode", () => engine.WriteFrame(output, (Opcode)16, []));
        Assert.Throws<ArgumentOutOfRangeException>("reserved", () => engine.WriteFrame(output, Opcode.Text, [], reserved: (ReservedBits)1));
        Assert.Throws<ArgumentOutOfRangeException>("payloadLength", () => engine.BeginFrame(Opcode.Text, -1));
        Assert.Throws<ArgumentNullException>("output", () => engine.WriteFrame(null!, Opcode.Text, [], fin: false));
        Assert.Equal(0, output.WrittenCount);
        engine.WriteFrame(output, Opcode.Text, "ok"u8);
        Assert.Equal(["Text 'ok'"], Conversation.Decode(output.WrittenSpan, engine.Role).Select(Conversation.Describe));
    }

    [Fact]
    public void Section_5_2_reserved_bits_and_opcodes_are_sent_when_allowed()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client, Liberal);
        var output = new ArrayBufferWriter<byte>();
        engine.WriteFrame(output, Opcode.Text, "a"u8, reserved: ReservedBits.Rsv1);
        engine.WriteFrame(output, (Opcode)3, "b"u8, fin: false, ReservedBits.Rsv1 | ReservedBits.Rsv3);
        Assert.Throws<InvalidOperationException>(() => engine.WriteFrame(output, (Opcode)3, []));
        engine.WriteFrame(output, (Opcode)0xF, "c"u8);
        engine.WriteFrame(output, Opcode.Continuation, "d"u8, reserved: ReservedBits.Rsv3);
        engine.WriteFrame(output, Opcode.Ping, [], reserved: ReservedBits.Rsv3);
        Assert.Throws<ArgumentException>("reserved", () => engine.WriteFrame(output, Opcode.Text, [], reserved: ReservedBits.Rsv2));
        Assert.Throws<ArgumentException>("payloadLength", () => engine.WriteFrame(output, (Opcode)0xC, new byte[126]));
        Assert.Equal(
            ["Text 'a' Rsv1", "3 'b' Rsv3, Rsv1 ...", "15 'c'", "Continuation 'd' Rsv3", "Ping '' Rsv3"],
            Conversation.Decode(output.WrittenSpan, engine.Role).Select(Conversation.Describe));
    }

    [Fact]
    public void Section_5_5_1_nothing_is_sent_after_close()
    {
        foreach (WebSocketRole role in (WebSocketRole[])[WebSocketRole.Client, WebSocketRole.Server])
        {
            using var engine = new WebSocketProtocol(role);
            var output = new ArrayBufferWriter<byte>();
            Assert.True(engine.WriteClose(output, CloseCode.NormalClosure));
            Assert.True(engine.CloseSent);
            output.ResetWrittenCount();
            foreach (Opcode opcode in (Opcode[])[Opcode.Text, Opcode.Binary, Opcode.Continuation, Opcode.Ping, Opcode.Pong, Opcode.Close])
            {
                Assert.Throws<InvalidOperationException>(() => engine.WriteFrame(output, opcode, []));
            }

            engine.WritePending(output);
            Assert.Equal(0, output.WrittenCount);
        }
    }

    [Fact]
    public void Section_7_4_a_close_that_the_peer_would_have_to_refuse_is_not_sent()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        var output = new ArrayBufferWriter<byte>();
        foreach (int code in (int[])[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
        {
            Assert.Throws<ArgumentOutOfRangeException>("code", () => engine.WriteClose(output, (CloseCode)code));
        }

        Assert.Throws<ArgumentException>("reason", () => engine.WriteClose(output, CloseCode.NormalClosure, new string('a', 124)));
        Assert.Throws<ArgumentException>("reason", () => engine.WriteClose(output, CloseCode.NormalClosure, new string('é', 62)));
        Assert.ThrowsAny<ArgumentException>(() => engine.WriteClose(output, CloseCode.NormalClosure, "\uD800"));
        Assert.Throws<ArgumentException>("reason", () => engine.WriteClose(output, null, "reason without a code"));
        Assert.Throws<ArgumentNullException>("reason", () => engine.WriteClose(output, CloseCode.NormalClosure, null!));
        Assert.Throws<ArgumentNullException>("output", () => engine.WriteClose(null!, CloseCode.NormalClosure));
        Assert.Throws<ArgumentNullException>("output", () => engine.WritePending(null!));
        Assert.Equal((0, true, CloseExpectation.None), (output.WrittenCount, engine.CanSend, engine.CloseExpectation));
        Assert.True(engine.WriteClose(output, CloseCode.NormalClosure, new string('a', 123)));
        Assert.Equal([$"Close 1000 '{new string('a', 123)}'"], Conversation.Decode(output.WrittenSpan, engine.Role).Select(Conversation.Describe));
    }

    [Fact]
    public void Pending_answers_are_written_between_the_fragments_of_a_message()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        var output = new ArrayBufferWriter<byte>();
        engine.WriteFrame(output, Opcode.Text, "a"u8, fin: false);
        Span<byte> input = Conversation.Peer(WebSocketRole.Client).Ping("p");
        engine.Read(ref input);
        engine.WritePending(output);
        engine.WriteFrame(output, Opcode.Continuation, "b"u8);
        Assert.Equal(["Text 'a' ...", "Pong 'p'", "Continuation 'b'"], Conversation.Decode(output.WrittenSpan, engine.Role).Select(Conversation.Describe));
    }
}
