using System.Runtime.CompilerServices;

namespace Wspy;

public partial struct Utf8Validator
{
    // The unfinished sequences, each named by the lead byte that stands for it. RFC 3629 §4 (Unicode, table 3-7):
    // after E0, ED, F0 and F4 the second byte is bounded more narrowly than 80..BF.
    private const byte OneMore = 0xC2;
    private const byte TwoMoreNotOverlong = 0xE0;
    private const byte TwoMore = 0xE1;
    private const byte TwoMoreNotSurrogate = 0xED;
    private const byte ThreeMoreNotOverlong = 0xF0;
    private const byte ThreeMore = 0xF1;
    private const byte ThreeMoreNotTooLarge = 0xF4;
    private const byte Failed = 0xFF;

    /// <summary>What is unfinished after <paramref name="next"/>; <see cref="Failed"/> when no valid text goes on with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte Step(byte pending, byte next)
    {
        if (pending == 0)
        {
            return next < 0x80 ? (byte)0 : AfterLead(next);
        }

        (byte low, byte high) = pending switch
        {
            TwoMoreNotOverlong => ((byte)0xA0, (byte)0xBF),
            TwoMoreNotSurrogate => ((byte)0x80, (byte)0x9F),
            ThreeMoreNotOverlong => ((byte)0x90, (byte)0xBF),
            ThreeMoreNotTooLarge => ((byte)0x80, (byte)0x8F),
            Failed => ((byte)1, (byte)0),
            _ => ((byte)0x80, (byte)0xBF),
        };
        return next < low || next > high ? Failed : AfterContinuation(pending);
    }

    /// <summary>C0 and C1 begin only overlong sequences, F5 and up only ones above U+10FFFF; 80..BF begin none.</summary>
    private static byte AfterLead(byte lead) => lead switch
    {
        < 0xC2 => Failed,
        < 0xE0 => OneMore,
        TwoMoreNotOverlong or TwoMoreNotSurrogate or ThreeMoreNotOverlong or ThreeMoreNotTooLarge => lead,
        < 0xF0 => TwoMore,
        < 0xF4 => ThreeMore,
        _ => Failed,
    };

    private static byte AfterContinuation(byte pending) => pending switch
    {
        < TwoMoreNotOverlong => 0,
        < ThreeMoreNotOverlong => OneMore,
        _ => TwoMore,
    };

    /// <summary>Judges byte by byte from <paramref name="position"/>; returns the index of the proving byte or -1.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Walk(ref byte text, nuint position, nuint length, ref byte pending)
    {
        byte state = pending;
        for (; position < length; position++)
        {
            state = Step(state, Unsafe.Add(ref text, position));
            if (state == Failed)
            {
                pending = Failed;
                return (int)position;
            }
        }

        pending = state;
        return -1;
    }
}
