using System.Threading.Tasks.Sources;
using Wspy.Buffers;

namespace Wspy.Loop;

/// <summary>What <see cref="System.Net.Security.SslStream"/> believes to be the network: reads take what the loop has received or wait for more, writes gather.</summary>
/// <remarks>
/// The gate is for the TLS handshake, which runs on other threads than the loop's; afterwards everything happens on the loop's
/// and nobody else wants it.
/// </remarks>
internal sealed class TlsStream : Stream, IValueTaskSource<int>
{
    private const int IncomingSize = 64 * 1024;

    /// <summary>The header of a TLS record: type, version, length (RFC 8446 §5.1).</summary>
    private const int RecordHeaderSize = 5;

    /// <summary>The longest record that any version allows; a longer one is for SslStream to refuse.</summary>
    private const int MaxRecordSize = RecordHeaderSize + (1 << 14) + 2048;

    private readonly Lock _gate = new();
    private readonly Action<TlsStream> _onRead;
    private readonly Action _onWrite;
    private byte[]? _incoming;

    // Where TLS below this one, with a proxy, receives: it may keep the place of a read that waits, so that it must be no pooled one.
    private byte[]? _below;
    private int _start;
    private int _end;

    // Of the record that is being read.
    private int _recordLeft;
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _wanted;
    private bool _isWanted;
    private bool _isEnded;
    private readonly byte[] _beginning = new byte[5];
    private int _remembered;

    /// <param name="onRead">Called when a read waits and there is something for it; to call <see cref="CompleteRead"/>.</param>
    /// <param name="onWrite">Called after something was written.</param>
    public TlsStream(Action<TlsStream> onRead, Action onWrite)
    {
        _onRead = onRead;
        _onWrite = onWrite;
    }

    /// <summary>What is to be sent.</summary>
    public OutputQueue Outgoing { get; } = new();

    public Lock Gate => _gate;

    /// <summary>The first bytes that the peer sent, at most five: "HTTP/" is enough to tell a server that speaks no TLS.</summary>
    public ReadOnlySpan<byte> Beginning => _beginning.AsSpan(0, _remembered);

    /// <summary>Whether a whole record waits to be read, so that a read will not wait.</summary>
    public bool HasRecord
    {
        get
        {
            int available = Available;
            return available > 0 && (available == _recordLeft || _recordLeft > MaxRecordSize || _isEnded);
        }
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Receives from the socket into this stream.</summary>
    /// <returns>As <see cref="LoopSocket.Receive"/>; 0 as well when it is full, because nobody reads.</returns>
    public int Fill(LoopSocket socket)
    {
        int count;
        lock (_gate)
        {
            _incoming ??= BufferPool.Rent(IncomingSize);
            if (_start > 0)
            {
                _incoming.AsSpan(_start, _end - _start).CopyTo(_incoming);
                _end -= _start;
                _start = 0;
            }

            if (_incoming.Length - _end < socket.MinimumReceive)
            {
                // More than any record: nobody reads, and there is no reason to wait for that.
                return 0;
            }

            count = socket.MinimumReceive == 1 ? socket.Receive(_incoming.AsMemory(_end)) : ReceiveBelow(socket);
            if (count > 0)
            {
                int remembers = Math.Min(count, _beginning.Length - _remembered);
                _incoming.AsSpan(_end, remembers).CopyTo(_beginning.AsSpan(_remembered));
                _remembered += remembers;
                _end += count;
            }

            if (count == 0)
            {
                _isEnded = true;
            }

            ReleaseIfEmpty();
            if (!_isWanted || (count < 0 && !_isEnded))
            {
                return count;
            }
        }

        _onRead(this);
        return count;
    }

    /// <summary>Completes the read that waits.</summary>
    public void CompleteRead()
    {
        int count;
        lock (_gate)
        {
            if (!_isWanted || (Available == 0 && !_isEnded))
            {
                return;
            }

            _isWanted = false;
            count = Take(_wanted.Span);
            _wanted = default;
        }

        _read.SetResult(count);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_isEnded || buffer.IsEmpty || Available > 0)
            {
                return new(Take(buffer.Span));
            }

            _isWanted = true;
            _wanted = buffer;
            _read.Reset();
            return new(this, _read.Version);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            Outgoing.Append(buffer.Span);
        }

        _onWrite();
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // The loop flushes.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    /// <summary>Ends it: a read that waits, that of a handshake which was broken off, sees the end of the stream.</summary>
    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _isEnded = true;
            _start = _end;
            ReleaseIfEmpty();
            Outgoing.Dispose();
        }

        base.Dispose(disposing);
    }

    private int ReceiveBelow(LoopSocket socket)
    {
        _below ??= new byte[TlsSocket.MaxPlaintext];
        int count = socket.Receive(_below);
        if (count > 0)
        {
            _below.AsSpan(0, count).CopyTo(_incoming.AsSpan(_end));
        }

        return count;
    }

    // Never more than to the end of a record: what SslStream held of the next one would be known to nobody.
    private int Available
    {
        get
        {
            int count = _end - _start;
            if (_recordLeft == 0 && count >= RecordHeaderSize)
            {
                _recordLeft = RecordHeaderSize + ((_incoming![_start + 3] << 8) | _incoming[_start + 4]);
            }

            return _recordLeft > 0 ? Math.Min(_recordLeft, count) : _isEnded ? count : 0;
        }
    }

    private int Take(Span<byte> destination)
    {
        int count = Math.Min(destination.Length, Available);
        if (count > 0)
        {
            _incoming.AsSpan(_start, count).CopyTo(destination);
            _start += count;
            _recordLeft = Math.Max(_recordLeft - count, 0);
            ReleaseIfEmpty();
        }

        return count;
    }

    // An idle connection keeps no buffer.
    private void ReleaseIfEmpty()
    {
        if (_start == _end && _incoming is not null)
        {
            BufferPool.Return(_incoming);
            _incoming = null;
            _start = _end = 0;
        }
    }
}
