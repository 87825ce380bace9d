namespace Wspy.Conformance.Deflate;

/// <summary>The numbers of RFC 1951.</summary>
internal static class DeflateTables
{
    public const int EndOfBlock = 256;

    public const int MaxMatch = 258;

    public const int MinMatch = 3;

    /// <summary>Literal and length symbols that data may hold; 286 and 287 only complete the fixed code (§3.2.6).</summary>
    public const int LengthSymbols = 286;

    /// <summary>Distance symbols that data may hold; 30 and 31 only complete the fixed code (§3.2.6).</summary>
    public const int DistanceSymbols = 30;

    /// <summary>§3.2.5: the shortest match of each length symbol from 257.</summary>
    public static ReadOnlySpan<ushort> LengthBase => [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    public static ReadOnlySpan<byte> LengthExtra => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    /// <summary>§3.2.5: the shortest distance of each distance symbol.</summary>
    public static ReadOnlySpan<ushort> DistanceBase =>
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];

    public static ReadOnlySpan<byte> DistanceExtra => [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    /// <summary>§3.2.7: the order in which the lengths of the code-length code are written.</summary>
    public static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>§3.2.6: the code lengths of the fixed literal and length code.</summary>
    public static byte[] FixedLengths { get; } = [.. Enumerable.Range(0, 288).Select(symbol => (byte)(symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8))];

    public static byte[] FixedDistances { get; } = [.. Enumerable.Repeat((byte)5, 32)];

    /// <summary>RFC 7692 §7.2.1: what a flush ends with, and the sender takes away.</summary>
    public static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];
}
