using System.Buffers;
using System.Text;

namespace Wspy.Conformance.Catalogue;

/// <summary>Sequences of bytes that are UTF-8 or are not (RFC 3629), by class.</summary>
internal static class Utf8Samples
{
    /// <summary>The first and last code points of each range that the table of well-formed sequences has, and their neighbours.</summary>
    public static IReadOnlyList<(string Name, string Text)> Valid { get; } =
    [
        .. ((int[])[0x00, 0x01, 0x7E, 0x7F, 0x80, 0x81, 0x7FE, 0x7FF, 0x800, 0x801, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FE, 0xD7FF, 0xE000, 0xE001,
            0xFDD0, 0xFEFF, 0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10001, 0x1FFFF, 0x3FFFF, 0x40000, 0xFFFFF, 0x100000, 0x10FFFD, 0x10FFFE, 0x10FFFF])
            .Select(point => ($"U+{point:X4}", char.ConvertFromUtf32(point))),
        ("Greek", "κόσμε"),
        ("all lengths", "aß水𝄞"),
        ("combining marks", "e\u0301n\u0303"),
        ("a family of emoji", "👩‍👩‍👧‍👦"),
        ("right to left", "שלום مرحبا"),
        ("line ends and tabs", "a\r\n\tb\0c"),
    ];

    /// <summary>Each class of ill-formed sequences: what is wrong, and bytes with it.</summary>
    public static IReadOnlyList<(string Class, byte[] Bytes)> Invalid { get; } =
    [
        ("a continuation byte alone", [0x80]), ("a continuation byte alone", [0xBF]), ("two continuation bytes", [0x80, 0xBF]), ("seven continuation bytes", [0x80, 0xBF, 0x80, 0xBF, 0x80, 0xBF, 0x80]),
        ("a lead byte of 2 before ASCII", [0xC2, 0x20]), ("a lead byte of 2 before ASCII", [0xDF, 0x41]), ("a lead byte of 3 before ASCII", [0xE0, 0x20]), ("a lead byte of 3 before ASCII", [0xEF, 0x20]),
        ("a lead byte of 4 before ASCII", [0xF0, 0x20]), ("a lead byte of 4 before ASCII", [0xF4, 0x20]), ("two lead bytes", [0xC3, 0xC3, 0xA9]), ("two lead bytes", [0xE2, 0xE2, 0x82, 0xAC]),
        ("3 bytes, the last one missing", [0xE2, 0x82, 0x20]), ("4 bytes, the last one missing", [0xF0, 0x9F, 0x98, 0x20]), ("4 bytes, the last two missing", [0xF0, 0x9F, 0x20]),
        ("0xFE", [0xFE]), ("0xFF", [0xFF]), ("0xFE 0xFF", [0xFE, 0xFE, 0xFF, 0xFF]), ("a lead byte of 5", [0xF8, 0x88, 0x80, 0x80, 0x80]), ("a lead byte of 6", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80]), ("0xF5", [0xF5, 0x80, 0x80, 0x80]), ("0xF7", [0xF7, 0xBF, 0xBF, 0xBF]),
        ("U+0000 in 2 bytes", [0xC0, 0x80]), ("U+002F in 2 bytes", [0xC0, 0xAF]), ("U+007F in 2 bytes", [0xC1, 0xBF]), ("U+002F in 3 bytes", [0xE0, 0x80, 0xAF]), ("U+07FF in 3 bytes", [0xE0, 0x9F, 0xBF]),
        ("U+0000 in 4 bytes", [0xF0, 0x80, 0x80, 0x80]), ("U+002F in 4 bytes", [0xF0, 0x80, 0x80, 0xAF]), ("U+FFFF in 4 bytes", [0xF0, 0x8F, 0xBF, 0xBF]), ("U+002F in 5 bytes", [0xF8, 0x80, 0x80, 0x80, 0xAF]), ("U+002F in 6 bytes", [0xFC, 0x80, 0x80, 0x80, 0x80, 0xAF]),
        ("the surrogate U+D800", [0xED, 0xA0, 0x80]), ("the surrogate U+DB7F", [0xED, 0xAD, 0xBF]), ("the surrogate U+DC00", [0xED, 0xB0, 0x80]), ("the surrogate U+DFFF", [0xED, 0xBF, 0xBF]), ("a pair of surrogates", [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80]), ("a pair of surrogates", [0xED, 0xAF, 0xBF, 0xED, 0xBF, 0xBF]),
        ("U+110000, beyond the last", [0xF4, 0x90, 0x80, 0x80]), ("U+13FFFF, beyond the last", [0xF4, 0xBF, 0xBF, 0xBF]),
        ("Latin-1", [0x63, 0x61, 0x66, 0xE9, 0x20]), ("UTF-16", [0xFF, 0xFE, 0x48, 0x00, 0x69, 0x00]),
    ];

    /// <summary>Sequences that are only incomplete: wrong when the message ends, and not before.</summary>
    public static IReadOnlyList<byte[]> Incomplete { get; } =
        [[0xC3], [0xE0], [0xE2], [0xE2, 0x82], [0xED, 0x9F], [0xEF, 0xBF], [0xF0], [0xF0, 0x9F], [0xF0, 0x9F, 0x98], [0xF4], [0xF4, 0x8F], [0xF4, 0x8F, 0xBF]];

    /// <summary>The index of the byte that proves the bytes ill-formed, whatever follows it.</summary>
    public static int Offending(ReadOnlySpan<byte> bytes)
    {
        for (int count = 1; count <= bytes.Length; count++)
        {
            ReadOnlySpan<byte> rest = bytes[..count];
            while (!rest.IsEmpty)
            {
                OperationStatus status = Rune.DecodeFromUtf8(rest, out _, out int consumed);
                if (status == OperationStatus.InvalidData)
                {
                    return count - 1;
                }

                rest = status == OperationStatus.Done ? rest[consumed..] : [];
            }
        }

        throw new ArgumentException($"Nothing in {Convert.ToHexString(bytes)} is ill-formed.", nameof(bytes));
    }
}
