namespace Wspy.Benchmarks.Frames;

/// <summary>Where the payloads stand in a receive buffer full of masked frames of one size: taken in turn, over and over.</summary>
internal sealed class FrameSlots
{
    /// <summary>In bytes: half of a first-level cache, so that small frames are measured in it, as right after a receive.</summary>
    private const int BufferSize = 16 * 1024;

    private readonly int _stride;
    private readonly int _first;
    private int _next;

    public FrameSlots(int payloadLength)
    {
        _first = FrameHeader.SizeOf(payloadLength, masked: true);
        _stride = _first + payloadLength;
        TotalSize = Math.Max(BufferSize / _stride, 1) * _stride;
        _next = _first;
    }

    /// <summary>The size of the buffer in bytes.</summary>
    public int TotalSize { get; }

    /// <summary>The offset of the next payload.</summary>
    public int Next()
    {
        int at = _next;
        _next = at + _stride < TotalSize ? at + _stride : _first;
        return at;
    }
}
