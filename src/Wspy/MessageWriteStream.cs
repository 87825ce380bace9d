using Wspy.Buffers;

namespace Wspy;

/// <summary>A message that is written piece by piece (<see cref="Connection.BeginSend"/>), and leaves in fragments: memory stays flat, however large it becomes.</summary>
/// <remarks>
/// <para>For one caller at a time, of whatever thread. What is written is gathered until a fragment is full; a message that fits into one is sent as one frame.</para>
/// <para>
/// End it with <see cref="Complete"/>. Disposed without, a message of which nothing has left is forgotten; one of which something has cannot be taken
/// back, and the connection is closed with 1011. So it is when a write has failed or was cancelled.
/// </para>
/// </remarks>
public sealed class MessageWriteStream : Stream
{
    private readonly Connection _connection;
    private readonly int _fragmentSize;
    private Opcode _opcode;
    private byte[] _gathered = [];
    private int _count;
    private State _state;

    internal MessageWriteStream(Connection connection, Opcode opcode, int fragmentSize)
    {
        _connection = connection;
        _opcode = opcode;
        _fragmentSize = fragmentSize;
    }

    private enum State
    {
        Open,

        // A call is under way, or has failed.
        Busy,
        Complete,
        Disposed,
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => _state == State.Open;

    /// <summary>Not known.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc cref="Length"/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Adds to the message. Returns when the system has taken every fragment that is full.</summary>
    /// <param name="buffer">The next piece, borrowed until this returns.</param>
    /// <exception cref="ConnectionClosedException">The connection has ended, or a Close frame is out.</exception>
    /// <exception cref="TimeoutException">Other sends did not end in time; nothing of the message was sent.</exception>
    /// <exception cref="InvalidOperationException">The message is complete, or a write of it is under way or has failed.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        BeginWork();
        while (!buffer.IsEmpty)
        {
            if (_count == _fragmentSize)
            {
                SendGathered(fin: false);
            }

            if (_count == 0 && buffer.Length > _fragmentSize)
            {
                _connection.SendFragment(_opcode, buffer[.._fragmentSize], fin: false);
                _opcode = Opcode.Continuation;
                buffer = buffer[_fragmentSize..];
            }
            else
            {
                buffer = buffer[Gather(buffer)..];
            }
        }

        _state = State.Open;
    }

    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override void WriteByte(byte value) => Write(new ReadOnlySpan<byte>(in value));

    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    /// <param name="buffer">The next piece; must not change until the write has completed.</param>
    /// <param name="cancellationToken">Gives up. The message cannot be completed any more: dispose it.</param>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BeginWork();
        while (!buffer.IsEmpty)
        {
            if (_count == _fragmentSize)
            {
                await SendGatheredAsync(fin: false, cancellationToken).ConfigureAwait(false);
            }

            if (_count == 0 && buffer.Length > _fragmentSize)
            {
                await _connection.SendFragmentAsync(_opcode, buffer[.._fragmentSize], fin: false, cancellationToken).ConfigureAwait(false);
                _opcode = Opcode.Continuation;
                buffer = buffer[_fragmentSize..];
            }
            else
            {
                buffer = buffer[Gather(buffer.Span)..];
            }
        }

        _state = State.Open;
    }

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Sends what was gathered as a fragment. What compresses may hold some of it back until the message's end.</summary>
    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    public override void Flush()
    {
        BeginWork();
        if (_count > 0)
        {
            SendGathered(fin: false);
        }

        _state = State.Open;
    }

    /// <inheritdoc cref="Flush"/>
    /// <param name="cancellationToken">Gives up. The message cannot be completed any more: dispose it.</param>
    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        BeginWork();
        if (_count > 0)
        {
            await SendGatheredAsync(fin: false, cancellationToken).ConfigureAwait(false);
        }

        _state = State.Open;
    }

    /// <summary>Ends the message, and sends what is left of it. Returns when the system has taken it all.</summary>
    /// <inheritdoc cref="Write(ReadOnlySpan{byte})" path="/exception"/>
    public void Complete()
    {
        BeginWork();
        SendGathered(fin: true);
        End(State.Complete);
    }

    /// <inheritdoc cref="Complete"/>
    /// <param name="cancellationToken">Gives up. The message cannot be completed any more: dispose it.</param>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        BeginWork();
        await SendGatheredAsync(fin: true, cancellationToken).ConfigureAwait(false);
        End(State.Complete);
    }

    /// <inheritdoc cref="Length"/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc cref="Length"/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc cref="Length"/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Lets other messages be sent. When something of this one has left, and it was not completed, closes the connection with 1011 (<see cref="Connection.CloseAsync"/>).</summary>
    public override async ValueTask DisposeAsync()
    {
        if (IsCutOff)
        {
            await _connection.CutOffAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    internal static InvalidOperationException LeftIncomplete() =>
        new($"A {nameof(MessageWriteStream)} was disposed without {nameof(Complete)} after a part of its message had left.");

    /// <summary>Lets other messages be sent. When something of this one has left, and it was not completed, closes the connection with 1011 (<see cref="Connection.Close"/>).</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _state <= State.Busy)
        {
            if (IsCutOff)
            {
                _connection.CutOff();
            }

            End(State.Disposed);
        }

        base.Dispose(disposing);
    }

    private bool IsCutOff => _state <= State.Busy && _opcode == Opcode.Continuation;

    private void BeginWork()
    {
        ObjectDisposedException.ThrowIf(_state == State.Disposed, this);
        if (_state != State.Open)
        {
            throw new InvalidOperationException(_state == State.Complete ? "The message is complete." : "A write of this message is under way, or has failed.");
        }

        _state = State.Busy;
    }

    private int Gather(ReadOnlySpan<byte> piece)
    {
        if (_gathered.Length == 0)
        {
            _gathered = BufferPool.Rent(_fragmentSize);
        }

        int count = Math.Min(piece.Length, _fragmentSize - _count);
        piece[..count].CopyTo(_gathered.AsSpan(_count));
        _count += count;
        return count;
    }

    private void SendGathered(bool fin)
    {
        _connection.SendFragment(_opcode, _gathered.AsSpan(0, _count), fin);
        Forget();
    }

    private async ValueTask SendGatheredAsync(bool fin, CancellationToken cancellationToken)
    {
        await _connection.SendFragmentAsync(_opcode, _gathered.AsMemory(0, _count), fin, cancellationToken).ConfigureAwait(false);
        Forget();
    }

    private void Forget()
    {
        _opcode = Opcode.Continuation;
        _count = 0;
    }

    private void End(State state)
    {
        byte[] array = _gathered;
        _gathered = [];

        // What is left of a write that was given up may still be read by the system.
        if (array.Length > 0 && (state == State.Complete || _state == State.Open))
        {
            BufferPool.Return(array);
        }

        _state = state;

        _connection.EndSend();
    }
}
