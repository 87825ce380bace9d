using System.Numerics;

namespace Wspy;

/// <summary>The masking of payloads (RFC 6455 §5.3): octet i is combined with octet i mod 4 of the key by exclusive or.</summary>
/// <remarks>Stateless and safe from any thread. Keys are four octets in wire order, the first in the lowest byte of the <see cref="uint"/>.</remarks>
public static class Masking
{
    /// <summary>Masks or unmasks <paramref name="data"/> in place; the operation is its own inverse.</summary>
    /// <param name="data">The octets, at any offset and alignment.</param>
    /// <param name="key">The key whose first octet applies to the first octet of <paramref name="data"/>.</param>
    /// <returns>The key for the octets that follow: <paramref name="key"/> rotated by the length of <paramref name="data"/>.</returns>
    public static uint Apply(Span<byte> data, uint key)
    {
        for (int i = 0; i < data.Length; i++)
        {
            data[i] ^= (byte)(key >> (i % 4 * 8));
        }

        return Rotate(key, data.Length);
    }

    /// <summary>Copies <paramref name="source"/> to <paramref name="destination"/>, masked; the source is not altered.</summary>
    /// <returns>The key for the octets that follow.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public static uint Apply(ReadOnlySpan<byte> source, Span<byte> destination, uint key)
    {
        source.CopyTo(destination);
        return Apply(destination[..source.Length], key);
    }

    /// <summary>The key for the octets after the next <paramref name="count"/> ones.</summary>
    public static uint Rotate(uint key, long count) => BitOperations.RotateRight(key, (int)(count & 3) * 8);
}
