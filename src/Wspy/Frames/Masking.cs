using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Wspy;

/// <summary>The masking of payloads (RFC 6455 §5.3): octet i is combined with octet i mod 4 of the key by exclusive or.</summary>
/// <remarks>Stateless and safe from any thread. Keys are four octets in wire order, the first in the lowest byte of the <see cref="uint"/>.</remarks>
public static partial class Masking
{
    /// <summary>Masks or unmasks <paramref name="data"/> in place; the operation is its own inverse.</summary>
    /// <param name="data">The octets, at any offset and alignment.</param>
    /// <param name="key">The key whose first octet applies to the first octet of <paramref name="data"/>.</param>
    /// <returns>The key for the octets that follow: <paramref name="key"/> rotated by the length of <paramref name="data"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply(Span<byte> data, uint key)
    {
        ref byte first = ref MemoryMarshal.GetReference(data);
        if (data.Length <= ShortLimit)
        {
            ApplyShort(ref first, ref first, (uint)data.Length, key);
        }
        else
        {
            ApplyLong(ref first, (uint)data.Length, key);
        }

        return Rotate(key, data.Length);
    }

    /// <summary>Copies <paramref name="source"/> to <paramref name="destination"/>, masked.</summary>
    /// <param name="source">The octets, at any offset and alignment; altered only where the destination overlaps them.</param>
    /// <param name="destination">
    /// At least as long as the source. It may be the source itself or overlap it in any way: the result is as if the source had been
    /// copied aside first. An overlap that is not exact costs a second pass over the data.
    /// </param>
    /// <param name="key">The key whose first octet applies to the first octet of <paramref name="source"/>.</param>
    /// <returns>The key for the octets that follow.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Apply(ReadOnlySpan<byte> source, Span<byte> destination, uint key)
    {
        if (destination.Length < source.Length)
        {
            ThrowTooShort(source.Length, destination.Length, nameof(destination));
        }

        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination);
        if (source.Length <= ShortLimit)
        {
            ApplyShort(ref from, ref to, (uint)source.Length, key);
        }
        else
        {
            CopyLong(ref from, ref to, (uint)source.Length, key);
        }

        return Rotate(key, source.Length);
    }

    /// <summary>The key for the octets after the next <paramref name="count"/> ones.</summary>
    public static uint Rotate(uint key, long count) => BitOperations.RotateRight(key, (int)(count & 3) * 8);

    /// <summary>Up to this length payloads are masked where they stand: two loads that may overlap, two stores, no loop.</summary>
    private static int ShortLimit => Vector256.IsHardwareAccelerated ? 64 : 32;

    /// <summary>
    /// Every load comes before every store, so that two pieces that overlap each other, or a destination that overlaps
    /// the source, cannot see a byte twice masked. Each piece of k bytes lies at 0 or at length - k, with k &lt;= length &lt;= 2k.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ApplyShort(ref byte source, ref byte destination, nuint length, uint key)
    {
        if (Vector256.IsHardwareAccelerated && length >= 32)
        {
            nuint last = length - 32;
            Vector256<byte> head = Vector256.LoadUnsafe(ref source) ^ Vector256.Create(Word(key)).AsByte();
            Vector256<byte> tail = Vector256.LoadUnsafe(ref source, last) ^ Vector256.Create(Word(Rotate(key, (long)last))).AsByte();
            head.StoreUnsafe(ref destination);
            tail.StoreUnsafe(ref destination, last);
        }
        else if (length >= 16)
        {
            nuint last = length - 16;
            Vector128<byte> head = Vector128.LoadUnsafe(ref source) ^ Vector128.Create(Word(key)).AsByte();
            Vector128<byte> tail = Vector128.LoadUnsafe(ref source, last) ^ Vector128.Create(Word(Rotate(key, (long)last))).AsByte();
            head.StoreUnsafe(ref destination);
            tail.StoreUnsafe(ref destination, last);
        }
        else if (length >= 8)
        {
            nuint last = length - 8;
            ulong head = Unsafe.ReadUnaligned<ulong>(ref source) ^ DoubleWord(key);
            ulong tail = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, last)) ^ DoubleWord(Rotate(key, (long)last));
            Unsafe.WriteUnaligned(ref destination, head);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, last), tail);
        }
        else if (length >= 4)
        {
            nuint last = length - 4;
            uint head = Unsafe.ReadUnaligned<uint>(ref source) ^ Word(key);
            uint tail = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, last)) ^ Word(Rotate(key, (long)last));
            Unsafe.WriteUnaligned(ref destination, head);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, last), tail);
        }
        else if (length != 0)
        {
            // 1 to 3 bytes: the first, the middle and the last one, some of them the same.
            nuint middle = length >> 1;
            nuint last = length - 1;
            byte a = (byte)(source ^ key);
            byte b = (byte)(Unsafe.Add(ref source, middle) ^ Rotate(key, (long)middle));
            byte c = (byte)(Unsafe.Add(ref source, last) ^ Rotate(key, (long)last));
            destination = a;
            Unsafe.Add(ref destination, middle) = b;
            Unsafe.Add(ref destination, last) = c;
        }
    }

    /// <summary>The key as a word whose bytes in memory are in wire order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Word(uint key) => BitConverter.IsLittleEndian ? key : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong DoubleWord(uint key) => Word(key) * 0x1_0000_0001UL;

    [DoesNotReturn]
    private static void ThrowTooShort(int length, int actual, string parameter) =>
        throw new ArgumentException($"{length} octets do not fit a destination of {actual}.", parameter);
}
