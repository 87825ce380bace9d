using Wspy.Buffers;
using Wspy.Protocol;

namespace Wspy;

/// <summary>A message that is read while it arrives (<see cref="Connection.ReceiveStream()"/>): memory stays flat, however large it is.</summary>
/// <remarks>
/// <para>Not thread-safe: for one caller at a time, of whatever thread. The end of the stream is the end of the message; when the connection ends before it, a read throws
/// <see cref="ConnectionClosedException"/>, so that a part is never taken for the whole.</para>
/// <para>Pings and the like are handled while a read waits. Text is judged as it arrives; a piece may end in the middle of a character.</para>
/// </remarks>
public sealed class MessageReadStream : Stream
{
    private readonly Connection _connection;

    // What was received and not read yet; of the pool when there is any.
    private byte[]? _kept;
    private int _keptStart;
    private int _keptEnd;

    private Memory<byte> _destination;
    private int _taken;
    private bool _isWhole;
    private bool _ended;
    private bool _disposed;

    internal MessageReadStream(Connection connection, scoped in ProtocolEvent first)
    {
        _connection = connection;
        Opcode = first.Opcode;
        Take(first, default);
    }

    /// <summary><see cref="Opcode.Text"/>, <see cref="Opcode.Binary"/>, or an opcode that an extension claims.</summary>
    public Opcode Opcode { get; }

    /// <summary>Whether the message is text.</summary>
    public bool IsText => Opcode == Opcode.Text;

    /// <inheritdoc/>
    public override bool CanRead => !_disposed;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override bool CanTimeout => true;

    /// <summary>How long a blocking read waits for the next piece.</summary>
    /// <value>Milliseconds; default infinite (-1). After a time-out the connection is unharmed, and the next read goes on.</value>
    public override int ReadTimeout
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, Timeout.Infinite);
            field = value;
        }
    } = Timeout.Infinite;

    /// <summary>Not known before the message's end.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc cref="Length"/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Reads what is there of the message, or waits for more.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <returns>How much it was; 0 at the end of the message.</returns>
    /// <exception cref="ConnectionClosedException">The connection has ended before the message; the cause is inside when it was no ordinary close.</exception>
    /// <exception cref="TimeoutException">Nothing came within <see cref="ReadTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">Another receive is under way.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count;
        while (!TryRead(buffer, out count))
        {
            _connection.ReceivePart(this, TimeSpan.FromMilliseconds(ReadTimeout), buffer, out count);
            if (count > 0)
            {
                break;
            }
        }

        return count;
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    /// <param name="buffer">Where it goes.</param>
    /// <param name="cancellationToken">Stops waiting; the connection is unharmed, and the next read goes on.</param>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        while (!TryRead(buffer.Span, out count))
        {
            _destination = buffer;
            try
            {
                await _connection.ReceivePartAsync(this, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _destination = default;
            }

            if (_taken > 0)
            {
                return _taken;
            }
        }

        return count;
    }

    /// <inheritdoc cref="ReadAsync(Memory{byte}, CancellationToken)"/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Does nothing.</summary>
    public override void Flush()
    {
    }

    /// <summary>Does nothing.</summary>
    /// <param name="cancellationToken">Ignored.</param>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc cref="Length"/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc cref="Length"/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc cref="Length"/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // Into the destination as far as it reaches; the rest is kept, for the next receive uses its memory.
    internal int Take(scoped in ProtocolEvent received, Span<byte> destination)
    {
        ReadOnlySpan<byte> part = received.Payload;
        int count = Math.Min(part.Length, destination.Length);
        part[..count].CopyTo(destination);
        part = part[count..];
        _isWhole = received.Fin;
        if (!part.IsEmpty)
        {
            _kept = _connection.KeepPart(part, out _keptStart);
            _keptEnd = _keptStart + part.Length;
        }

        return count;
    }

    internal MessageReadStream TakeForAsync(scoped in ProtocolEvent received)
    {
        _taken = Take(received, _destination.Span);
        return this;
    }

    /// <summary>Lets the connection receive again; what has not arrived of the message is dropped as it comes.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            ReleaseKept();
            _connection.EndReader(this, skips: !_isWhole);
        }

        base.Dispose(disposing);
    }

    // False when more has to be received first.
    private bool TryRead(Span<byte> buffer, out int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        count = Math.Min(buffer.Length, _keptEnd - _keptStart);
        if (count > 0)
        {
            _kept.AsSpan(_keptStart, count).CopyTo(buffer);
            _keptStart += count;
            if (_keptStart == _keptEnd)
            {
                ReleaseKept();
            }

            return true;
        }

        if (_isWhole && !buffer.IsEmpty && !_ended)
        {
            _ended = true;
            _connection.EndReader(this, skips: false);
        }

        return _isWhole || buffer.IsEmpty;
    }

    private void ReleaseKept()
    {
        _keptStart = _keptEnd = 0;
        if (Interlocked.Exchange(ref _kept, null) is { } array)
        {
            BufferPool.Return(array);
        }
    }
}
