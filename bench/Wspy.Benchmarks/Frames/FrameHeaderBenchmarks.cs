using System.Buffers;
using BenchmarkDotNet.Attributes;

namespace Wspy.Benchmarks.Frames;

/// <summary>The header of a frame (RFC 6455 §5.2), parsed and packed in each of its three sizes.</summary>
public class FrameHeaderBenchmarks
{
    private readonly byte[] _bytes = new byte[FrameHeader.MaxSize];
    private FrameHeader _header;

    /// <summary>Lengths of 7, 16 and 64 bits.</summary>
    [Params(20L, 1024L, 1_048_576L)]
    public long PayloadLength { get; set; }

    /// <summary>A client's text frame.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _header = new FrameHeader(Opcode.Text, PayloadLength, maskingKey: 0x3D21FA37);
        _header.Write(_bytes);
    }

    /// <summary>The bytes of a header become a value.</summary>
    [Benchmark]
    public OperationStatus Parse() => FrameHeader.TryParse(_bytes, out _header, out _);

    /// <summary>A value becomes the bytes of a header.</summary>
    [Benchmark]
    public int Pack() => _header.Write(_bytes);

    /// <summary>As a server does for each reply.</summary>
    [Benchmark]
    public int CreateAndPack() => new FrameHeader(Opcode.Text, PayloadLength).Write(_bytes);
}
