using System.Buffers;
using System.Text;
using CsCheck;

namespace Wspy.Tests;

/// <summary>Frames, packed and parsed (RFC 6455 §5.2), and fragmented (§5.4).</summary>
public class FrameTests
{
    [Theory]
    [InlineData("81 05 48 65 6c 6c 6f", Opcode.Text, "Hello", true, false)]
    [InlineData("81 85 37 fa 21 3d 7f 9f 4d 51 58", Opcode.Text, "Hello", true, true)]
    [InlineData("01 03 48 65 6c", Opcode.Text, "Hel", false, false)]
    [InlineData("80 02 6c 6f", Opcode.Continuation, "lo", true, false)]
    [InlineData("89 05 48 65 6c 6c 6f", Opcode.Ping, "Hello", true, false)]
    [InlineData("8a 85 37 fa 21 3d 7f 9f 4d 51 58", Opcode.Pong, "Hello", true, true)]
    public void Section_5_7_the_examples_in_text_are_packed_and_parsed(string hex, Opcode opcode, string text, bool fin, bool masked)
    {
        byte[] wire = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        uint? key = masked ? 0x3D21FA37 : null;
        Assert.Equal(wire, new Frame(opcode, Encoding.UTF8.GetBytes(text), fin).ToArray(key));

        Assert.Equal(OperationStatus.Done, Frame.TryParse(wire, out Frame? frame, out int consumed));
        Assert.Equal((opcode, text, fin, wire.Length), (frame!.Opcode, frame.GetText(), frame.Fin, consumed));
        Assert.Equal(new FrameHeader(opcode, text.Length, fin, maskingKey: key), frame.Header);
    }

    [Theory]
    [InlineData("82 7E 01 00", 256)]
    [InlineData("82 7F 00 00 00 00 00 01 00 00", 65536)]
    public void Section_5_7_the_examples_in_binary_are_packed_and_parsed(string hex, int length)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        byte[] wire = [.. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), .. payload];
        Assert.Equal(wire, Frame.Binary(payload).ToArray());
        Assert.Equal(OperationStatus.Done, Frame.TryParse(wire, out Frame? frame, out int consumed));
        Assert.Equal(wire.Length, consumed);
        Assert.Equal(payload, frame!.Payload.ToArray());
    }

    [Fact]
    public void Frames_of_every_kind_and_size_come_back_and_every_shorter_piece_needs_more_data()
    {
        Gen<int> sizes = Gen.OneOf(Gen.Int[0, 300], Gen.OneOf(125, 126, 65535, 65536));
        Gen.Select(Gen.Byte[0, 15], sizes, Gen.Bool, Gen.Byte[0, 7], Gen.UInt, Gen.Bool).Sample((opcode, size, fin, reserved, key, masked) =>
        {
            byte[] payload = new byte[size];
            new Random(size).NextBytes(payload);
            byte[] kept = [.. payload];
            uint? maskingKey = masked ? key : null;
            var frame = new Frame((Opcode)opcode, payload, fin, (ReservedBits)(reserved << 4));
            byte[] wire = frame.ToArray(maskingKey);
            Assert.True(payload.AsSpan().SequenceEqual(kept), "the caller's memory is not altered");
            Assert.Equal(frame.PackedSize(masked), wire.Length);

            var output = new ArrayBufferWriter<byte>();
            frame.WriteTo(output, maskingKey);
            Assert.True(output.WrittenSpan.SequenceEqual(wire));
            byte[] larger = new byte[wire.Length + 3];
            Assert.Equal(wire.Length, frame.Pack(larger, maskingKey));
            Assert.True(larger.AsSpan(0, wire.Length).SequenceEqual(wire));
            Assert.Equal([0, 0, 0], larger[wire.Length..]);

            Assert.Equal(OperationStatus.Done, Frame.TryParse(larger, out Frame? parsed, out int consumed));
            Assert.Equal(wire.Length, consumed);
            Assert.True(parsed!.Payload.Span.SequenceEqual(payload));
            Assert.Equal(new FrameHeader((Opcode)opcode, size, fin, (ReservedBits)(reserved << 4), maskingKey), parsed.Header);
            Assert.Equal(opcode >= 8 && fin && size <= 125, parsed is ControlFrame);
            Assert.False(parsed.Payload.Span.Overlaps(larger), "a parsed frame owns its payload");

            int step = Math.Max(1, wire.Length / 100);
            for (int i = 0; i < wire.Length; i += i < 14 ? 1 : step)
            {
                Assert.Equal(OperationStatus.NeedMoreData, Frame.TryParse(wire.AsSpan(0, i), out parsed, out consumed));
                Assert.Null(parsed);
                Assert.Equal(0, consumed);
            }

            Assert.Throws<ArgumentException>("destination", () => frame.Pack(new byte[wire.Length - 1], maskingKey));
            Assert.Throws<ArgumentException>("destination", () => frame.Pack([], maskingKey));
        }, iter: 300);
    }

    [Fact]
    public void Section_5_2_a_length_with_its_highest_bit_set_is_unreadable_and_a_huge_one_only_incomplete()
    {
        Assert.Equal(OperationStatus.InvalidData, Frame.TryParse([0x82, 0x7F, 0x80], out Frame? frame, out int consumed));
        Assert.Equal((null, 0), (frame, consumed));
        Assert.Equal(OperationStatus.NeedMoreData, Frame.TryParse([0x82, 0x7F, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2], out frame, out consumed));
    }

    [Fact]
    public void A_built_frame_refers_to_the_callers_memory()
    {
        byte[] payload = [1, 2, 3];
        Frame frame = Frame.Binary(payload, fin: false);
        Assert.True(frame.Payload.Span.Overlaps(payload));
        Assert.Equal((Opcode.Binary, false, ReservedBits.None, false), (frame.Opcode, frame.Fin, frame.Reserved, frame.Header.IsMasked));
    }

    [Fact]
    public void Section_5_6_text_is_UTF_8_and_nothing_else()
    {
        Assert.Equal("é€😀"u8, Frame.Text("é€😀").Payload.Span);
        Assert.Equal("é€😀", Frame.Text("é€😀", fin: false).GetText());
        Assert.Throws<EncoderFallbackException>(() => Frame.Text("\uD83D"));
        Assert.Throws<DecoderFallbackException>(() => Frame.Binary(new byte[] { 0xC3 }).GetText());
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(10, 10, 1)]
    [InlineData(10, 9, 2)]
    [InlineData(10, 3, 4)]
    [InlineData(10, 5, 2)]
    [InlineData(10, 1, 10)]
    [InlineData(10, int.MaxValue, 1)]
    public void Section_5_4_fragments_are_together_the_frame(int size, int fragmentSize, int count)
    {
        byte[] payload = [.. Enumerable.Range(0, size).Select(i => (byte)i)];
        foreach (bool fin in (bool[])[true, false])
        {
            foreach (Opcode opcode in (Opcode[])[Opcode.Text, Opcode.Binary, Opcode.Continuation])
            {
                IReadOnlyList<Frame> fragments = new Frame(opcode, payload, fin, ReservedBits.Rsv1).Fragment(fragmentSize);
                Assert.Equal(count, fragments.Count);
                Assert.Equal(payload, fragments.SelectMany(f => f.Payload.ToArray()));
                for (int i = 0; i < count; i++)
                {
                    Assert.Equal((i == 0 ? opcode : Opcode.Continuation, i == 0 ? ReservedBits.Rsv1 : ReservedBits.None, fin && i == count - 1),
                        (fragments[i].Opcode, fragments[i].Reserved, fragments[i].Fin));
                    Assert.InRange(fragments[i].Payload.Length, Math.Min(size, 1), fragmentSize);
                    Assert.True(size == 0 || fragments[i].Payload.Span.Overlaps(payload), "not copied");
                }
            }
        }
    }

    [Fact]
    public void Section_5_5_control_frames_are_not_fragmented()
    {
        Assert.Throws<InvalidOperationException>(() => ControlFrame.Ping(new byte[10]).Fragment(5));
        Assert.Throws<InvalidOperationException>(() => ControlFrame.Ping().Fragment(5));
        Assert.Throws<ArgumentOutOfRangeException>("fragmentSize", () => Frame.Text("a").Fragment(0));
        Assert.Throws<ArgumentOutOfRangeException>("fragmentSize", () => Frame.Text("a").Fragment(-1));
    }

    [Fact]
    public void Arguments_that_no_frame_can_express_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("opcode", () => new Frame((Opcode)16, default));
        Assert.Throws<ArgumentOutOfRangeException>("reserved", () => new Frame(Opcode.Text, default, reserved: (ReservedBits)2));
        Assert.Throws<ArgumentNullException>("output", () => Frame.Text("a").WriteTo(null!));
    }

    [Fact]
    public void It_reads_as_what_it_is()
    {
        Assert.Equal("Text, 5 bytes", Frame.Text("Hello").ToString());
        Assert.Equal("Binary fragment Rsv1, 2 bytes", new Frame(Opcode.Binary, new byte[2], fin: false, ReservedBits.Rsv1).ToString());
    }
}
