using System.Buffers;
using CsCheck;
using Wspy.Tests.Protocol;

namespace Wspy.Tests;

/// <summary>The header of a frame (RFC 6455 §5.2).</summary>
public class FrameHeaderTests
{
    private static readonly Gen<long> Lengths = Gen.OneOf(
        Gen.OneOf(0L, 1, 125, 126, 127, 65535, 65536, int.MaxValue - 1L, int.MaxValue, int.MaxValue + 1L, uint.MaxValue - 1L, uint.MaxValue, uint.MaxValue + 1L, long.MaxValue - 1, long.MaxValue),
        Gen.Long[0, 70_000],
        Gen.Long[0, long.MaxValue]);

    [Theory]
    [InlineData(0, "81 00")]
    [InlineData(1, "81 01")]
    [InlineData(125, "81 7D")]
    [InlineData(126, "81 7E 00 7E")]
    [InlineData(65535, "81 7E FF FF")]
    [InlineData(65536, "81 7F 00 00 00 00 00 01 00 00")]
    [InlineData((1L << 31) - 1, "81 7F 00 00 00 00 7F FF FF FF")]
    [InlineData(1L << 31, "81 7F 00 00 00 00 80 00 00 00")]
    [InlineData((1L << 32) - 1, "81 7F 00 00 00 00 FF FF FF FF")]
    [InlineData(1L << 32, "81 7F 00 00 00 01 00 00 00 00")]
    [InlineData(long.MaxValue, "81 7F 7F FF FF FF FF FF FF FF")]
    public void Section_5_2_lengths_are_written_in_the_fewest_bytes_in_network_order(long length, string hex)
    {
        byte[] expected = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(expected, Write(new FrameHeader(Opcode.Text, length)));
        expected[1] |= 0x80;
        Assert.Equal([.. expected, 0x11, 0x22, 0x33, 0x44], Write(new FrameHeader(Opcode.Text, length, maskingKey: 0x44332211)));
    }

    [Theory]
    [InlineData(Opcode.Continuation, true, ReservedBits.None, 0x80)]
    [InlineData(Opcode.Text, false, ReservedBits.None, 0x01)]
    [InlineData(Opcode.Binary, true, ReservedBits.Rsv1, 0xC2)]
    [InlineData(Opcode.Close, true, ReservedBits.Rsv2, 0xA8)]
    [InlineData(Opcode.Ping, false, ReservedBits.Rsv3, 0x19)]
    [InlineData(Opcode.Pong, true, ReservedBits.All, 0xFA)]
    [InlineData((Opcode)0xF, true, ReservedBits.All, 0xFF)]
    public void Section_5_2_the_first_byte_has_FIN_the_reserved_bits_and_the_opcode(Opcode opcode, bool fin, ReservedBits reserved, byte expected) =>
        Assert.Equal([expected, 0], Write(new FrameHeader(opcode, 0, fin, reserved)));

    [Fact]
    public void What_is_written_is_parsed_again_and_every_shorter_piece_needs_more_data()
    {
        Gen.Select(Gen.Byte[0, 15], Lengths, Gen.Bool, Gen.Byte[0, 7], Gen.UInt, Gen.Bool).Sample((opcode, length, fin, reserved, key, masked) =>
        {
            var header = new FrameHeader((Opcode)opcode, length, fin, (ReservedBits)(reserved << 4), masked ? key : null);
            byte[] bytes = [.. Write(header), 0xAB, 0xCD];
            int size = bytes.Length - 2;
            Assert.Equal(FrameHeader.SizeOf(length, masked), size);
            Assert.Equal(OperationStatus.Done, FrameHeader.TryParse(bytes, out FrameHeader parsed, out int consumed));
            Assert.Equal((header, size), (parsed, consumed));
            Assert.Equal(((Opcode)opcode, length, fin, (ReservedBits)(reserved << 4), masked, masked ? key : 0, true),
                (parsed.Opcode, parsed.PayloadLength, parsed.Fin, parsed.Reserved, parsed.IsMasked, parsed.MaskingKey, parsed.IsMinimal));
            for (int i = 0; i < size; i++)
            {
                Assert.Equal(OperationStatus.NeedMoreData, FrameHeader.TryParse(bytes.AsSpan(0, i), out parsed, out consumed));
                Assert.Equal((default, 0), (parsed, consumed));
                Assert.Throws<ArgumentException>("destination", () => header.Write(new byte[i]));
            }
        }, iter: 2000);
    }

    [Theory]
    [InlineData(0, 2, false)]
    [InlineData(125, 2, false)]
    [InlineData(126, 2, true)]
    [InlineData(126, 8, false)]
    [InlineData(65535, 8, false)]
    [InlineData(65536, 8, true)]
    public void Section_5_2_lengths_in_more_bytes_than_needed_are_parsed_and_noted(int length, int bytes, bool minimal)
    {
        foreach (bool masked in (bool[])[true, false])
        {
            byte[] source = new Wire(Wspy.WebSocketRole.Client) { Masks = masked }.RawHeader(Opcode.Text, (ulong)length, bytes);
            Assert.Equal(OperationStatus.Done, FrameHeader.TryParse(source, out FrameHeader header, out int consumed));
            Assert.Equal((length, minimal, source.Length, masked), (header.PayloadLength, header.IsMinimal, consumed, header.IsMasked));
            Assert.Equal(FrameHeader.SizeOf(length, masked), header.Size);
        }
    }

    [Theory]
    [InlineData("82 7F 80", true)]
    [InlineData("82 7F FF FF FF FF FF FF FF FF", true)]
    [InlineData("82 FF 80 00 00 00 00 00 00 00 11 22 33 44", true)]
    [InlineData("82 7F", false)]
    [InlineData("82 7F 7F FF FF FF FF FF FF", false)]
    public void Section_5_2_the_highest_bit_of_a_64_bit_length_is_refused_at_its_byte(string hex, bool invalid)
    {
        byte[] source = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(invalid ? OperationStatus.InvalidData : OperationStatus.NeedMoreData, FrameHeader.TryParse(source, out FrameHeader header, out int consumed));
        Assert.Equal((default, 0), (header, consumed));
    }

    [Fact]
    public void Arguments_that_no_header_can_express_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("opcode", () => new FrameHeader((Opcode)16, 0));
        Assert.Throws<ArgumentOutOfRangeException>("reserved", () => new FrameHeader(Opcode.Text, 0, reserved: (ReservedBits)0x80));
        Assert.Throws<ArgumentOutOfRangeException>("reserved", () => new FrameHeader(Opcode.Text, 0, reserved: (ReservedBits)1));
        Assert.Throws<ArgumentOutOfRangeException>("payloadLength", () => new FrameHeader(Opcode.Text, -1));
    }

    private static byte[] Write(in FrameHeader header)
    {
        byte[] destination = new byte[FrameHeader.MaxSize];
        int size = header.Write(destination);
        Assert.Equal(header.Size, size);
        return destination[..size];
    }
}
