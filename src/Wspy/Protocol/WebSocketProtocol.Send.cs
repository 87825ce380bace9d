using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Wspy.Protocol;

// Sending: frames to a buffer that the driver flushes.
public sealed partial class WebSocketProtocol
{
    private bool _sendsMessage;

    /// <summary>Whether an answer to the peer waits to be written: a pong or a Close frame.</summary>
    public bool HasPendingOutput => _pongPending || _closePending;

    /// <summary>Writes the answers that are due. At most one pong, for the most recent ping (RFC 6455 §5.5.3), and one Close frame.</summary>
    /// <param name="output">Where the frames go.</param>
    public void WritePending(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_pongPending)
        {
            _pongPending = false;
            Write(output, NewHeader(Opcode.Pong, _pongLength, fin: true, ReservedBits.None), _pong.AsSpan(0, _pongLength));
        }

        if (_closePending)
        {
            _closePending = false;
            WriteCloseFrame(output);
        }
    }

    /// <summary>Begins a data, ping or pong frame whose payload the driver writes itself: right after the header, masked with its key if it has one.</summary>
    /// <param name="opcode">Any opcode but Close.</param>
    /// <param name="payloadLength">The size of the payload in bytes.</param>
    /// <param name="fin">Whether this is the last fragment of its message.</param>
    /// <param name="reserved">Reserved bits, which the options must allow.</param>
    /// <returns>The header to write, with a fresh masking key when this is a client.</returns>
    /// <exception cref="InvalidOperationException">A Close frame is out or due, or the stream has ended, or the frame breaks the order of fragments (§5.4).</exception>
    /// <exception cref="ArgumentException">The frame is one that the peer would have to refuse.</exception>
    public FrameHeader BeginFrame(Opcode opcode, long payloadLength, bool fin = true, ReservedBits reserved = ReservedBits.None)
    {
        if (!CanSend)
        {
            ThrowClosed();
        }

        FrameHeader header = NewHeader(opcode, payloadLength, fin, reserved);
        if (reserved != 0 || opcode >= (Opcode)3)
        {
            CheckUnusualFrame(opcode, payloadLength, fin, reserved);
        }

        if (opcode <= (Opcode)7)
        {
            if ((opcode == Opcode.Continuation) != _sendsMessage)
            {
                ThrowOutOfOrder(_sendsMessage);
            }

            _sendsMessage = !fin;
        }

        return header;
    }

    /// <summary>Writes a data, ping or pong frame; the payload goes through the extensions and is copied, and masked in the copy when this is a client.</summary>
    /// <inheritdoc cref="BeginFrame" path="/exception"/>
    public void WriteFrame(IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true, ReservedBits reserved = ReservedBits.None)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_pipeline is not null && TryWriteEncoded(output, opcode, payload, fin, reserved))
        {
            return;
        }

        Write(output, BeginFrame(opcode, payload.Length, fin, reserved), payload);
    }

    /// <summary>Writes the Close frame of this end, with a code and a reason, or empty.</summary>
    /// <param name="output">Where the frame goes.</param>
    /// <param name="code">The code; <see langword="null"/> for a Close frame without a body.</param>
    /// <param name="reason">At most 123 bytes of UTF-8; empty when there is no code.</param>
    /// <returns><see langword="false"/> when a Close frame was written or is due already, or the stream has ended; nothing is done then.</returns>
    /// <exception cref="ArgumentException">The code may not stand on the wire, or the reason is too long.</exception>
    public bool WriteClose(IBufferWriter<byte> output, CloseCode? code, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(reason);
        if (code is { } given)
        {
            ClosePayload.Validate(given, reason);
        }
        else if (reason.Length > 0)
        {
            throw new ArgumentException("A Close frame without a code has no reason (RFC 6455 §5.5.1).", nameof(reason));
        }

        if (!CanSend)
        {
            return false;
        }

        _pongPending = false;
        SetSent(code ?? CloseCode.NoStatusReceived, reason);
        WriteCloseFrame(output);
        return true;
    }

    private void WriteCloseFrame(IBufferWriter<byte> output)
    {
        CloseSent = true;
        Span<byte> payload = stackalloc byte[ControlFrame.MaxPayloadSize];
        int size = _ending!.SentCode == CloseCode.NoStatusReceived ? 0 : ClosePayload.Write(payload, _ending.SentCode, _ending.SentReason);
        Write(output, NewHeader(Opcode.Close, size, fin: true, ReservedBits.None), payload[..size]);
    }

    private FrameHeader NewHeader(Opcode opcode, long payloadLength, bool fin, ReservedBits reserved) =>
        new(opcode, payloadLength, fin, reserved, Role == WebSocketRole.Client ? MaskingKeys.Next() : null);

    private static void Write(IBufferWriter<byte> output, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        Span<byte> span = output.GetSpan(header.Size + payload.Length);
        int size = header.Write(span);
        if (header.IsMasked)
        {
            Masking.Apply(payload, span.Slice(size, payload.Length), header.MaskingKey);
        }
        else
        {
            payload.CopyTo(span[size..]);
        }

        output.Advance(size + payload.Length);
    }

    private void CheckUnusualFrame(Opcode opcode, long payloadLength, bool fin, ReservedBits reserved)
    {
        if ((reserved & ~(_options.AllowedReservedBits | SendableBits(opcode))) != 0)
        {
            throw new ArgumentException($"Reserved bits {reserved} may only be sent when {nameof(ProtocolOptions.AllowedReservedBits)} names them or an extension claims them.", nameof(reserved));
        }

        if (!IsSendable(opcode))
        {
            throw new ArgumentException($"The reserved opcode 0x{(int)opcode:X} may only be sent with {nameof(ProtocolOptions.AllowReservedOpcodes)}.", nameof(opcode));
        }

        if (opcode == Opcode.Close)
        {
            throw new ArgumentException($"A Close frame is sent with {nameof(WriteClose)}.", nameof(opcode));
        }

        if (opcode.IsControl() && (!fin || payloadLength > ControlFrame.MaxPayloadSize))
        {
            throw new ArgumentException($"A control frame is not fragmented and has at most {ControlFrame.MaxPayloadSize} bytes of payload (RFC 6455 §5.5).", fin ? nameof(payloadLength) : nameof(fin));
        }
    }

    [DoesNotReturn]
    private static void ThrowClosed() =>
        throw new InvalidOperationException("Nothing can be sent after the Close frame (RFC 6455 §5.5.1) or the end of the stream.");

    [DoesNotReturn]
    private static void ThrowOutOfOrder(bool sendsMessage) =>
        throw new InvalidOperationException(sendsMessage
            ? "A fragmented message is being sent: only continuations and control frames may follow until its last fragment (RFC 6455 §5.4)."
            : "A continuation frame needs a message to continue (RFC 6455 §5.4).");
}
