using System.IO.Compression;
using Wspy.Conformance.Deflate;

namespace Wspy.Conformance.Tests.Deflate;

public sealed class DeflaterTests
{
    public static TheoryData<int> Bits => [.. Enumerable.Range(8, 8)];

    [Fact]
    public void Every_plan_is_read_by_the_platform()
    {
        BlockKind[][] kinds = [[BlockKind.Stored], [BlockKind.Fixed], [BlockKind.Dynamic], [BlockKind.Dynamic, BlockKind.Stored, BlockKind.Fixed]];
        foreach (BlockKind[] kind in kinds)
        {
            foreach (int size in (int[])[1, 100, int.MaxValue])
            {
                foreach (int flushes in (int[])[0, 1, 3])
                {
                    var plan = new DeflatePlan { Kinds = kind, BlockSize = size, Flushes = flushes, PartialFlush = flushes == 1, Isolated = flushes == 3 };
                    foreach ((_, _, Func<int, int, Wire.Payload> make) in Samples.All)
                    {
                        byte[] message = make(700, size % 5).ToArray();
                        byte[] payload = new Deflater(15, takeover: false).Deflate(message, plan);
                        Assert.Equal(message, ByPlatform(payload));
                        Assert.Equal(message, new Inflater(15, takeover: false).Inflate(payload).Bytes);
                    }
                }
            }
        }
    }

    // RFC 7692 §7.2.1: another block follows a final one.
    [Fact]
    public void Final_blocks_are_padded_and_followed_by_others()
    {
        byte[] message = Samples.Prose(3000, 1).ToArray();
        foreach (BlockKind kind in Enum.GetValues<BlockKind>())
        {
            var plan = new DeflatePlan { Kinds = [kind], BlockSize = 1000, EachFinal = true };
            Assert.Equal(message, new Inflater(15, takeover: false).Inflate(new Deflater(15, takeover: false).Deflate(message, plan)).Bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Bits))]
    public void Refers_no_farther_than_the_window_and_just_as_far(int bits)
    {
        byte[] far = Samples.Random(1 << bits, 1).ToArray();
        var deflater = new Deflater(bits, takeover: true);
        var inflater = new Inflater(bits, takeover: true);
        Assert.Equal(far, inflater.Inflate(deflater.Deflate(far, DeflatePlan.Default)).Bytes);
        Inflated second = inflater.Inflate(deflater.Deflate(far.AsSpan(..100), DeflatePlan.Default));
        Assert.Equal(far[..100], second.Bytes);
        Assert.Equal(1 << bits, second.Farthest);

        byte[] prose = Samples.Prose(100_000, 1).ToArray();
        Inflated third = inflater.Inflate(deflater.Deflate(prose, DeflatePlan.Default));
        Assert.Equal(prose, third.Bytes);
        Assert.InRange(third.Farthest, 1, 1 << bits);
    }

    [Fact]
    public void Ignores_the_window_where_a_case_asks_for_that()
    {
        byte[] once = Samples.Random(356, 1).ToArray();
        byte[] payload = new Deflater(8, takeover: true).Deflate([.. once, .. once], new DeflatePlan { IgnoresWindow = true });
        Assert.Throws<InvalidDataException>(() => new Inflater(8, takeover: true).Inflate(payload));
    }

    [Fact]
    public void Refers_to_earlier_messages_only_with_context_takeover()
    {
        byte[] message = Samples.Random(1000, 1).ToArray();
        foreach (bool takeover in (bool[])[true, false])
        {
            var deflater = new Deflater(15, takeover);
            deflater.Deflate(message, DeflatePlan.Default);
            Assert.Equal(takeover, deflater.Deflate(message, DeflatePlan.Default).Length < 100);
        }
    }

    [Fact]
    public void An_empty_message_is_one_byte() => Assert.Equal([0x00], new Deflater(15, takeover: true).Deflate([], DeflatePlan.Default));

    private static byte[] ByPlatform(byte[] payload)
    {
        using var input = new MemoryStream([.. payload, 0x00, 0x00, 0xFF, 0xFF]);
        using var inflate = new DeflateStream(input, CompressionMode.Decompress);
        using var output = new MemoryStream();
        inflate.CopyTo(output);
        return output.ToArray();
    }
}
