namespace Wspy.Conformance.Deflate;

/// <summary>Bits of DEFLATE data, in the order of RFC 1951 §3.1.1.</summary>
internal sealed class BitWriter
{
    private readonly List<byte> _bytes = [];
    private ulong _bits;
    private int _count;

    /// <summary>A number: its least significant bit first.</summary>
    public BitWriter Write(int value, int bits)
    {
        _bits |= (ulong)(uint)value << _count;
        for (_count += bits; _count >= 8; _count -= 8, _bits >>= 8)
        {
            _bytes.Add((byte)_bits);
        }

        return this;
    }

    /// <summary>A Huffman code: its most significant bit first.</summary>
    public BitWriter WriteCode(int code, int bits)
    {
        for (int i = bits - 1; i >= 0; i--)
        {
            Write((code >> i) & 1, 1);
        }

        return this;
    }

    public BitWriter Align() => _count == 0 ? this : Write(0, 8 - _count);

    public BitWriter Write(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>A block that carries bytes as they are.</summary>
    public BitWriter Stored(ReadOnlySpan<byte> bytes, bool final = false) =>
        Write(final ? 1 : 0, 1).Write(0, 2).Align().Write(bytes.Length, 16).Write(bytes.Length ^ 0xFFFF, 16).Write(bytes);

    /// <summary>All bytes; bits of an incomplete one are padded with zeros.</summary>
    public byte[] ToArray()
    {
        Align();
        return [.. _bytes];
    }
}
