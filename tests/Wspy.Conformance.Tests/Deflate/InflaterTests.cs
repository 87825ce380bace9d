using System.IO.Compression;
using Wspy.Conformance.Deflate;

namespace Wspy.Conformance.Tests.Deflate;

/// <summary>The judge of compressed messages is judged by the platform's zlib, which shares nothing with it.</summary>
public sealed class InflaterTests
{
    public static TheoryData<int> Levels => [.. Enumerable.Range(0, 10)];

    public static TheoryData<int> Bits => [.. Enumerable.Range(8, 8)];

    public static TheoryData<string> Corrupt => [.. CorruptData.Invalid.Concat(CorruptData.InvalidAtFirst).Concat(CorruptData.Truncated).Concat(CorruptData.Trailing).Select(sample => sample.What).Distinct()];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Inflates_what_zlib_writes_at_each_level(int level)
    {
        foreach ((string name, _, Func<int, int, Wire.Payload> make) in Samples.All)
        {
            foreach (int size in (int[])[0, 1, 2, 3, 257, 258, 259, 5000, 70_000])
            {
                byte[] message = make(size, level).ToArray();
                Assert.Equal(message, new Inflater(15, takeover: false).Inflate(Deflater.ByZlib(message, level, final: false)).Bytes);
                Assert.Equal(message, new Inflater(15, takeover: false).Inflate(Deflater.ByZlib(message, level, final: true)).Bytes);
                Assert.Equal(size, message.Length);
                Assert.NotEmpty(name);
            }
        }
    }

    // RFC 7692 §7.2.3.2
    [Theory]
    [MemberData(nameof(Levels))]
    public void Inflates_messages_that_share_a_window(int level)
    {
        using var output = new MemoryStream();
        using var deflate = new DeflateStream(output, new ZLibCompressionOptions { CompressionLevel = level });
        var inflater = new Inflater(15, takeover: true);
        for (int i = 0; i < 50; i++)
        {
            byte[] message = Samples.All[i % Samples.All.Count].Make(1 + (i * 97), i % 7).ToArray();
            deflate.Write(message);
            deflate.Flush();
            Assert.Equal(message, inflater.Inflate(output.ToArray().AsSpan(..^4)).Bytes);
            output.SetLength(0);
        }
    }

    [Theory]
    [MemberData(nameof(Corrupt))]
    public void Refuses_what_the_catalogue_calls_corrupt(string what)
    {
        byte[] payload = CorruptData.Invalid.Concat(CorruptData.InvalidAtFirst).Concat(CorruptData.Truncated).Concat(CorruptData.Trailing).First(sample => sample.What == what).Payload;
        Assert.Throws<InvalidDataException>(() => new Inflater(15, takeover: true).Inflate(payload));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Refuses_every_truncation(int level)
    {
        byte[] payload = Deflater.ByZlib(Samples.Prose(1000, 1).ToArray(), level, final: false);
        for (int length = 0; length < payload.Length; length++)
        {
            if (TryInflate(payload[..length], out byte[] bytes))
            {
                // RFC 7692 §7.2.3.6: the first byte of a stored block by itself is an empty message.
                Assert.Equal((0, 1, 0), (level, length, bytes.Length));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Takes_no_corruption_that_zlib_refuses_and_reads_the_others_as_zlib_does(int level)
    {
        byte[] payload = Deflater.ByZlib(Samples.Json(400, 1).ToArray(), level, final: false);
        int taken = 0;
        for (int bit = 0; bit < payload.Length * 8; bit++)
        {
            byte[] corrupt = [.. payload];
            corrupt[bit / 8] ^= (byte)(1 << (bit % 8));
            if (TryInflate(corrupt, out byte[] ours))
            {
                taken++;

                // zlib ends with a final block; the RFC's messages go on after it.
                byte[] theirs = ByPlatform(corrupt);
                Assert.True(ours.AsSpan().StartsWith(theirs));
            }
        }

        Assert.True(taken > 0 && taken < payload.Length * 8, "Some corruption is not to be noticed, and some is.");
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void Refuses_a_reference_one_byte_beyond_the_window(int bits)
    {
        byte[] far = Samples.Random(1 << bits, 1).ToArray();
        Inflated inflated = new Inflater(bits, takeover: false).Inflate(Referring(far, 1 << bits));
        Assert.Equal(1 << bits, inflated.Farthest);
        Assert.Equal(far[..3], inflated.Bytes[^3..]);
        if (bits < 15)
        {
            Assert.Throws<InvalidDataException>(() => new Inflater(bits, takeover: false).Inflate(Referring([.. far, 0], (1 << bits) + 1)));
        }
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void Refers_to_earlier_messages_as_far_as_the_window_goes(int bits)
    {
        byte[] far = Samples.Random(1 << bits, 1).ToArray();
        var inflater = new Inflater(bits, takeover: true);
        inflater.Inflate(Stored(Samples.Random(100_000, 2).ToArray()));
        inflater.Inflate(Stored(far));
        Inflated inflated = inflater.Inflate(Referring([], 1 << bits));
        Assert.True(inflated.RefersBack);
        Assert.Equal(far[..3], inflated.Bytes);
    }

    // RFC 7692 §7.1.1
    [Fact]
    public void Refuses_a_reference_to_an_earlier_message_without_context_takeover()
    {
        var inflater = new Inflater(15, takeover: false);
        inflater.Inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]);
        Assert.Throws<InvalidDataException>(() => inflater.Inflate([0xF2, 0x00, 0x11, 0x00, 0x00]));
    }

    // RFC 7692 §7.2.3
    [Fact]
    public void Inflates_the_examples_of_the_RFC()
    {
        foreach (byte[] payload in (byte[][])[
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
        ])
        {
            Assert.Equal("Hello"u8.ToArray(), new Inflater(15, takeover: true).Inflate(payload).Bytes);
        }
    }

    [Fact]
    public void Tells_the_kinds_of_blocks()
    {
        byte[] payload = new Deflater(15, takeover: false).Deflate(Samples.Prose(900, 1).ToArray(), new DeflatePlan { Kinds = [BlockKind.Stored, BlockKind.Fixed, BlockKind.Dynamic], BlockSize = 300 });
        Assert.Equal([BlockKind.Stored, BlockKind.Fixed, BlockKind.Dynamic, BlockKind.Stored], new Inflater(15, takeover: false).Inflate(payload).Blocks);
    }

    private static byte[] Stored(byte[] bytes) => new Deflater(15, takeover: false).Deflate(bytes, new DeflatePlan { Kinds = [BlockKind.Stored] });

    /// <summary>Bytes, and after them a match of three at a distance.</summary>
    private static byte[] Referring(byte[] bytes, int distance)
    {
        var output = new BitWriter();
        foreach (byte[] chunk in bytes.Chunk(0xFFFF))
        {
            output.Stored(chunk);
        }

        BlockWriter.Write(output, BlockKind.Fixed, [new Token(3, distance)], final: false);
        return output.Stored([]).ToArray()[..^4];
    }

    private static bool TryInflate(byte[] payload, out byte[] bytes)
    {
        try
        {
            bytes = new Inflater(15, takeover: false).Inflate(payload).Bytes;
            return true;
        }
        catch (InvalidDataException)
        {
            bytes = [];
            return false;
        }
    }

    private static byte[] ByPlatform(byte[] payload)
    {
        using var input = new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]);
        using var inflate = new DeflateStream(input, CompressionMode.Decompress);
        using var output = new MemoryStream();
        inflate.CopyTo(output);
        return output.ToArray();
    }
}
