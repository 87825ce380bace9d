using BenchmarkDotNet.Attributes;

namespace Wspy.Benchmarks.Frames;

/// <summary>Masking (RFC 6455 §5.3) against a copy of the same memory and against the definition, byte by byte.</summary>
/// <remarks>
/// Each invocation masks the payload of the next frame in a receive buffer, as a server does: at the odd offsets that headers
/// leave, and not the same bytes again, whose last stores would still be under way.
/// </remarks>
public class MaskingBenchmarks
{
    private const uint Key = 0x3D21FA37;

    private FrameSlots _slots = null!;
    private byte[] _buffer = [];
    private byte[] _other = [];

    /// <summary>The payload's length in bytes.</summary>
    [Params(16, 64, 1024, 65_536, 1_048_576)]
    public int Size { get; set; }

    /// <summary>Fills the buffer with frames of the same size.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _slots = new FrameSlots(Size);
        _buffer = new byte[_slots.TotalSize];
        _other = new byte[_slots.TotalSize];
        new Random(1).NextBytes(_buffer);
    }

    /// <summary>The yardstick: the cheapest pass over the same bytes.</summary>
    [Benchmark(Baseline = true)]
    public void Copy()
    {
        int at = _slots.Next();
        _buffer.AsSpan(at, Size).CopyTo(_other.AsSpan(at));
    }

    /// <summary>In place, as received payloads are unmasked.</summary>
    [Benchmark]
    public uint InPlace() => Masking.Apply(_buffer.AsSpan(_slots.Next(), Size), Key);

    /// <summary>Copied, as a client's payloads are masked without altering the caller's memory.</summary>
    [Benchmark]
    public uint Copied()
    {
        int at = _slots.Next();
        return Masking.Apply(_buffer.AsSpan(at, Size), _other.AsSpan(at), Key);
    }

    /// <summary>The definition of §5.3 to the letter.</summary>
    [Benchmark]
    public void ByteByByte()
    {
        Span<byte> data = _buffer.AsSpan(_slots.Next(), Size);
        for (int i = 0; i < data.Length; i++)
        {
            data[i] ^= (byte)(Key >> (i % 4 * 8));
        }
    }
}
