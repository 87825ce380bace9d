using Wspy.Buffers;
using Wspy.Protocol;

namespace Wspy;

// Messages larger than memory: received and sent piece by piece.
public partial class Connection
{
    /// <summary>The default size of the fragments of a <see cref="MessageWriteStream"/>: 64 KiB.</summary>
    private const int DefaultFragmentSize = 64 * 1024;

    // The message that is being read as a stream; set and cleared by who receives.
    private MessageReadStream? _reader;

    /// <summary>Waits for the next message to begin, which is then read as a stream while it arrives.</summary>
    /// <returns>The message; read it to its end or dispose it before anything else is received.</returns>
    /// <remarks><see cref="WebSocketOptions.MaxMessageSize"/>, <see cref="WebSocketOptions.MaxFrameSize"/> and <see cref="WebSocketOptions.MaxFragments"/> hold for it as for any other.</remarks>
    /// <inheritdoc cref="Receive()"/>
    public MessageReadStream ReceiveStream() => ReceiveStream(Timeout.InfiniteTimeSpan);

    /// <summary>Waits for a limited time for the next message to begin, which is then read as a stream while it arrives.</summary>
    /// <param name="timeout">How long to wait, zero to look only. After a time-out the connection is unharmed, and the next receive goes on.</param>
    /// <exception cref="TimeoutException">No message began in time.</exception>
    /// <inheritdoc cref="ReceiveStream()"/>
    public MessageReadStream ReceiveStream(TimeSpan timeout)
    {
        ProtocolEvent received = ReceiveData(Deadline.After(timeout, _driver.Options.TimeProvider), inParts: true);
        try
        {
            return OpenReader(received);
        }
        finally
        {
            EndReceive();
        }
    }

    /// <summary>Waits for the next message to begin, which is then read as a stream while it arrives.</summary>
    /// <param name="cancellationToken">Stops waiting; the connection is unharmed, and the next receive goes on.</param>
    /// <inheritdoc cref="ReceiveStream()"/>
    public async ValueTask<MessageReadStream> ReceiveStreamAsync(CancellationToken cancellationToken = default) =>
        (await ReceiveDataAsync(this, static (connection, received) => connection.OpenReader(received), cancellationToken, inParts: true).ConfigureAwait(false))
        ?? throw _driver.ClosedException();

    /// <summary>Begins a message that is written piece by piece, and sent in fragments.</summary>
    /// <param name="opcode"><see cref="Opcode.Binary"/>; <see cref="Opcode.Text"/> when what is written is UTF-8, which is not judged here; or one that an extension claims.</param>
    /// <param name="fragmentSize">How much is gathered for one fragment, in bytes. The peer may limit the number of fragments.</param>
    /// <returns>Where to write; complete it. Other messages wait until it is completed or disposed, and pings pass between its fragments.</returns>
    /// <exception cref="ConnectionClosedException">The connection has ended, or a Close frame is out.</exception>
    /// <exception cref="TimeoutException">Other sends did not end in time.</exception>
    public MessageWriteStream BeginSend(Opcode opcode = Opcode.Binary, int fragmentSize = DefaultFragmentSize)
    {
        CheckOpcode(opcode, _driver.Engine);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fragmentSize);
        if (!_messageTurn.Wait(_driver.Options.SendTimeout))
        {
            throw MessageTimedOut();
        }

        return OpenWriter(opcode, fragmentSize);
    }

    /// <inheritdoc cref="BeginSend"/>
    /// <param name="opcode"><see cref="Opcode.Binary"/>; <see cref="Opcode.Text"/> when what is written is UTF-8, which is not judged here; or one that an extension claims.</param>
    /// <param name="fragmentSize">How much is gathered for one fragment, in bytes. The peer may limit the number of fragments.</param>
    /// <param name="cancellationToken">Stops waiting for other messages to be sent.</param>
    public async ValueTask<MessageWriteStream> BeginSendAsync(Opcode opcode = Opcode.Binary, int fragmentSize = DefaultFragmentSize, CancellationToken cancellationToken = default)
    {
        CheckOpcode(opcode, _driver.Engine);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fragmentSize);
        if (!await _messageTurn.WaitAsync(_driver.Options.SendTimeout, cancellationToken).ConfigureAwait(false))
        {
            throw MessageTimedOut();
        }

        return OpenWriter(opcode, fragmentSize);
    }

    private MessageWriteStream OpenWriter(Opcode opcode, int fragmentSize)
    {
        if (IsOpen)
        {
            return new MessageWriteStream(this, opcode, fragmentSize);
        }

        _messageTurn.Release();
        throw _driver.ClosedException();
    }

    // The next fragment of a writer's message.
    internal void SendFragment(Opcode opcode, ReadOnlySpan<byte> payload, bool fin)
    {
        try
        {
            _driver.Send(opcode, payload, fin);
        }
        catch (TimeoutException exception) when (opcode == Opcode.Continuation)
        {
            throw Unfinished(exception);
        }
    }

    internal async ValueTask SendFragmentAsync(Opcode opcode, ReadOnlyMemory<byte> payload, bool fin, CancellationToken cancellationToken)
    {
        try
        {
            await _driver.SendAsync(opcode, payload, fin, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception) when (opcode == Opcode.Continuation)
        {
            throw Unfinished(exception);
        }
    }

    internal void EndSend() => _messageTurn.Release();

    // A message that was begun cannot be taken back, and no other may follow it: the Close frame does.
    internal void CutOff()
    {
        if (IsOpen)
        {
            _driver.SetCause(MessageWriteStream.LeftIncomplete());
            _driver.Close(CloseCode.InternalError, "", waits: false);
        }
    }

    internal async ValueTask CutOffAsync()
    {
        if (IsOpen)
        {
            _driver.SetCause(MessageWriteStream.LeftIncomplete());
            await _driver.CloseAsync(CloseCode.InternalError, "", waits: false, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private MessageReadStream OpenReader(scoped in ProtocolEvent received) => _reader = new MessageReadStream(this, received);

    internal void ReceivePart(MessageReadStream reader, TimeSpan timeout, Span<byte> destination, out int count)
    {
        ProtocolEvent received = ReceiveData(Deadline.After(timeout, _driver.Options.TimeProvider), reader);
        try
        {
            count = reader.Take(received, destination);
        }
        finally
        {
            EndReceive();
        }
    }

    internal async ValueTask ReceivePartAsync(MessageReadStream reader, CancellationToken cancellationToken)
    {
        _ = (await ReceiveDataAsync(reader, static (reader, received) => reader.TakeForAsync(received), cancellationToken, reader).ConfigureAwait(false))
            ?? throw _driver.ClosedException();
    }

    /// <summary>What a reader has no room for yet, in memory that it returns to the pool: handed over, or copied from the receive buffer.</summary>
    internal byte[] KeepPart(ReadOnlySpan<byte> part, out int start)
    {
        if (_driver.Engine.DetachDelivered(part, out start) is { } array)
        {
            return array;
        }

        array = BufferPool.Rent(part.Length);
        part.CopyTo(array);
        return array;
    }

    // The reader saw the end of its message, or does not want to.
    internal void EndReader(MessageReadStream reader, bool skips)
    {
        if (_reader == reader)
        {
            if (skips)
            {
                _driver.SkipParts();
            }

            _reader = null;
        }
    }
}
