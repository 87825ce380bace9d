using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Wspy;

public static partial class Masking
{
    /// <summary>
    /// From this length on, stores are aligned to the vector. A payload starts right after its header, so it is hardly ever
    /// aligned, and an unaligned vector of 64 bytes touches two cache lines each time.
    /// </summary>
    private const int AlignFrom = 256;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ApplyLong(ref byte data, nuint length, uint key) => ApplyWidest(ref data, ref data, length, key);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyLong(ref byte source, ref byte destination, nuint length, uint key)
    {
        nint offset = Unsafe.ByteOffset(ref source, ref destination);
        if (offset != 0 && ((nuint)offset < length || (nuint)(-offset) < length))
        {
            MemoryMarshal.CreateReadOnlySpan(ref source, (int)length).CopyTo(MemoryMarshal.CreateSpan(ref destination, (int)length));
            ApplyWidest(ref destination, ref destination, length, key);
        }
        else
        {
            ApplyWidest(ref source, ref destination, length, key);
        }
    }

    /// <summary>For more than <see cref="ShortLimit"/> bytes: at least one vector of the chosen width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ApplyWidest(ref byte source, ref byte destination, nuint length, uint key)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            ApplyBlocks<Width512, Vector512<byte>>(ref source, ref destination, length, key);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            ApplyBlocks<Width256, Vector256<byte>>(ref source, ref destination, length, key);
        }
        else
        {
            ApplyBlocks<Width128, Vector128<byte>>(ref source, ref destination, length, key);
        }
    }

    /// <summary>Masks at least one vector; source and destination are the same place or do not overlap.</summary>
    /// <remarks>
    /// The first and the last vector are loaded before anything is stored and stored after everything else, so that they may
    /// overlap the aligned blocks between them without masking a byte twice. Bounds: every block starts at
    /// position &lt; length - size, hence ends inside; a turn of four is only taken when all four end inside.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void ApplyBlocks<TWidth, TVector>(ref byte source, ref byte destination, nuint length, uint key)
        where TWidth : struct, IMaskWidth<TVector>
        where TVector : struct
    {
        nuint size = (nuint)TWidth.Size;
        System.Diagnostics.Debug.Assert(length >= size, "One whole vector must fit.");
        nuint last = length - size;
        TVector head = TWidth.Xor(TWidth.Load(ref source), TWidth.Create(Word(key)));
        TVector tail = TWidth.Xor(TWidth.Load(ref Unsafe.Add(ref source, last)), TWidth.Create(Word(Rotate(key, (long)last))));

        nuint position = size;
        if (length >= AlignFrom)
        {
            // A collection may move the array meanwhile: that costs speed, not correctness.
            position -= AddressOf(ref destination) & (size - 1);
        }

        TVector mask = TWidth.Create(Word(Rotate(key, (long)position)));
        while (position + (4 * size) <= length)
        {
            ref byte from = ref Unsafe.Add(ref source, position);
            ref byte to = ref Unsafe.Add(ref destination, position);
            TVector a = TWidth.Xor(TWidth.Load(ref from), mask);
            TVector b = TWidth.Xor(TWidth.Load(ref Unsafe.Add(ref from, size)), mask);
            TVector c = TWidth.Xor(TWidth.Load(ref Unsafe.Add(ref from, 2 * size)), mask);
            TVector d = TWidth.Xor(TWidth.Load(ref Unsafe.Add(ref from, 3 * size)), mask);
            TWidth.Store(a, ref to);
            TWidth.Store(b, ref Unsafe.Add(ref to, size));
            TWidth.Store(c, ref Unsafe.Add(ref to, 2 * size));
            TWidth.Store(d, ref Unsafe.Add(ref to, 3 * size));
            position += 4 * size;
        }

        for (; position < last; position += size)
        {
            TWidth.Store(TWidth.Xor(TWidth.Load(ref Unsafe.Add(ref source, position)), mask), ref Unsafe.Add(ref destination, position));
        }

        TWidth.Store(head, ref destination);
        TWidth.Store(tail, ref Unsafe.Add(ref destination, last));
    }

    private static unsafe nuint AddressOf(ref byte place) => (nuint)Unsafe.AsPointer(ref place);

    /// <summary>What masking needs of a vector; resolved at compile time, so that one loop serves every width at no cost.</summary>
    internal interface IMaskWidth<TVector>
    {
        /// <summary>In bytes, a power of two.</summary>
        static abstract int Size { get; }

        static abstract TVector Create(uint word);

        static abstract TVector Load(ref byte source);

        static abstract TVector Xor(TVector left, TVector right);

        static abstract void Store(TVector value, ref byte destination);
    }

    internal readonly struct Width128 : IMaskWidth<Vector128<byte>>
    {
        public static int Size => 16;

        public static Vector128<byte> Create(uint word) => Vector128.Create(word).AsByte();

        public static Vector128<byte> Load(ref byte source) => Vector128.LoadUnsafe(ref source);

        public static Vector128<byte> Xor(Vector128<byte> left, Vector128<byte> right) => left ^ right;

        public static void Store(Vector128<byte> value, ref byte destination) => value.StoreUnsafe(ref destination);
    }

    internal readonly struct Width256 : IMaskWidth<Vector256<byte>>
    {
        public static int Size => 32;

        public static Vector256<byte> Create(uint word) => Vector256.Create(word).AsByte();

        public static Vector256<byte> Load(ref byte source) => Vector256.LoadUnsafe(ref source);

        public static Vector256<byte> Xor(Vector256<byte> left, Vector256<byte> right) => left ^ right;

        public static void Store(Vector256<byte> value, ref byte destination) => value.StoreUnsafe(ref destination);
    }

    internal readonly struct Width512 : IMaskWidth<Vector512<byte>>
    {
        public static int Size => 64;

        public static Vector512<byte> Create(uint word) => Vector512.Create(word).AsByte();

        public static Vector512<byte> Load(ref byte source) => Vector512.LoadUnsafe(ref source);

        public static Vector512<byte> Xor(Vector512<byte> left, Vector512<byte> right) => left ^ right;

        public static void Store(Vector512<byte> value, ref byte destination) => value.StoreUnsafe(ref destination);
    }
}
