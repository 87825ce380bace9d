using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Deflate;

/// <summary>Payloads that no compressor makes.</summary>
internal static class CorruptData
{
    /// <summary>Wrong whatever follows.</summary>
    public static IReadOnlyList<(string What, byte[] Payload)> Invalid { get; } =
    [
        ("Reserved block type 3", [0x06, 0x00]),
        ("Reserved block type 3, final", [0x07, 0x00]),
        ("Reserved block type 3 after a good block", [.. new BitWriter().Stored("Hello"u8).Write(6, 3).ToArray()]),
        ("A stored block whose lengths differ", [0x00, 0x05, 0x00, 0x00, 0x00, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]),
        ("A stored block whose lengths are the same", [0x00, 0x05, 0x00, 0x05, 0x00, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]),
        ("A match with the distance 32,768 before any data", Block(new Token(258, 32_768))),
        ("The length symbol 286", new BitWriter().Write(2, 3).WriteCode(0b1100_0110, 8).Write(0, 32).ToArray()),
        ("The length symbol 287", new BitWriter().Write(2, 3).WriteCode(0b1100_0111, 8).Write(0, 32).ToArray()),
        ("The distance symbol 30", new BitWriter().Write(2, 3).WriteCode(0x30 + 'a', 8).WriteCode(1, 7).WriteCode(30, 5).Write(0, 32).ToArray()),
        ("The distance symbol 31", new BitWriter().Write(2, 3).WriteCode(0x30 + 'a', 8).WriteCode(1, 7).WriteCode(31, 5).Write(0, 32).ToArray()),
        ("A dynamic block with 287 length symbols", Dynamic(30, 0, 15)),
        ("A dynamic block with 32 distance symbols", Dynamic(0, 31, 15)),
        ("Code lengths of too many codes", Dynamic(0, 0, 15, [.. Enumerable.Repeat(1, 19)])),
        ("Code lengths of too few codes", Dynamic(0, 0, 15, [.. Enumerable.Repeat(7, 19)])),
        ("No code lengths at all", Dynamic(0, 0, 0, 0, 0, 0, 0)),
        ("A repeated length that is the first", Dynamic(0, 0, 0, 1, 1, 0, 0)),
        ("A plain text with RSV1", "This is not compressed."u8.ToArray()),
        ("The byte FF many times", [.. Enumerable.Repeat((byte)0xFF, 100)]),
    ];

    /// <summary>Wrong at the beginning of a connection, when there is nothing to refer to.</summary>
    public static IReadOnlyList<(string What, byte[] Payload)> InvalidAtFirst { get; } =
    [
        ("A match before any data", Block(new Token(3, 1))),
        ("A distance one beyond the data, dynamic", Block(BlockKind.Dynamic, new Token('a', 0), new Token('b', 0), new Token(4, 3))),
    ];

    /// <summary>Beginnings of good messages.</summary>
    public static IReadOnlyList<(string What, byte[] Payload)> Truncated { get; } =
    [
        ("Nothing", []),
        ("A stored block without its data", [0x00, 0x05, 0x00, 0xFA, 0xFF]),
        ("A stored block without a part of its data", [0x00, 0x20, 0x00, 0xDF, 0xFF, 0x48, 0x65]),
        ("A stored block without the second of its lengths", [0x00, 0x20, 0x00]),
        ("A block with the fixed code, cut after two bytes", [0xF2, 0x48]),
        ("A dynamic block, cut in its codes", Whole[..20]),
        ("A dynamic block, cut in the middle", Whole[..(Whole.Length / 2)]),
        ("A dynamic block without its last 3 bytes", Whole[..^3]),
        ("A final block without the byte that follows", [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]),
    ];

    /// <summary>"Hello" in a final block, and something wrong after it.</summary>
    public static IReadOnlyList<(string What, byte[] Payload)> Trailing { get; } =
    [
        ("A block of type 3", [.. Hello, 0x06, 0x00]),
        ("A stored block whose lengths differ", [.. Hello, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00]),
        ("Bytes FF", [.. Hello, 0xFF, 0xFF, 0xFF, 0xFF]),
        ("A checksum such as zlib writes", [.. Hello, 0x05, 0x8C, 0x01, 0xF5]),
    ];

    private static byte[] Hello => [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];

    private static byte[] Whole => new Deflater(15, takeover: false).Deflate(Samples.Prose(3000, 1).ToArray(), DeflatePlan.Default);

    private static byte[] Block(params Token[] tokens) => Block(BlockKind.Fixed, tokens);

    private static byte[] Block(BlockKind kind, params Token[] tokens)
    {
        var output = new BitWriter();
        BlockWriter.Write(output, kind, tokens, final: false);
        return output.Stored([]).ToArray()[..^4];
    }

    /// <summary>A dynamic block with these counts, and the first lengths of its code-length code.</summary>
    private static byte[] Dynamic(int lengths, int distances, int codes, params int[] bits)
    {
        BitWriter output = new BitWriter().Write(4, 3).Write(lengths, 5).Write(distances, 5).Write(codes, 4);
        foreach (int length in bits)
        {
            output.Write(length, 3);
        }

        // Enough for whoever judges the codes only when all of them are there.
        return output.Align().Write(new byte[64]).ToArray();
    }
}
