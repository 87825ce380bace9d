using System.Buffers;
using System.Diagnostics;

namespace Wspy.Buffers;

/// <summary>The one door to pooled arrays: in DEBUG builds what is returned is poisoned, so that a stale read shows.</summary>
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
        Fill(array);
        ArrayPool<byte>.Shared.Return(array);
    }

    [Conditional("DEBUG")]
    private static void Fill(byte[] array) => array.AsSpan().Fill(Poison);
}
