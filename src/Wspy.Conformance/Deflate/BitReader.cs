namespace Wspy.Conformance.Deflate;

/// <summary>Bits of DEFLATE data, from the least significant one of each byte on (RFC 1951 §3.1.1).</summary>
internal sealed class BitReader(byte[] input)
{
    private long _position;

    public bool AtEnd => _position == (long)input.Length * 8;

    public int Read(int bits)
    {
        int value = 0;
        for (int i = 0; i < bits; i++, _position++)
        {
            if (AtEnd)
            {
                throw new InvalidDataException("data that ends within a block");
            }

            value |= ((input[_position >> 3] >> (int)(_position & 7)) & 1) << i;
        }

        return value;
    }

    public void Align() => _position = (_position + 7) & ~7L;

    /// <summary>Whole bytes; the position is aligned.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        int start = (int)(_position >> 3);
        if (input.Length - start < count)
        {
            throw new InvalidDataException("data that ends within a stored block");
        }

        _position += (long)count * 8;
        return input.AsSpan(start, count);
    }
}
