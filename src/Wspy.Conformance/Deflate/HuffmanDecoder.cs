namespace Wspy.Conformance.Deflate;

/// <summary>A canonical Huffman code (RFC 1951 §3.2.2), read bit by bit: slow, and short enough to be believed.</summary>
internal sealed class HuffmanDecoder
{
    private const int MaxBits = 15;

    private readonly int[] _count = new int[MaxBits + 1];
    private readonly ushort[] _symbols;

    /// <param name="lengths">The bits of each symbol's code; 0 for symbols that do not occur.</param>
    /// <param name="mayBeIncomplete">Whether a single code of one bit, or none at all, will do (§3.2.7: distances only).</param>
    /// <exception cref="InvalidDataException">The lengths are of no prefix code.</exception>
    public HuffmanDecoder(ReadOnlySpan<byte> lengths, bool mayBeIncomplete)
    {
        foreach (byte length in lengths)
        {
            _count[length]++;
        }

        int used = lengths.Length - _count[0];
        int left = 1;
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            left = (left << 1) - _count[bits];
            if (left < 0)
            {
                throw new InvalidDataException("code lengths that ask for more codes than there are");
            }
        }

        if (left > 0 && !(mayBeIncomplete && used <= 1 && _count[1] == used))
        {
            throw new InvalidDataException("code lengths that leave codes without a symbol");
        }

        _count[0] = 0;
        int[] offsets = new int[MaxBits + 2];
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            offsets[bits + 1] = offsets[bits] + _count[bits];
        }

        _symbols = new ushort[used];
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] != 0)
            {
                _symbols[offsets[lengths[symbol]]++] = (ushort)symbol;
            }
        }
    }

    public int Read(BitReader input)
    {
        int code = 0;
        int first = 0;
        int index = 0;
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            code |= input.Read(1);
            int count = _count[bits];
            if (code - count < first)
            {
                return _symbols[index + code - first];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        throw new InvalidDataException("a code without a symbol");
    }
}
