using static Wspy.Conformance.Deflate.DeflateTables;

namespace Wspy.Conformance.Deflate;

/// <summary>A literal byte, or a match when the distance is not 0.</summary>
internal readonly record struct Token(int LengthOrLiteral, int Distance);

/// <summary>Finds what repeats in some data, greedily, from its beginning on.</summary>
internal sealed class Matches
{
    private const int HashBits = 15;

    /// <summary>More steps find longer matches, and take longer; these are few.</summary>
    private const int MaxSteps = 24;

    private readonly byte[] _data;
    private readonly int _window;
    private readonly int[] _heads = new int[1 << HashBits];
    private readonly int[] _previous;
    private int _hashed;

    public Matches(byte[] data, int window)
    {
        _data = data;
        _window = window;
        _previous = new int[data.Length];
        Array.Fill(_heads, -1);
    }

    /// <summary>Tokens for the next part of the data; references go back as far as the window allows.</summary>
    public List<Token> Find(int start, int end)
    {
        List<Token> tokens = [];
        for (int at = start; at < end;)
        {
            InsertUntil(at);
            (int length, int distance) = Longest(at, end);
            tokens.Add(length >= MinMatch ? new Token(length, distance) : new Token(_data[at], 0));
            at += Math.Max(1, length);
        }

        return tokens;
    }

    private (int Length, int Distance) Longest(int at, int end)
    {
        int most = Math.Min(MaxMatch, end - at);
        (int length, int distance) best = (0, 0);
        if (most < MinMatch)
        {
            return best;
        }

        int candidate = _heads[Hash(at)];
        for (int step = 0; step < MaxSteps && candidate >= 0 && at - candidate <= _window && best.length < most; step++)
        {
            int length = _data.AsSpan(candidate, most).CommonPrefixLength(_data.AsSpan(at, most));
            if (length >= MinMatch && length > best.length)
            {
                best = (length, at - candidate);
            }

            candidate = _previous[candidate];
        }

        return best;
    }

    private void InsertUntil(int at)
    {
        for (; _hashed < at && _hashed + MinMatch <= _data.Length; _hashed++)
        {
            int hash = Hash(_hashed);
            _previous[_hashed] = _heads[hash];
            _heads[hash] = _hashed;
        }
    }

    private int Hash(int at) => ((_data[at] << 10) ^ (_data[at + 1] << 5) ^ _data[at + 2]) & ((1 << HashBits) - 1);
}
