using CsCheck;
using Wspy.Compression;
using Wspy.Conformance.Deflate;
using Deflater = Wspy.Compression.Deflater;
using Inflater = Wspy.Compression.Inflater;
using Sender = Wspy.Conformance.Deflate.Deflater;

namespace Wspy.Tests.Compression;

public class InflaterTests
{
    public static TheoryData<bool> Backends => Codec.Backends;

    private static readonly Gen<DeflatePlan> Plans = Gen.Select(Gen.Enum<BlockKind>().Array[1, 3], Gen.Int[1, 4000], Gen.Int[0, 2], Gen.Bool,
        (kinds, block, flushes, partial) => new DeflatePlan { Kinds = kinds, BlockSize = block, Flushes = flushes, PartialFlush = partial });

    [Theory]
    [MemberData(nameof(Backends))]
    public void Whatever_a_sender_may_do_is_understood_however_it_is_cut_RFC1951(bool zlib) =>
        Gen.Select(Plans, Gen.OneOf(Codec.Messages).Array[1, 4], Gen.Int[8, 15], Gen.UInt).Sample((plan, messages, window, seed) =>
        {
            var random = new Random((int)seed);
            int most = random.Next(1, 500);
            var sender = new Sender(window, takeover: true);
            using Inflater inflater = Inflater.Create(window, Codec.Backend(zlib));
            foreach (byte[] message in messages.Where(message => message.Length <= 5000))
            {
                byte[] deflated = sender.Deflate(message, plan);
                (byte[] data, InflateStatus status, _) = Codec.Inflate(inflater, deflated, () => random.Next(1, most + 1), () => random.Next(0, most + 1));

                Assert.Equal(InflateStatus.NeedsInput, status);
                Assert.True(inflater.TakeFlushMark());
                Assert.Equal(message, data);
            }
        }, iter: 150);

    public static TheoryData<bool, string> Wrong => new(
        from zlib in (bool[])[true, false]
        from what in CorruptData.Invalid.Concat(CorruptData.InvalidAtFirst)
        select (zlib, what.What));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_no_deflate_is_corrupt_until_Reset_RFC1951(bool zlib, string what)
    {
        byte[] payload = CorruptData.Invalid.Concat(CorruptData.InvalidAtFirst).Single(one => one.What == what).Payload;
        for (int size = 1; size <= payload.Length; size++)
        {
            using Inflater inflater = Inflater.Create(15, Codec.Backend(zlib));
            InflateStatus status = Codec.Inflate(inflater, [.. payload, 0x00, 0x00, 0xFF, 0xFF], () => size, () => 100).Status;

            Assert.Equal(InflateStatus.Corrupt, status);
            Assert.Equal(InflateStatus.Corrupt, Codec.Inflate(inflater, [0x02]).Status);
            inflater.Reset();
            Assert.Equal("Hello"u8, Codec.Inflate(inflater, [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]).Data);
        }
    }

    public static TheoryData<string> CutOff => [.. CorruptData.Truncated.Select(one => one.What)];

    [Theory]
    [MemberData(nameof(CutOff))]
    public void What_is_cut_off_is_told_from_what_a_flush_ended_RFC7692_7_2_2(string what)
    {
        byte[] payload = CorruptData.Truncated.Single(one => one.What == what).Payload;
        using Inflater inflater = Inflater.Create(15, CompressionBackend.Zlib);
        (_, InflateStatus status, int left) = Codec.Inflate(inflater, payload);
        if (status == InflateStatus.EndOfStream)
        {
            status = Codec.Inflate(inflater, payload.AsSpan(payload.Length - left)).Status;
        }

        Assert.Equal(InflateStatus.NeedsInput, status);
        Assert.False(inflater.TakeFlushMark());
    }

    [Fact]
    public void Each_beginning_of_a_message_is_cut_off_RFC7692_7_2_2()
    {
        byte[] message = Codec.Messages[6];
        foreach (BlockKind kind in Enum.GetValues<BlockKind>())
        {
            byte[] whole = new Sender(15, takeover: true).Deflate(message, new DeflatePlan { Kinds = [kind], BlockSize = 100 });
            for (int length = 0; length <= whole.Length; length++)
            {
                using Inflater inflater = Inflater.Create(15, CompressionBackend.Zlib);
                byte[] data = Codec.Inflate(inflater, whole.AsSpan(0, length)).Data;

                // A stored block may begin where it needs no more than its lengths; then what was cut off is a part of the message only.
                Assert.True(!inflater.TakeFlushMark() || message.AsSpan().StartsWith(data), $"{kind}, {length} of {whole.Length}");
                Assert.True(length < whole.Length || data.AsSpan().SequenceEqual(message));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_stored_block_behind_the_mark_is_found_as_well(bool zlib)
    {
        // Stored, five bytes announced and none there: the mark becomes data.
        using Inflater inflater = Inflater.Create(15, Codec.Backend(zlib));
        Assert.Equal(InflateStatus.NeedsInput, Codec.Inflate(inflater, [0x00, 0x05, 0x00, 0xFA, 0xFF]).Status);

        Assert.False(inflater.TakeFlushMark());
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Random_bytes_never_do_more_than_fill_the_output(bool zlib) => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        using Inflater inflater = Inflater.Create(15, Codec.Backend(zlib));
        ReadOnlySpan<byte> rest = bytes;
        InflateStatus status;
        do
        {
            byte[] guarded = new byte[64];
            guarded.AsSpan(32).Fill(0xAA);
            status = inflater.Inflate(ref rest, guarded.AsSpan(0, 32), out int written);

            Assert.InRange(written, 0, 32);
            Assert.False(guarded.AsSpan(32).ContainsAnyExcept((byte)0xAA));
        }
        while (status is InflateStatus.NeedsOutput or InflateStatus.EndOfStream && !(status == InflateStatus.EndOfStream && rest.IsEmpty));
        Assert.True(status != InflateStatus.NeedsInput || rest.IsEmpty);
    }, iter: 3000);

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_bomb_fills_the_output_and_no_more_until_asked(bool zlib)
    {
        const int Size = 64 << 20;
        using Deflater deflater = Deflater.Create(new DeflateSettings { Level = 9 }, Codec.Backend(zlib));
        byte[] bomb = Codec.Deflate(deflater, new byte[Size], DeflateFlush.Sync);
        using Inflater inflater = Inflater.Create(15, Codec.Backend(zlib));
        Assert.InRange(bomb.Length, 1, Size / 900);
        ReadOnlySpan<byte> rest = bomb;
        byte[] output = new byte[8192];
        inflater.Inflate(ref rest, output, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long total = output.Length;
        while (inflater.Inflate(ref rest, output, out int written) == InflateStatus.NeedsOutput)
        {
            total += written;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.InRange(total, Size - 8192, Size);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Nothing_works_after_Dispose_which_may_be_repeated(bool zlib)
    {
        Inflater inflater = Inflater.Create(15, Codec.Backend(zlib));
        inflater.Dispose();
        inflater.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Codec.Inflate(inflater, [0x00]));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_window_out_of_range_is_refused(bool zlib)
    {
        Assert.Throws<ArgumentOutOfRangeException>("windowBits", () => Inflater.Create(7, Codec.Backend(zlib)));
        Assert.Throws<ArgumentOutOfRangeException>("windowBits", () => Inflater.Create(16, Codec.Backend(zlib)));
    }
}
