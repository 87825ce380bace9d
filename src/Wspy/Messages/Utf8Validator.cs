using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Wspy;

/// <summary>Judges UTF-8 text that arrives in chunks (RFC 6455 §8.1, RFC 3629) and fails at the byte that proves it invalid.</summary>
/// <remarks>A mutable value for one text at a time; not thread-safe. A default value is ready for a new text. It borrows a chunk only while it judges it.</remarks>
public partial struct Utf8Validator
{
    /// <summary>
    /// 0 at a code point's end; else the lead byte that could stand right before the next chunk in place of the unfinished
    /// sequence (after E2 82 one more byte must come, as after C2). So one byte holds all that a chunk needs to know of
    /// the text before it, for the automaton and for the vectors alike. <see cref="Failed"/> is no lead byte of any sequence.
    /// </summary>
    private byte _pending;

    /// <summary>Whether the text so far is valid and ends at a code point's end, so that it may end here.</summary>
    public readonly bool IsComplete => _pending == 0;

    /// <summary>Whether <paramref name="text"/> is valid UTF-8 from its first byte to its last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        Utf8Validator validator = default;
        return validator.Validate(text) < 0 && validator.IsComplete;
    }

    /// <summary>Judges the next chunk.</summary>
    /// <param name="chunk">Any part of the text, of any length; it may start and end inside a code point.</param>
    /// <returns>
    /// -1 while the text is valid so far, else the index in <paramref name="chunk"/> of the first byte with which no valid text can go on.
    /// After that every further byte is refused (index 0) until <see cref="Reset"/>.
    /// </returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Validate(ReadOnlySpan<byte> chunk)
    {
        ref byte first = ref MemoryMarshal.GetReference(chunk);
        return _pending == 0 && chunk.Length <= ShortLimit && IsShortAscii(ref first, (uint)chunk.Length)
            ? -1
            : Judge(ref first, (uint)chunk.Length, ref _pending);
    }

    /// <summary>Makes the validator ready for a new text.</summary>
    public void Reset() => _pending = 0;

    /// <summary>Up to this length two loads, which may overlap, see every byte.</summary>
    private static int ShortLimit => Vector256.IsHardwareAccelerated ? 64 : 32;

    /// <summary>Whether every byte is below 0x80. Each load of k bytes lies at 0 or at length - k, with k &lt;= length &lt;= 2k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsShortAscii(ref byte text, nuint length)
    {
        if (Vector256.IsHardwareAccelerated && length > 32)
        {
            return ((Vector256.LoadUnsafe(ref text) | Vector256.LoadUnsafe(ref text, length - 32)) & Vector256.Create((byte)0x80)) == Vector256<byte>.Zero;
        }

        if (length >= 16)
        {
            return ((Vector128.LoadUnsafe(ref text) | Vector128.LoadUnsafe(ref text, length - 16)) & Vector128.Create((byte)0x80)) == Vector128<byte>.Zero;
        }

        if (length >= 8)
        {
            return ((Unsafe.ReadUnaligned<ulong>(ref text) | Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref text, length - 8))) & 0x8080_8080_8080_8080) == 0;
        }

        if (length >= 4)
        {
            return ((Unsafe.ReadUnaligned<uint>(ref text) | Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref text, length - 4))) & 0x8080_8080) == 0;
        }

        return length == 0 || ((text | Unsafe.Add(ref text, length >> 1) | Unsafe.Add(ref text, length - 1)) & 0x80) == 0;
    }
}
