using CsCheck;
using Wspy.Compression;
using Deflater = Wspy.Compression.Deflater;
using Inflater = Wspy.Compression.Inflater;
using Judge = Wspy.Conformance.Deflate.Inflater;

namespace Wspy.Tests.Compression;

public class DeflaterTests
{
    public static TheoryData<bool> Backends => Codec.Backends;

    private static readonly Gen<DeflateSettings> Settings = Gen.Select(Gen.Int[0, 9], Gen.Int[8, 15], Gen.Int[1, 9], Gen.Enum<DeflateStrategy>(),
        (level, window, memory, strategy) => new DeflateSettings { Level = level, WindowBits = window, MemoryLevel = memory, Strategy = strategy });

    private static readonly Gen<(byte[][] Messages, uint Seed, DeflateFlush Flush)> Work =
        Gen.Select(Gen.OneOf(Codec.Messages).Array[1, 5], Gen.UInt, Gen.OneOf(DeflateFlush.Sync, DeflateFlush.Full));

    [Theory]
    [MemberData(nameof(Backends))]
    public void Whatever_the_settings_the_data_comes_back_and_keeps_to_its_window_RFC7692_7_1_2(bool zlib) =>
        Gen.Select(Settings, Work).Sample((settings, work) =>
        {
            DeflateSettings possible = Possible(settings, Codec.Backend(zlib));
            using Deflater deflater = Deflater.Create(possible, Codec.Backend(zlib));
            using Inflater inflater = Inflater.Create(possible.WindowBits, Codec.Backend(zlib));
            var judge = new Judge(possible.WindowBits, takeover: work.Flush == DeflateFlush.Sync);
            foreach (byte[] message in work.Messages)
            {
                byte[] deflated = Codec.Deflate(deflater, message, work.Flush);

                Assert.Equal(message, Codec.Judged(judge, deflated));
                Assert.Equal((InflateStatus.NeedsInput, 0), Same(message, Codec.Inflate(inflater, deflated)));
            }
        }, iter: 150);

    [Theory]
    [MemberData(nameof(Backends))]
    public void However_input_and_output_are_cut_the_data_comes_back(bool zlib) =>
        Gen.Select(Settings, Work).Sample((settings, work) =>
        {
            DeflateSettings possible = Possible(settings, Codec.Backend(zlib));
            var random = new Random((int)work.Seed);
            int most = random.Next(1, 100);
            using Deflater deflater = Deflater.Create(possible, Codec.Backend(zlib));
            var judge = new Judge(possible.WindowBits, takeover: work.Flush == DeflateFlush.Sync);
            foreach (byte[] message in work.Messages.Where(message => message.Length <= 5000))
            {
                byte[] deflated = Codec.Deflate(deflater, message, work.Flush, () => random.Next(1, most * 3), () => random.Next(0, most + 1));

                Assert.Equal(message, Codec.Judged(judge, deflated));
            }
        }, iter: 150);

    [Theory]
    [MemberData(nameof(Backends))]
    public void Every_size_of_pieces_works(bool zlib)
    {
        byte[] message = Codec.Messages[8];
        using Deflater deflater = Deflater.Create(new DeflateSettings(), Codec.Backend(zlib));
        int whole = Codec.Deflate(deflater, message, DeflateFlush.Full).Length;
        for (int size = 1; size <= 70; size++)
        {
            byte[] deflated = Codec.Deflate(deflater, message, DeflateFlush.Full, () => size, () => size);

            Assert.Equal(message, Codec.Judged(new Judge(15, takeover: false), deflated));

            // A mark that the end of an output cut in two may come twice.
            Assert.InRange(deflated.Length, whole - 5, whole + 10);
        }
    }

    [Theory]
    [InlineData(nameof(DeflateStrategy.Default))]
    [InlineData(nameof(DeflateStrategy.HuffmanOnly))]
    [InlineData(nameof(DeflateStrategy.RunLength))]
    public void A_window_of_8_bits_which_zlib_lacks_is_kept_to_and_still_pays(string strategy)
    {
        var settings = new DeflateSettings { WindowBits = 8, Strategy = Enum.Parse<DeflateStrategy>(strategy) };
        using Deflater deflater = Deflater.Create(settings, CompressionBackend.Zlib);
        using Inflater inflater = Inflater.Create(8, CompressionBackend.Zlib);
        var judge = new Judge(8, takeover: true);
        byte[] text = [.. Codec.Messages[12], .. new byte[3000], .. Codec.Messages[12]];
        for (int i = 0; i < 3; i++)
        {
            byte[] deflated = Codec.Deflate(deflater, text, DeflateFlush.Sync);

            Assert.InRange(deflated.Length, 1, text.Length * 2 / 3);
            Assert.Equal(text, Codec.Judged(judge, deflated));

            // Byte by byte nothing but the window of 256 bytes is left to refer to.
            Assert.Equal(text, Codec.Inflate(inflater, deflated, () => 1, () => 1).Data);
        }
    }

    [Fact]
    public void The_stream_of_the_base_library_keeps_to_15_bits_only()
    {
        Assert.Equal(15, CompressionSupport.MinDeflateWindowBits(CompressionBackend.DeflateStream));
        Assert.Throws<NotSupportedException>(() => Deflater.Create(new DeflateSettings { WindowBits = 14 }, CompressionBackend.DeflateStream));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_full_flush_forgets_and_a_sync_flush_does_not(bool zlib)
    {
        byte[] message = Codec.Messages[17];
        using Deflater deflater = Deflater.Create(new DeflateSettings(), Codec.Backend(zlib));

        byte[] first = Codec.Deflate(deflater, message, DeflateFlush.Full);
        byte[] second = Codec.Deflate(deflater, message, DeflateFlush.Sync);
        byte[] third = Codec.Deflate(deflater, message, DeflateFlush.Sync);

        Assert.Equal(first, second);
        Assert.InRange(third.Length, 1, first.Length / 2);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_second_flush_without_input_writes_nothing_or_an_empty_block(bool zlib)
    {
        using Deflater deflater = Deflater.Create(new DeflateSettings(), Codec.Backend(zlib));
        byte[] all =
        [
            .. Codec.Deflate(deflater, "Hello"u8, DeflateFlush.Sync), .. Codec.Deflate(deflater, [], DeflateFlush.Sync),
            .. Codec.Deflate(deflater, [], DeflateFlush.Full), .. Codec.Deflate(deflater, ", world"u8, DeflateFlush.Sync),
        ];

        Assert.Equal("Hello, world"u8, Codec.Judged(new Judge(15, takeover: true), all));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_final_block_ends_the_stream_and_another_one_may_follow_RFC7692_7_2_3_4(bool zlib)
    {
        using Deflater deflater = Deflater.Create(new DeflateSettings(), Codec.Backend(zlib));
        using Inflater inflater = Inflater.Create(15, Codec.Backend(zlib));
        byte[][] parts = [.. ((byte[][])[[], Codec.Messages[14], [], Codec.Messages[15]]).Select(part => Codec.Deflate(deflater, part, DeflateFlush.Finish))];

        Assert.Equal([0x03, 0x00], parts[0]);
        Assert.Equal((InflateStatus.EndOfStream, 0), Same([], Codec.Inflate(inflater, parts[0])));
        Assert.Equal((InflateStatus.EndOfStream, parts[2].Length + parts[3].Length), Same(Codec.Messages[14], Codec.Inflate(inflater, [.. parts[1], .. parts[2], .. parts[3]])));
        Assert.Equal((InflateStatus.EndOfStream, parts[3].Length), Same([], Codec.Inflate(inflater, [.. parts[2], .. parts[3]])));
        Assert.Equal((InflateStatus.EndOfStream, 0), Same(Codec.Messages[15], Codec.Inflate(inflater, parts[3])));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Reset_in_the_middle_begins_anew(bool zlib)
    {
        using Deflater deflater = Deflater.Create(new DeflateSettings(), Codec.Backend(zlib));
        byte[] expected = Codec.Deflate(deflater, Codec.Messages[18], DeflateFlush.Sync);
        for (int i = 0; i < 3; i++)
        {
            ReadOnlySpan<byte> rest = Codec.Messages[^1];
            Assert.False(deflater.Deflate(ref rest, new byte[i], out _, DeflateFlush.Finish));
            deflater.Reset();

            Assert.Equal(expected, Codec.Deflate(deflater, Codec.Messages[18], DeflateFlush.Sync));
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Nothing_works_after_Dispose_which_may_be_repeated(bool zlib)
    {
        Deflater deflater = Deflater.Create(new DeflateSettings(), Codec.Backend(zlib));
        deflater.Dispose();
        deflater.Dispose();

        Assert.Throws<ObjectDisposedException>(() => Codec.Deflate(deflater, "Hello"u8, DeflateFlush.Sync));
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Level", () => new DeflateSettings { Level = 10 });
        Assert.Throws<ArgumentOutOfRangeException>("Level", () => new DeflateSettings { Level = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("WindowBits", () => new DeflateSettings { WindowBits = 7 });
        Assert.Throws<ArgumentOutOfRangeException>("WindowBits", () => new DeflateSettings { WindowBits = 16 });
        Assert.Throws<ArgumentOutOfRangeException>("MemoryLevel", () => new DeflateSettings { MemoryLevel = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("MemoryLevel", () => new DeflateSettings { MemoryLevel = 10 });
    }

    private static DeflateSettings Possible(DeflateSettings settings, CompressionBackend backend) =>
        settings with { WindowBits = Math.Max(settings.WindowBits, CompressionSupport.MinDeflateWindowBits(backend)) };

    /// <summary>Compares the data and leaves the rest, for arrays in tuples are compared by reference.</summary>
    private static (InflateStatus Status, int Left) Same(byte[] expected, (byte[] Data, InflateStatus Status, int Left) actual)
    {
        Assert.Equal(expected, actual.Data);
        return (actual.Status, actual.Left);
    }
}
