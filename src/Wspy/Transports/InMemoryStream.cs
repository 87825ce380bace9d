using System.Net.Sockets;

namespace Wspy.Transports;

/// <summary>One end of a stream in both directions that never leaves the process.</summary>
/// <remarks>One reader and one writer per end at a time. A writer waits when <see cref="Capacity"/> bytes are unread, as with a socket.</remarks>
internal sealed class InMemoryStream : Stream
{
    private const int Capacity = 64 * 1024;

    private readonly Direction _incoming;
    private readonly Direction _outgoing;

    private InMemoryStream(Direction incoming, Direction outgoing)
    {
        _incoming = incoming;
        _outgoing = outgoing;
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override bool CanTimeout => true;

    public override int ReadTimeout { get; set; } = Timeout.Infinite;

    public override int WriteTimeout { get; set; } = Timeout.Infinite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static (Stream First, Stream Second) CreatePair()
    {
        var forth = new Direction();
        var back = new Direction();
        return (new InMemoryStream(back, forth), new InMemoryStream(forth, back));
    }

    public void CompleteWriting() => _outgoing.Complete(broken: false);

    public override int Read(Span<byte> buffer)
    {
        int read;
        while (!_incoming.TryRead(buffer, out read))
        {
            if (!_incoming.Readable.Wait(ReadTimeout))
            {
                throw new IOException("The read timed out.", new TimeoutException());
            }
        }

        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        while (!_incoming.TryRead(buffer.Span, out read))
        {
            await _incoming.Readable.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return read;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int written = _outgoing.Write(buffer);
            buffer = buffer[written..];
            if (!buffer.IsEmpty && !_outgoing.Writable.Wait(WriteTimeout))
            {
                throw new IOException("The write timed out.", new TimeoutException());
            }
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int written = _outgoing.Write(buffer.Span);
            buffer = buffer[written..];
            if (!buffer.IsEmpty)
            {
                await _outgoing.Writable.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    // The base class would ask another thread.
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _outgoing.Complete(broken: false);
        _incoming.Complete(broken: true);
        base.Dispose(disposing);
    }

    /// <summary>A ring of bytes from one end to the other.</summary>
    private sealed class Direction
    {
        private readonly Lock _gate = new();
        private readonly byte[] _ring = new byte[Capacity];
        private int _start;
        private int _count;
        private bool _completed;
        private bool _broken;

        // Released when something changed for the one who waits; the waiter looks again.
        public SemaphoreSlim Readable { get; } = new(0, 1);

        public SemaphoreSlim Writable { get; } = new(0, 1);

        public bool TryRead(Span<byte> buffer, out int read)
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_broken, typeof(InMemoryStream));
                read = Math.Min(buffer.Length, _count);
                int first = Math.Min(read, Capacity - _start);
                _ring.AsSpan(_start, first).CopyTo(buffer);
                _ring.AsSpan(0, read - first).CopyTo(buffer[first..]);
                _start = (_start + read) % Capacity;
                _count -= read;
                if (read == 0 && !_completed && !buffer.IsEmpty)
                {
                    return false;
                }

                Signal(Writable);
            }

            return true;
        }

        public int Write(ReadOnlySpan<byte> buffer)
        {
            int written;
            lock (_gate)
            {
                if (_completed)
                {
                    throw new IOException("The other end of the stream is closed.", new SocketException((int)SocketError.Shutdown));
                }

                written = Math.Min(buffer.Length, Capacity - _count);
                int end = (_start + _count) % Capacity;
                int first = Math.Min(written, Capacity - end);
                buffer[..first].CopyTo(_ring.AsSpan(end));
                buffer[first..written].CopyTo(_ring);
                _count += written;
                Signal(Readable);
            }

            return written;
        }

        public void Complete(bool broken)
        {
            lock (_gate)
            {
                _completed = true;
                _broken |= broken;
                Signal(Readable);
                Signal(Writable);
            }
        }

        // Under the gate, so that nobody else releases between the look and the release.
        private static void Signal(SemaphoreSlim changed)
        {
            if (changed.CurrentCount == 0)
            {
                changed.Release();
            }
        }
    }
}
