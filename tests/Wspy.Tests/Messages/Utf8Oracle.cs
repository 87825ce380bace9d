namespace Wspy.Tests;

/// <summary>What the Unicode standard says, table 3-7 "Well-Formed UTF-8 Byte Sequences", row by row.</summary>
internal static class Utf8Oracle
{
    private static readonly (byte Low, byte High)[][] Rows =
    [
        [(0x00, 0x7F)],
        [(0xC2, 0xDF), (0x80, 0xBF)],
        [(0xE0, 0xE0), (0xA0, 0xBF), (0x80, 0xBF)],
        [(0xE1, 0xEC), (0x80, 0xBF), (0x80, 0xBF)],
        [(0xED, 0xED), (0x80, 0x9F), (0x80, 0xBF)],
        [(0xEE, 0xEF), (0x80, 0xBF), (0x80, 0xBF)],
        [(0xF0, 0xF0), (0x90, 0xBF), (0x80, 0xBF), (0x80, 0xBF)],
        [(0xF1, 0xF3), (0x80, 0xBF), (0x80, 0xBF), (0x80, 0xBF)],
        [(0xF4, 0xF4), (0x80, 0x8F), (0x80, 0xBF), (0x80, 0xBF)],
    ];

    /// <summary>The index of the first byte with which no row goes on, or -1; and whether the text may end where it ends.</summary>
    public static (int Failure, bool Complete) Judge(ReadOnlySpan<byte> text)
    {
        int start = 0;
        while (start < text.Length)
        {
            (byte Low, byte High)[]? row = Array.Find(Rows, RowOf(text[start]));
            if (row is null)
            {
                return (start, false);
            }

            for (int i = 1; i < row.Length; i++)
            {
                if (start + i == text.Length)
                {
                    return (-1, false);
                }

                if (text[start + i] < row[i].Low || text[start + i] > row[i].High)
                {
                    return (start + i, false);
                }
            }

            start += row.Length;
        }

        return (-1, true);
    }

    private static Predicate<(byte Low, byte High)[]> RowOf(byte lead) => row => lead >= row[0].Low && lead <= row[0].High;
}
