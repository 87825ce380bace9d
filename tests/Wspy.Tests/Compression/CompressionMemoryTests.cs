using System.Globalization;
using Wspy.Compression;

namespace Wspy.Tests.Compression;

/// <summary>Native memory does not grow with what was disposed, and managed memory not with what is compressed.</summary>
public class CompressionMemoryTests
{
    private const int Rounds = 2000;

    private static readonly byte[] Output = new byte[100_000];

    [Fact]
    public void What_is_disposed_or_forgotten_leaves_nothing_behind()
    {
        // About 270 KB for each pair: 2,000 of them that leak would be half a gigabyte.
        const long Bound = 100 << 20;
        Use(50);
        long before = ResidentBytes();
        Use(Rounds);
        Forget(200);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.InRange(ResidentBytes() - before, long.MinValue, Bound);
    }

    [Fact]
    public void A_failed_begin_leaves_nothing_behind()
    {
        using var handle = new RefusedHandle();

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(handle.Begin);
        Assert.Contains("-2", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, handle.Freed);
    }

    [Fact]
    public void Nothing_is_allocated_per_call()
    {
        using Deflater deflater = Deflater.Create(new DeflateSettings(), CompressionBackend.Zlib);
        using Inflater inflater = Inflater.Create(15, CompressionBackend.Zlib);
        foreach (byte[] message in Codec.Messages)
        {
            RoundTrip(deflater, inflater, message);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10; i++)
            {
                RoundTrip(deflater, inflater, message);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static void RoundTrip(Deflater deflater, Inflater inflater, byte[] message)
    {
        ReadOnlySpan<byte> input = message;
        Assert.True(deflater.Deflate(ref input, Output, out int size, DeflateFlush.Sync));
        Span<byte> inflated = stackalloc byte[512];
        ReadOnlySpan<byte> rest = Output.AsSpan(0, size);
        int total = 0;
        InflateStatus status;
        do
        {
            status = inflater.Inflate(ref rest, inflated, out int written);
            total += written;
        }
        while (status == InflateStatus.NeedsOutput);
        if (status != InflateStatus.NeedsInput || total != message.Length)
        {
            Assert.Fail($"{status} after {total} of {message.Length} bytes");
        }
    }

    private static void Use(int times)
    {
        for (int i = 0; i < times; i++)
        {
            using Deflater deflater = Deflater.Create(new DeflateSettings(), CompressionBackend.Zlib);
            using Inflater inflater = Inflater.Create(15, CompressionBackend.Zlib);
            RoundTrip(deflater, inflater, Codec.Messages[6]);
            deflater.Reset();
            inflater.Reset();
            RoundTrip(deflater, inflater, Codec.Messages[6]);
        }
    }

    private static void Forget(int times)
    {
        for (int i = 0; i < times; i++)
        {
            RoundTrip(Deflater.Create(new DeflateSettings(), CompressionBackend.Zlib), Inflater.Create(15, CompressionBackend.Zlib), Codec.Messages[6]);
        }
    }

    private static long ResidentBytes() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    /// <summary>zlib refuses a raw window of 8 bits.</summary>
    private sealed unsafe class RefusedHandle : ZlibHandle
    {
        public int Freed { get; private set; }

        protected override int BeginStream() => ZlibNative.DeflateInit2(Stream, 6, ZlibNative.Deflated, -8, 8, 0);

        protected override int RunStream(int flush) => ZlibNative.Deflate(Stream, flush);

        protected override int FreeStream()
        {
            Freed++;
            return ZlibNative.DeflateEnd(Stream);
        }
    }
}
