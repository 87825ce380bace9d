using System.Buffers;
using Wspy.Compression;
using Wspy.Conformance.Deflate;
using Deflater = Wspy.Compression.Deflater;
using Inflater = Wspy.Compression.Inflater;
using Judge = Wspy.Conformance.Deflate.Inflater;

namespace Wspy.Tests.Compression;

/// <summary>What the tests of deflaters and inflaters share: data, and whole streams put together from pieces.</summary>
internal static class Codec
{
    private static readonly byte[] Mark = [0x00, 0x00, 0xFF, 0xFF];

    /// <summary>Whether it is zlib; for <see cref="Backend"/>.</summary>
    public static TheoryData<bool> Backends { get; } = [true, false];

    public static CompressionBackend Backend(bool zlib) => zlib ? CompressionBackend.Zlib : CompressionBackend.DeflateStream;

    /// <summary>Messages of all kinds: short, of one block and of many, that compress well and not at all.</summary>
    public static byte[][] Messages { get; } =
        [.. from size in (int[])[1, 5, 300, 5000, 70_000] from sample in Samples.All select sample.Make(size, size).ToArray()];

    public static byte[] Deflate(Deflater deflater, ReadOnlySpan<byte> data, DeflateFlush flush)
    {
        var output = new ArrayBufferWriter<byte>();
        deflater.Deflate(data, output, flush);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>With pieces of input and spans of output of these sizes.</summary>
    public static byte[] Deflate(Deflater deflater, ReadOnlySpan<byte> data, DeflateFlush flush, Func<int> inputSize, Func<int> outputSize)
    {
        List<byte> all = [];
        int left = data.Length;
        do
        {
            ReadOnlySpan<byte> piece = data.Slice(data.Length - left, Math.Min(left, inputSize()));
            left -= piece.Length;
            bool done;
            do
            {
                byte[] output = new byte[outputSize()];
                done = deflater.Deflate(ref piece, output, out int written, left == 0 ? flush : DeflateFlush.None);
                all.AddRange(output.AsSpan(0, written));
            }
            while (!done);
        }
        while (left > 0);
        return [.. all];
    }

    public static (byte[] Data, InflateStatus Status, int Left) Inflate(Inflater inflater, ReadOnlySpan<byte> data) =>
        Inflate(inflater, data, () => int.MaxValue, () => 4096);

    /// <summary>Until the input is at its end, or something else happens.</summary>
    public static (byte[] Data, InflateStatus Status, int Left) Inflate(Inflater inflater, ReadOnlySpan<byte> data, Func<int> inputSize, Func<int> outputSize)
    {
        List<byte> all = [];
        int left = data.Length;
        while (true)
        {
            ReadOnlySpan<byte> piece = data.Slice(data.Length - left, Math.Min(left, inputSize()));
            left -= piece.Length;
            InflateStatus status;
            do
            {
                byte[] output = new byte[outputSize()];
                status = inflater.Inflate(ref piece, output, out int written);
                all.AddRange(output.AsSpan(0, written));
            }
            while (status == InflateStatus.NeedsOutput);
            left += piece.Length;
            if (status != InflateStatus.NeedsInput || left == 0)
            {
                return ([.. all], status, left);
            }
        }
    }

    /// <summary>What ends with a flush, judged by the RFC: every distance within the window.</summary>
    public static byte[] Judged(Judge judge, byte[] deflated)
    {
        Assert.Equal(Mark, deflated[^4..]);
        return judge.Inflate(deflated.AsSpan(..^4)).Bytes;
    }
}
