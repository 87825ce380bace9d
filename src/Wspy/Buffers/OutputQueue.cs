using System.Buffers;

namespace Wspy.Buffers;

/// <summary>Bytes that wait to be sent, in pooled arrays: small ones gathered, large ones taken over.</summary>
/// <remarks>Not thread-safe. A message with an owner of its own can be dropped while none of it was sent, and is told when all of it was.</remarks>
internal sealed class OutputQueue : IBufferWriter<byte>, IDisposable
{
    /// <summary>The least that is rented: a few small frames.</summary>
    private const int MinSegment = 4096;

    private Segment[] _segments = new Segment[2];
    private int _first;
    private int _segmentCount;

    /// <summary>Bytes that wait; shared arrays may be more than memory holds.</summary>
    public long Count { get; private set; }

    public bool IsEmpty => Count == 0;

    /// <summary>What is to be sent first.</summary>
    public ReadOnlySpan<byte> First => Written(0);

    /// <summary>What is to be sent after <see cref="First"/>; may be empty.</summary>
    public ReadOnlySpan<byte> Second => _segmentCount > 1 ? Written(1) : default;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        ref Segment tail = ref Tail(Math.Max(sizeHint, 1));
        return tail.Array.AsSpan(tail.End);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ref Segment tail = ref Tail(Math.Max(sizeHint, 1));
        return tail.Array.AsMemory(tail.End);
    }

    public void Advance(int count)
    {
        ref Segment tail = ref At(_segmentCount - 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(tail.Array.Length - tail.End), nameof(count));
        tail.End += count;
        Count += count;
    }

    /// <summary>Copies bytes to the end.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            bytes.CopyTo(GetSpan(bytes.Length));
            Advance(bytes.Length);
        }
    }

    /// <summary>Takes a pooled array over: it is returned when it was sent.</summary>
    /// <param name="array">From <see cref="BufferPool"/>.</param>
    /// <param name="start">Where what is to be sent begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="message">What <see cref="Consume"/> tells when all of it was sent; also says that it can be dropped whole.</param>
    public void AppendOwned(byte[] array, int start, int end, object? message = null)
    {
        Push(new Segment { Array = array, Start = start, End = end, Message = message, IsSealed = true });
        Count += end - start;
    }

    /// <summary>Sends an array that others send as well: it is neither altered nor returned to a pool.</summary>
    /// <param name="array">All of it is to be sent.</param>
    /// <param name="message">As of <see cref="AppendOwned"/>.</param>
    public void AppendShared(byte[] array, object? message = null)
    {
        Push(new Segment { Array = array, End = array.Length, Message = message, IsSealed = true, IsShared = true });
        Count += array.Length;
    }

    /// <summary>Removes bytes that were sent.</summary>
    /// <param name="count">How many.</param>
    /// <param name="sent">The message of the segment that is sent with them, if it has one.</param>
    /// <returns>The bytes left of <paramref name="count"/> when a message was sent with fewer: to be consumed next.</returns>
    public int Consume(int count, out object? sent)
    {
        sent = null;
        while (count > 0)
        {
            ref Segment first = ref At(0);
            int taken = Math.Min(count, first.End - first.Start);
            first.Start += taken;
            Count -= taken;
            count -= taken;
            if (first.Start < first.End)
            {
                break;
            }

            sent = first.Message;
            Pop();
            if (sent is not null)
            {
                break;
            }
        }

        return count;
    }

    /// <summary>Drops the oldest message of which nothing was sent yet.</summary>
    /// <returns>Its size on the wire, or 0 when there is none.</returns>
    public int DropOldest()
    {
        for (int i = 0; i < _segmentCount; i++)
        {
            ref Segment segment = ref At(i);

            // The first one may be half sent: what is out cannot be taken back.
            if (segment.Message is not null && (i > 0 || segment.Start == segment.FirstStart))
            {
                int size = segment.End - segment.Start;
                Release(segment);
                for (int j = i; j > 0; j--)
                {
                    At(j) = At(j - 1);
                }

                At(0) = default;
                _first = (_first + 1) % _segments.Length;
                _segmentCount--;
                Count -= size;
                return size;
            }
        }

        return 0;
    }

    /// <summary>Gives everything back.</summary>
    public void Dispose()
    {
        while (_segmentCount > 0)
        {
            Pop();
        }

        Count = 0;
    }

    private ReadOnlySpan<byte> Written(int index)
    {
        ref Segment segment = ref At(index);
        return segment.Array.AsSpan(segment.Start, segment.End - segment.Start);
    }

    private ref Segment Tail(int room)
    {
        if (_segmentCount > 0)
        {
            ref Segment tail = ref At(_segmentCount - 1);
            if (!tail.IsSealed && tail.Array.Length - tail.End >= room)
            {
                return ref tail;
            }
        }

        Push(new Segment { Array = BufferPool.Rent(Math.Max(room, MinSegment)) });
        return ref At(_segmentCount - 1);
    }

    private ref Segment At(int index) => ref _segments[(_first + index) % _segments.Length];

    private void Push(Segment segment)
    {
        if (_segmentCount == _segments.Length)
        {
            var larger = new Segment[_segments.Length * 2];
            for (int i = 0; i < _segmentCount; i++)
            {
                larger[i] = At(i);
            }

            _segments = larger;
            _first = 0;
        }

        segment.FirstStart = segment.Start;
        _segmentCount++;
        At(_segmentCount - 1) = segment;
    }

    private void Pop()
    {
        Release(At(0));
        At(0) = default;
        _first = (_first + 1) % _segments.Length;
        _segmentCount--;
    }

    private static void Release(in Segment segment)
    {
        if (!segment.IsShared)
        {
            BufferPool.Return(segment.Array);
        }
    }

    private struct Segment
    {
        public byte[] Array;
        public int Start;
        public int End;
        public int FirstStart;
        public object? Message;

        // Nothing is written behind what it holds.
        public bool IsSealed;

        // Others hold the array as well.
        public bool IsShared;
    }
}
