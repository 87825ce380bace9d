using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Wspy;

public partial struct Utf8Validator
{
    // A pair of neighbours is an error when one bit is set for the first one's high half, for its low half, and for
    // the second one's high half (Keiser and Lemire, §6.1).
    private const byte TooShort = 1 << 0;     // a lead byte, then no continuation
    private const byte TooLong = 1 << 1;      // ASCII, then a continuation
    private const byte Overlong3 = 1 << 2;    // E0, then 80..9F
    private const byte TooLarge = 1 << 3;     // F4, then 90..BF; F5 and up
    private const byte Surrogate = 1 << 4;    // ED, then A0..BF
    private const byte Overlong2 = 1 << 5;    // C0 or C1
    private const byte TooLarge1000 = 1 << 6; // F5 and up, then 80..8F
    private const byte Overlong4 = 1 << 6;    // F0, then 80..8F: the same bit, told apart by the low half
    private const byte TwoContinuations = 1 << 7; // right only as a third or fourth byte, and wrong there if missing
    private const byte AnyLow = TooShort | TooLong | TwoContinuations;

    private static Vector128<byte> FirstHigh => Vector128.Create(
        TooLong, TooLong, TooLong, TooLong, TooLong, TooLong, TooLong, TooLong,
        TwoContinuations, TwoContinuations, TwoContinuations, TwoContinuations,
        TooShort | Overlong2,
        TooShort,
        TooShort | Overlong3 | Surrogate,
        TooShort | TooLarge | TooLarge1000 | Overlong4);

    private static Vector128<byte> FirstLow => Vector128.Create(
        AnyLow | Overlong2 | Overlong3 | Overlong4,
        AnyLow | Overlong2,
        AnyLow,
        AnyLow,
        AnyLow | TooLarge,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000 | Surrogate,
        AnyLow | TooLarge | TooLarge1000,
        AnyLow | TooLarge | TooLarge1000);

    private static Vector128<byte> SecondHigh => Vector128.Create(
        TooShort, TooShort, TooShort, TooShort, TooShort, TooShort, TooShort, TooShort,
        TooLong | TwoContinuations | Overlong2 | Overlong3 | Overlong4 | TooLarge1000,
        TooLong | TwoContinuations | Overlong2 | Overlong3 | TooLarge,
        TooLong | TwoContinuations | Overlong2 | Surrogate | TooLarge,
        TooLong | TwoContinuations | Overlong2 | Surrogate | TooLarge,
        TooShort, TooShort, TooShort, TooShort);

    /// <summary>The errors of the first 16 bytes of a chunk, before which only <paramref name="pending"/> counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ErrorsAfter(byte pending, Vector128<byte> block)
    {
        // Each shift takes zeros in (an index out of range selects zero), and the pending lead byte in the last of them.
        Vector128<byte> back1 = Vector128.Shuffle(block, Vector128.Create((byte)255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
        Vector128<byte> back2 = Vector128.Shuffle(block, Vector128.Create((byte)255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
        Vector128<byte> back3 = Vector128.Shuffle(block, Vector128.Create((byte)255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
        Vector128<uint> lead = Vector128.CreateScalar((uint)pending);
        return Tables<Width128, Vector128<byte>>.Create().Errors(
            block, back1 | lead.AsByte(), back2 | (lead << 8).AsByte(), back3 | (lead << 16).AsByte());
    }

    /// <summary>The three tables and the bounds of one width, meant to stay in registers.</summary>
    private readonly struct Tables<TWidth, TVector>
        where TWidth : struct, IUtf8Width<TVector>
        where TVector : struct
    {
        private readonly TVector _firstHigh;
        private readonly TVector _firstLow;
        private readonly TVector _secondHigh;

        private Tables(TVector firstHigh, TVector firstLow, TVector secondHigh)
        {
            _firstHigh = firstHigh;
            _firstLow = firstLow;
            _secondHigh = secondHigh;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Tables<TWidth, TVector> Create() =>
            new(TWidth.Repeat(FirstHigh), TWidth.Repeat(FirstLow), TWidth.Repeat(SecondHigh));

        /// <summary>Not zero where a byte of <paramref name="block"/>, which stands at <paramref name="place"/>, errs after those before it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Errors(TVector block, ref byte place) => Errors(
            block,
            TWidth.Load(ref Unsafe.Subtract(ref place, 1)),
            TWidth.Load(ref Unsafe.Subtract(ref place, 2)),
            TWidth.Load(ref Unsafe.Subtract(ref place, 3)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TVector Errors(TVector block, TVector back1, TVector back2, TVector back3)
        {
            TVector lowHalf = TWidth.Create(0x0F);
            TVector pair = TWidth.And(
                TWidth.And(
                    TWidth.LookUp(_firstHigh, TWidth.And(TWidth.ShiftRight4(back1), lowHalf)),
                    TWidth.LookUp(_firstLow, TWidth.And(back1, lowHalf))),
                TWidth.LookUp(_secondHigh, TWidth.And(TWidth.ShiftRight4(block), lowHalf)));

            // The highest bit is set where a third or fourth byte must be, and in the pair where two continuations are.
            TVector third = TWidth.SubtractSaturate(back2, TWidth.Create(0xE0 - 0x80));
            TVector fourth = TWidth.SubtractSaturate(back3, TWidth.Create(0xF0 - 0x80));
            TVector must = TWidth.And(TWidth.Or(third, fourth), TWidth.Create(0x80));
            return TWidth.Xor(must, pair);
        }
    }
}
