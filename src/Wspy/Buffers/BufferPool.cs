using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Wspy.Buffers;

/// <summary>The one door to pooled arrays: in DEBUG builds what is returned is poisoned, so that a stale read shows, and what is returned twice is refused.</summary>
/// <remarks>Safe from any thread. An array has one owner, from <see cref="Rent"/> to <see cref="Return"/>.</remarks>
internal static class BufferPool
{
    /// <summary>A value that is no ASCII, in a row no UTF-8 (a lead byte must not follow another), and as a frame's first byte a reserved opcode.</summary>
    public const byte Poison = 0xDD;

    public static byte[] Rent(int minimumLength)
    {
        byte[] array = ArrayPool<byte>.Shared.Rent(minimumLength);
        Fill(array);
        return array;
    }

    public static void Return(byte[] array)
    {
        TakeBack(array);
        ArrayPool<byte>.Shared.Return(array);
    }

    // An array that ends with it lies in the pool: no owner writes it, and renting wipes it off. Nothing is allocated for that, so that tests can still count.
    private static readonly byte[] Mark = RandomNumberGenerator.GetBytes(16);

    [Conditional("DEBUG")]
    private static void TakeBack(byte[] array)
    {
        if (array.AsSpan().EndsWith(Mark))
        {
            throw new InvalidOperationException($"An array of {array.Length:N0} bytes was returned twice.");
        }

        Fill(array);
        if (array.Length >= Mark.Length)
        {
            Mark.CopyTo(array.AsSpan(^Mark.Length..));
        }
    }

    [Conditional("DEBUG")]
    private static void Fill(byte[] array) => array.AsSpan().Fill(Poison);
}
