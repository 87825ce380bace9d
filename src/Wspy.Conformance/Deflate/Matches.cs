using static Wspy.Conformance.Deflate.DeflateTables;

namespace Wspy.Conformance.Deflate;

/// <summary>A literal byte, or a match when the distance is not 0.</summary>
internal readonly record struct Token(int LengthOrLiteral, int Distance);

/// <summary>Finds what repeats, greedily.</summary>
internal static class Matches
{
    private const int HashBits = 15;

    /// <summary>More steps find longer matches, and take longer; these are few.</summary>
    private const int MaxSteps = 24;

    /// <summary>Tokens for a part of the data; references go back to its beginning, as far as the window allows.</summary>
    public static List<Token> Find(byte[] data, int start, int end, int window)
    {
        int[] heads = new int[1 << HashBits];
        int[] previous = new int[data.Length];
        Array.Fill(heads, -1);
        List<Token> tokens = [];
        int hashed = Math.Max(0, start - window);
        for (int at = start; at < end;)
        {
            for (; hashed < at; hashed++)
            {
                Insert(data, hashed, heads, previous);
            }

            (int length, int distance) = Longest(data, at, end, window, heads, previous);
            tokens.Add(length >= MinMatch ? new Token(length, distance) : new Token(data[at], 0));
            at += Math.Max(1, length);
        }

        return tokens;
    }

    private static (int Length, int Distance) Longest(byte[] data, int at, int end, int window, int[] heads, int[] previous)
    {
        int most = Math.Min(MaxMatch, end - at);
        (int length, int distance) best = (0, 0);
        if (most < MinMatch)
        {
            return best;
        }

        int candidate = heads[Hash(data, at)];
        for (int step = 0; step < MaxSteps && candidate >= 0 && at - candidate <= window && best.length < most; step++)
        {
            int length = data.AsSpan(candidate, most).CommonPrefixLength(data.AsSpan(at, most));
            if (length >= MinMatch && length > best.length)
            {
                best = (length, at - candidate);
            }

            candidate = previous[candidate];
        }

        return best;
    }

    private static void Insert(byte[] data, int at, int[] heads, int[] previous)
    {
        if (at + MinMatch <= data.Length)
        {
            int hash = Hash(data, at);
            previous[at] = heads[hash];
            heads[hash] = at;
        }
    }

    private static int Hash(byte[] data, int at) => ((data[at] << 10) ^ (data[at + 1] << 5) ^ data[at + 2]) & ((1 << HashBits) - 1);
}
