using Wspy.Protocol;

namespace Wspy;

// Sending messages, pings and pongs.
public partial class Connection
{
    // Held for a whole message, so that no other message's frames come between its fragments.
    private readonly SemaphoreSlim _messageTurn = new(1, 1);

    /// <summary>Sends text. Returns when the system has taken it all.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <exception cref="ConnectionClosedException">The connection has ended, or a Close frame is out.</exception>
    /// <exception cref="TimeoutException">Other sends did not end in time; nothing was sent.</exception>
    /// <exception cref="ArgumentException">The text has a lone surrogate, which UTF-8 cannot express.</exception>
    public void Send(string text, int fragmentSize = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] array = Buffers.BufferPool.Rent(Message.StrictUtf8.GetMaxByteCount(text.Length));
        try
        {
            SendMessage(Opcode.Text, array.AsSpan(0, Message.StrictUtf8.GetBytes(text, array)), fragmentSize);
        }
        finally
        {
            Buffers.BufferPool.Return(array);
        }
    }

    /// <summary>Sends bytes. The memory is borrowed until this returns, and not altered.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="opcode"><see cref="Opcode.Binary"/>; <see cref="Opcode.Text"/> when the payload is UTF-8, which is not judged here; or one that an extension claims.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <exception cref="ConnectionClosedException">The connection has ended, or a Close frame is out.</exception>
    /// <exception cref="TimeoutException">Other sends did not end in time; nothing was sent.</exception>
    public void Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0)
    {
        CheckOpcode(opcode, _driver.Engine);
        SendMessage(opcode, payload, fragmentSize);
    }

    /// <summary>Sends a message.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public void Send(Message message, int fragmentSize = 0)
    {
        ArgumentNullException.ThrowIfNull(message);
        CheckOpcode(message.Opcode, _driver.Engine);
        SendMessage(message.Opcode, message.Payload.Span, fragmentSize);
    }

    /// <summary>Sends a message that was received.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public void Send(MessageView message, int fragmentSize = 0)
    {
        CheckOpcode(message.Opcode, _driver.Engine);
        SendMessage(message.Opcode, message.Payload, fragmentSize);
    }

    /// <summary>Sends a message that was prepared for many.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public void Send(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!_messageTurn.Wait(_driver.Options.SendTimeout))
        {
            throw MessageTimedOut();
        }

        try
        {
            _driver.Send(message);
        }
        finally
        {
            _messageTurn.Release();
        }
    }

    /// <summary>Sends text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <param name="cancellationToken">Before the first byte is out, nothing is sent; afterwards the connection ends, since half a frame cannot be taken back.</param>
    /// <inheritdoc cref="Send(string, int)"/>
    public async ValueTask SendAsync(string text, int fragmentSize = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] array = Buffers.BufferPool.Rent(Message.StrictUtf8.GetMaxByteCount(text.Length));
        try
        {
            await SendMessageAsync(Opcode.Text, array.AsMemory(0, Message.StrictUtf8.GetBytes(text, array)), fragmentSize, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Buffers.BufferPool.Return(array);
        }
    }

    /// <summary>Sends bytes. The memory must not change until the send has completed.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="opcode"><see cref="Opcode.Binary"/>; <see cref="Opcode.Text"/> when the payload is UTF-8, which is not judged here; or one that an extension claims.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <param name="cancellationToken">Before the first byte is out, nothing is sent; afterwards the connection ends, since half a frame cannot be taken back.</param>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0, CancellationToken cancellationToken = default)
    {
        CheckOpcode(opcode, _driver.Engine);
        return SendMessageAsync(opcode, payload, fragmentSize, cancellationToken);
    }

    /// <summary>Sends a message.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, Opcode, int, CancellationToken)"/>
    public ValueTask SendAsync(Message message, int fragmentSize = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        CheckOpcode(message.Opcode, _driver.Engine);
        return SendMessageAsync(message.Opcode, message.Payload, fragmentSize, cancellationToken);
    }

    /// <summary>Sends a message that was prepared for many.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, Opcode, int, CancellationToken)"/>
    public async ValueTask SendAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!await _messageTurn.WaitAsync(_driver.Options.SendTimeout, cancellationToken).ConfigureAwait(false))
        {
            throw MessageTimedOut();
        }

        try
        {
            await _driver.SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _messageTurn.Release();
        }
    }

    /// <summary>Sends a ping, which may pass between the fragments of a message (RFC 6455 §5.5.2); <see cref="OnPong"/> tells of the answer.</summary>
    /// <param name="payload">At most 125 bytes, which the pong brings back.</param>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public void SendPing(ReadOnlySpan<byte> payload = default)
    {
        CheckControlPayload(payload.Length, nameof(payload));
        _driver.Send(Opcode.Ping, payload);
    }

    /// <inheritdoc cref="SendPing"/>
    /// <param name="payload">At most 125 bytes, which the pong brings back.</param>
    /// <param name="cancellationToken">Before the first byte is out, nothing is sent.</param>
    public ValueTask SendPingAsync(ReadOnlyMemory<byte> payload = default, CancellationToken cancellationToken = default)
    {
        CheckControlPayload(payload.Length, nameof(payload));
        return _driver.SendAsync(Opcode.Ping, payload, cancellationToken: cancellationToken);
    }

    /// <summary>Sends a pong that nobody asked for: a heartbeat (RFC 6455 §5.5.3). Pings are answered by themselves.</summary>
    /// <param name="payload">At most 125 bytes.</param>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public void SendPong(ReadOnlySpan<byte> payload = default)
    {
        CheckControlPayload(payload.Length, nameof(payload));
        _driver.Send(Opcode.Pong, payload);
    }

    /// <summary>Sends a control frame with a reserved opcode, which an extension that was agreed on must claim (<see cref="Extensions.Extension.Opcodes"/>).</summary>
    /// <param name="opcode">0xB to 0xF.</param>
    /// <param name="payload">At most 125 bytes.</param>
    /// <exception cref="ArgumentException">No extension of this connection claims it, or the payload is too long.</exception>
    /// <exception cref="ConnectionClosedException">The connection has ended, or a Close frame is out.</exception>
    /// <exception cref="TimeoutException">Other sends did not end in time; nothing was sent.</exception>
    public void SendControl(Opcode opcode, ReadOnlySpan<byte> payload = default)
    {
        CheckControlOpcode(opcode, _driver.Engine);
        CheckControlPayload(payload.Length, nameof(payload));
        _driver.Send(opcode, payload);
    }

    /// <inheritdoc cref="SendControl"/>
    /// <param name="opcode">0xB to 0xF.</param>
    /// <param name="payload">At most 125 bytes.</param>
    /// <param name="cancellationToken">Before the first byte is out, nothing is sent.</param>
    public ValueTask SendControlAsync(Opcode opcode, ReadOnlyMemory<byte> payload = default, CancellationToken cancellationToken = default)
    {
        CheckControlOpcode(opcode, _driver.Engine);
        CheckControlPayload(payload.Length, nameof(payload));
        return _driver.SendAsync(opcode, payload, cancellationToken: cancellationToken);
    }

    private void SendMessage(Opcode opcode, ReadOnlySpan<byte> payload, int fragmentSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fragmentSize);
        if (!_messageTurn.Wait(_driver.Options.SendTimeout))
        {
            throw MessageTimedOut();
        }

        bool begun = false;
        try
        {
            while (fragmentSize > 0 && payload.Length > fragmentSize)
            {
                _driver.Send(opcode, payload[..fragmentSize], fin: false);
                payload = payload[fragmentSize..];
                opcode = Opcode.Continuation;
                begun = true;
            }

            _driver.Send(opcode, payload);
        }
        catch (TimeoutException exception) when (begun)
        {
            throw Unfinished(exception);
        }
        finally
        {
            _messageTurn.Release();
        }
    }

    private async ValueTask SendMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload, int fragmentSize, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fragmentSize);
        if (!await _messageTurn.WaitAsync(_driver.Options.SendTimeout, cancellationToken).ConfigureAwait(false))
        {
            throw MessageTimedOut();
        }

        bool begun = false;
        try
        {
            while (fragmentSize > 0 && payload.Length > fragmentSize)
            {
                await _driver.SendAsync(opcode, payload[..fragmentSize], fin: false, cancellationToken: cancellationToken).ConfigureAwait(false);
                payload = payload[fragmentSize..];
                opcode = Opcode.Continuation;

                // A message that has begun is ended: between two fragments there is no way to stop and leave the connection usable.
                cancellationToken = CancellationToken.None;
                begun = true;
            }

            await _driver.SendAsync(opcode, payload, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception) when (begun)
        {
            throw Unfinished(exception);
        }
        finally
        {
            _messageTurn.Release();
        }
    }

    internal static void CheckOpcode(Opcode opcode, WebSocketProtocol? engine)
    {
        if (opcode is not (Opcode.Text or Opcode.Binary) && (opcode.IsControl() || engine?.IsClaimed(opcode) != true))
        {
            throw new ArgumentException($"A message is Text or Binary, not {Name(opcode)}, which no extension of this connection claims; other frames are sent through {nameof(WebSocket)}.", nameof(opcode));
        }
    }

    internal static void CheckControlOpcode(Opcode opcode, WebSocketProtocol? engine)
    {
        if (!opcode.IsControl() || engine?.IsClaimed(opcode) != true)
        {
            throw new ArgumentException($"{Name(opcode)} is no control opcode that an extension of this connection claims.", nameof(opcode));
        }
    }

    private static string Name(Opcode opcode) => opcode.IsReserved() ? $"0x{(int)opcode:X}" : opcode.ToString();

    internal static void CheckControlPayload(int length, string parameter)
    {
        if (length > ControlFrame.MaxPayloadSize)
        {
            throw new ArgumentException($"A payload of {length} bytes exceeds the {ControlFrame.MaxPayloadSize} bytes of a control frame (RFC 6455 §5.5).", parameter);
        }
    }

    // Half a message cannot be taken back, and no other message may follow it.
    private ConnectionClosedException Unfinished(TimeoutException exception)
    {
        _driver.Fail(exception);
        return _driver.ClosedException();
    }

    private TimeoutException MessageTimedOut() =>
        new($"Another message was not sent within {_driver.Options.SendTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.SendTimeout)}); this one was not begun.");
}
