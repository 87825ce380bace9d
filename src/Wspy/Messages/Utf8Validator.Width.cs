using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.Wasm;
using System.Runtime.Intrinsics.X86;

namespace Wspy;

public partial struct Utf8Validator
{
    /// <summary>What validation needs of a vector; resolved at compile time, so that one algorithm serves every width at no cost.</summary>
    internal interface IUtf8Width<TVector>
    {
        /// <summary>In bytes.</summary>
        static abstract int Size { get; }

        static abstract TVector Load(ref byte source);

        static abstract TVector Create(byte value);

        static abstract TVector Repeat(Vector128<byte> value);

        /// <summary>Replaces each index, 0 to 15, by that byte of the table, which repeats every 16 bytes.</summary>
        static abstract TVector LookUp(TVector table, TVector indices);

        /// <summary>Each byte's high half in its low half; the high half is left undefined.</summary>
        static abstract TVector ShiftRight4(TVector value);

        static abstract TVector SubtractSaturate(TVector left, TVector right);

        static abstract TVector And(TVector left, TVector right);

        static abstract TVector Or(TVector left, TVector right);

        static abstract TVector Xor(TVector left, TVector right);

        static abstract bool IsZero(TVector value);

        static abstract bool IsAscii(TVector value);
    }

    internal readonly struct Width128 : IUtf8Width<Vector128<byte>>
    {
        public static bool IsSupported => Ssse3.IsSupported || AdvSimd.Arm64.IsSupported || PackedSimd.IsSupported;

        public static int Size => 16;

        public static Vector128<byte> Load(ref byte source) => Vector128.LoadUnsafe(ref source);

        public static Vector128<byte> Create(byte value) => Vector128.Create(value);

        public static Vector128<byte> Repeat(Vector128<byte> value) => value;

        public static Vector128<byte> LookUp(Vector128<byte> table, Vector128<byte> indices) => Vector128.ShuffleNative(table, indices);

        public static Vector128<byte> ShiftRight4(Vector128<byte> value) => (value.AsUInt16() >>> 4).AsByte();

        public static Vector128<byte> SubtractSaturate(Vector128<byte> left, Vector128<byte> right) => Vector128.SubtractSaturate(left, right);

        public static Vector128<byte> And(Vector128<byte> left, Vector128<byte> right) => left & right;

        public static Vector128<byte> Or(Vector128<byte> left, Vector128<byte> right) => left | right;

        public static Vector128<byte> Xor(Vector128<byte> left, Vector128<byte> right) => left ^ right;

        public static bool IsZero(Vector128<byte> value) => value == Vector128<byte>.Zero;

        public static bool IsAscii(Vector128<byte> value) => (value & Vector128.Create((byte)0x80)) == Vector128<byte>.Zero;
    }

    internal readonly struct Width256 : IUtf8Width<Vector256<byte>>
    {
        public static bool IsSupported => Vector256.IsHardwareAccelerated && Avx2.IsSupported;

        public static int Size => 32;

        public static Vector256<byte> Load(ref byte source) => Vector256.LoadUnsafe(ref source);

        public static Vector256<byte> Create(byte value) => Vector256.Create(value);

        public static Vector256<byte> Repeat(Vector128<byte> value) => Vector256.Create(value, value);

        public static Vector256<byte> LookUp(Vector256<byte> table, Vector256<byte> indices) => Avx2.Shuffle(table, indices);

        public static Vector256<byte> ShiftRight4(Vector256<byte> value) => (value.AsUInt16() >>> 4).AsByte();

        public static Vector256<byte> SubtractSaturate(Vector256<byte> left, Vector256<byte> right) => Vector256.SubtractSaturate(left, right);

        public static Vector256<byte> And(Vector256<byte> left, Vector256<byte> right) => left & right;

        public static Vector256<byte> Or(Vector256<byte> left, Vector256<byte> right) => left | right;

        public static Vector256<byte> Xor(Vector256<byte> left, Vector256<byte> right) => left ^ right;

        public static bool IsZero(Vector256<byte> value) => value == Vector256<byte>.Zero;

        public static bool IsAscii(Vector256<byte> value) => (value & Vector256.Create((byte)0x80)) == Vector256<byte>.Zero;
    }

    internal readonly struct Width512 : IUtf8Width<Vector512<byte>>
    {
        public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported;

        public static int Size => 64;

        public static Vector512<byte> Load(ref byte source) => Vector512.LoadUnsafe(ref source);

        public static Vector512<byte> Create(byte value) => Vector512.Create(value);

        public static Vector512<byte> Repeat(Vector128<byte> value) => Vector512.Create(Vector256.Create(value, value), Vector256.Create(value, value));

        public static Vector512<byte> LookUp(Vector512<byte> table, Vector512<byte> indices) => Avx512BW.Shuffle(table, indices);

        public static Vector512<byte> ShiftRight4(Vector512<byte> value) => (value.AsUInt16() >>> 4).AsByte();

        public static Vector512<byte> SubtractSaturate(Vector512<byte> left, Vector512<byte> right) => Vector512.SubtractSaturate(left, right);

        public static Vector512<byte> And(Vector512<byte> left, Vector512<byte> right) => left & right;

        public static Vector512<byte> Or(Vector512<byte> left, Vector512<byte> right) => left | right;

        public static Vector512<byte> Xor(Vector512<byte> left, Vector512<byte> right) => left ^ right;

        public static bool IsZero(Vector512<byte> value) => value == Vector512<byte>.Zero;

        public static bool IsAscii(Vector512<byte> value) => (value & Vector512.Create((byte)0x80)) == Vector512<byte>.Zero;
    }
}
