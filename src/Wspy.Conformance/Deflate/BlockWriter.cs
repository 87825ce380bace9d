using static Wspy.Conformance.Deflate.DeflateTables;

namespace Wspy.Conformance.Deflate;

/// <summary>Writes blocks with the fixed code, or with one of their own (RFC 1951 §3.2.6, §3.2.7).</summary>
internal static class BlockWriter
{
    public static void Write(BitWriter output, BlockKind kind, IReadOnlyList<Token> tokens, bool final)
    {
        output.Write(final ? 1 : 0, 1).Write((int)kind, 2);
        (HuffmanCode lengths, HuffmanCode distances) = (new HuffmanCode(FixedLengths), new HuffmanCode(FixedDistances));
        if (kind == BlockKind.Dynamic)
        {
            (lengths, distances) = CodesFor(tokens);
            WriteCodes(output, lengths.Lengths, distances.Lengths);
        }

        foreach (Token token in tokens)
        {
            Write(output, token, lengths, distances);
        }

        lengths.Write(output, EndOfBlock);
    }

    /// <summary>The symbol of a length or distance: the last one whose base is not beyond it.</summary>
    public static int SymbolOf(ReadOnlySpan<ushort> bases, int value)
    {
        int symbol = bases.BinarySearch((ushort)value);
        return symbol >= 0 ? symbol : ~symbol - 1;
    }

    private static void Write(BitWriter output, Token token, HuffmanCode lengths, HuffmanCode distances)
    {
        if (token.Distance == 0)
        {
            lengths.Write(output, token.LengthOrLiteral);
            return;
        }

        int length = SymbolOf(LengthBase, token.LengthOrLiteral);
        lengths.Write(output, 257 + length);
        output.Write(token.LengthOrLiteral - LengthBase[length], LengthExtra[length]);
        int distance = SymbolOf(DistanceBase, token.Distance);
        distances.Write(output, distance);
        output.Write(token.Distance - DistanceBase[distance], DistanceExtra[distance]);
    }

    private static (HuffmanCode Lengths, HuffmanCode Distances) CodesFor(IReadOnlyList<Token> tokens)
    {
        int[] lengths = new int[LengthSymbols];
        int[] distances = new int[DistanceSymbols];
        lengths[EndOfBlock] = 1;
        foreach (Token token in tokens)
        {
            lengths[token.Distance == 0 ? token.LengthOrLiteral : 257 + SymbolOf(LengthBase, token.LengthOrLiteral)]++;
            if (token.Distance != 0)
            {
                distances[SymbolOf(DistanceBase, token.Distance)]++;
            }
        }

        return (HuffmanCode.Of(lengths, 15), HuffmanCode.Of(distances, 15));
    }

    private static void WriteCodes(BitWriter output, byte[] lengths, byte[] distances)
    {
        List<(int Symbol, int Extra, int Bits)> runs = Runs([.. lengths, .. distances]);
        int[] frequencies = new int[19];
        runs.ForEach(run => frequencies[run.Symbol]++);
        HuffmanCode code = HuffmanCode.Of(frequencies, 7);
        output.Write(lengths.Length - 257, 5).Write(distances.Length - 1, 5).Write(19 - 4, 4);
        foreach (byte symbol in CodeLengthOrder)
        {
            output.Write(code.Lengths[symbol], 3);
        }

        foreach ((int symbol, int extra, int bits) in runs)
        {
            code.Write(output, symbol);
            output.Write(extra, bits);
        }
    }

    private static List<(int Symbol, int Extra, int Bits)> Runs(byte[] lengths)
    {
        List<(int, int, int)> runs = [];
        for (int i = 0; i < lengths.Length;)
        {
            byte value = lengths[i];
            int next = lengths.AsSpan(i).IndexOfAnyExcept(value);
            int count = next < 0 ? lengths.Length - i : next;
            if (value == 0 && count >= 11)
            {
                count = Math.Min(count, 138);
                runs.Add((18, count - 11, 7));
            }
            else if (value == 0 && count >= 3)
            {
                runs.Add((17, count - 3, 3));
            }
            else if (value != 0 && count >= 4)
            {
                count = Math.Min(count, 7);
                runs.Add((value, 0, 0));
                runs.Add((16, count - 1 - 3, 2));
            }
            else
            {
                runs.AddRange(Enumerable.Repeat(((int)value, 0, 0), count));
            }

            i += count;
        }

        return runs;
    }
}
