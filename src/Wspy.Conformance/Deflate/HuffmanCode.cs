namespace Wspy.Conformance.Deflate;

/// <summary>A canonical Huffman code to write with (RFC 1951 §3.2.2).</summary>
internal sealed class HuffmanCode
{
    private readonly int[] _codes;

    public HuffmanCode(byte[] lengths)
    {
        Lengths = lengths;
        _codes = new int[lengths.Length];
        int code = 0;
        for (int bits = 1; bits <= 15; bits++, code <<= 1)
        {
            for (int symbol = 0; symbol < lengths.Length; symbol++)
            {
                if (lengths[symbol] == bits)
                {
                    _codes[symbol] = code++;
                }
            }
        }
    }

    public byte[] Lengths { get; }

    /// <summary>The best code for these frequencies with at most so many bits for a symbol; at least two symbols get one.</summary>
    public static HuffmanCode Of(ReadOnlySpan<int> frequencies, int maxBits)
    {
        int[] weights = frequencies.ToArray();
        for (int symbol = 0; weights.Count(weight => weight > 0) < 2; symbol++)
        {
            weights[symbol] = Math.Max(1, weights[symbol]);
        }

        while (true)
        {
            byte[] lengths = Lengthen(weights);
            if (lengths.Max() <= maxBits)
            {
                return new HuffmanCode(lengths);
            }

            // Flatter frequencies make a flatter tree; a judge needs no more than a legal one.
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = weights[i] == 0 ? 0 : (weights[i] + 1) / 2 + 1;
            }
        }
    }

    public void Write(BitWriter output, int symbol) => output.WriteCode(_codes[symbol], Lengths[symbol]);

    private static byte[] Lengthen(int[] weights)
    {
        int[] parents = new int[weights.Length * 2];
        var queue = new PriorityQueue<(int Node, long Weight), (long, int)>();
        for (int symbol = 0; symbol < weights.Length; symbol++)
        {
            if (weights[symbol] > 0)
            {
                queue.Enqueue((symbol, weights[symbol]), (weights[symbol], symbol));
            }
        }

        int next = weights.Length;
        while (queue.Count > 1)
        {
            (int first, long one) = queue.Dequeue();
            (int second, long two) = queue.Dequeue();
            parents[first] = parents[second] = next;
            queue.Enqueue((next, one + two), (one + two, next));
            next++;
        }

        int root = next - 1;
        byte[] lengths = new byte[weights.Length];
        for (int symbol = 0; symbol < weights.Length; symbol++)
        {
            for (int node = symbol; weights[symbol] > 0 && node != root; node = parents[node])
            {
                lengths[symbol]++;
            }
        }

        return lengths;
    }
}
