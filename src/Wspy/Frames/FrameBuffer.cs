using System.Buffers;
using Wspy.Buffers;

namespace Wspy;

/// <summary>Frames from a growing buffer: append bytes as they come, pop frames as they become whole.</summary>
/// <remarks>
/// Not thread-safe. Keeps a copy of what is appended and judges nothing but sizes; for the rules of the protocol use
/// <see cref="Protocol.WebSocketProtocol"/>. Dispose it to give its memory back.
/// </remarks>
/// <param name="maxPayloadSize">The largest payload taken, in bytes; judged from the header, before the payload comes. Default 64 MiB.</param>
public sealed class FrameBuffer(int maxPayloadSize = 64 * 1024 * 1024) : IDisposable
{
    private readonly PooledBuffer _bytes = new();
    private int _start;

    /// <summary>The number of bytes appended and not yet popped.</summary>
    public int Count => _bytes.Count - _start;

    /// <summary>Whether a whole frame is there, which <see cref="TryPop"/> takes out. One whose payload exceeds the largest one taken does not count.</summary>
    public bool ContainsFrame =>
        FrameHeader.TryParse(Unread, out FrameHeader header, out int size) == OperationStatus.Done
        && header.PayloadLength <= Math.Min(maxPayloadSize, Unread.Length - size);

    private ReadOnlySpan<byte> Unread => _bytes.WrittenSpan[_start..];

    /// <summary>Appends bytes as received; they are copied.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_start > 0 && _start >= Count)
        {
            // At least half of the buffer was popped: moving the rest costs less than was already paid for it.
            Unread.CopyTo(_bytes.WrittenSpan);
            int rest = Count;
            _bytes.Clear(keepArray: true);
            _bytes.Advance(rest);
            _start = 0;
        }

        _bytes.Write(bytes);
    }

    /// <summary>Takes the first frame out of the buffer.</summary>
    /// <returns><see cref="OperationStatus.Done"/>; <see cref="OperationStatus.NeedMoreData"/> when it is not whole yet;
    /// <see cref="OperationStatus.InvalidData"/> when its length has the highest bit set;
    /// <see cref="OperationStatus.DestinationTooSmall"/> when its payload exceeds the largest one taken.</returns>
    public OperationStatus TryPop(out Frame? frame)
    {
        frame = null;
        if (FrameHeader.TryParse(Unread, out FrameHeader header, out _) == OperationStatus.Done && header.PayloadLength > maxPayloadSize)
        {
            return OperationStatus.DestinationTooSmall;
        }

        OperationStatus status = Frame.TryParse(Unread, out frame, out int consumed);
        _start += consumed;
        return status;
    }

    /// <summary>Gives the memory back to the pool, and forgets what was appended.</summary>
    public void Dispose()
    {
        _start = 0;
        _bytes.Dispose();
    }
}
