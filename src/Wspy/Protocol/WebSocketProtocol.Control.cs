namespace Wspy.Protocol;

// Control frames: pings, pongs, and the peer's half of the closing handshake.
public sealed partial class WebSocketProtocol
{
    // A control payload that was cut in two, and the payload of the pong that is due; made when first needed.
    private byte[]? _control;
    private int _controlCount;
    private byte[]? _pong;
    private int _pongLength;
    private bool _pongPending;

    private ProtocolEvent ReadControl(scoped ref Span<byte> input)
    {
        int length = (int)_frame.PayloadLength;
        Span<byte> payload;
        if (_controlCount == 0 && input.Length >= length)
        {
            payload = input[..length];
            input = input[length..];
        }
        else
        {
            _control ??= new byte[ControlFrame.MaxPayloadSize];
            int taken = Math.Min(input.Length, length - _controlCount);
            input[..taken].CopyTo(_control.AsSpan(_controlCount));
            input = input[taken..];
            _controlCount += taken;
            if (_controlCount < length)
            {
                return default;
            }

            payload = _control.AsSpan(0, length);
            _controlCount = 0;
        }

        _inFrame = false;
        if (_frame.IsMasked)
        {
            Masking.Apply(payload, _key);
        }

        return TakeControl(payload);
    }

    private ProtocolEvent TakeControl(Span<byte> payload)
    {
        switch (_frame.Opcode)
        {
            case Opcode.Close:
                return TakeClose(payload);
            case Opcode.Ping:
                QueuePong(payload);
                return ControlEvent(ProtocolEventKind.Ping, payload);
            case Opcode.Pong:
                // §5.5.3: a pong that nobody asked for is a heartbeat and no error.
                return ControlEvent(ProtocolEventKind.Pong, payload);
            default:
                return ControlEvent(ProtocolEventKind.ReservedControl, payload);
        }
    }

    private ProtocolEvent ControlEvent(ProtocolEventKind kind, Span<byte> payload) =>
        new(kind, _frame.Opcode, payload, fin: true, _frame.Reserved);

    private ProtocolEvent TakeClose(Span<byte> payload)
    {
        ClosePayloadError error = ClosePayload.Parse(payload, out CloseCode code, out string reason);
        if (error != ClosePayloadError.None)
        {
            return Fail(error switch
            {
                ClosePayloadError.OneByte => new Violation(ProtocolViolation.ClosePayloadOfOneByte),
                ClosePayloadError.InvalidCode => new Violation(ProtocolViolation.InvalidCloseCode, (long)code),
                _ => new Violation(ProtocolViolation.InvalidCloseReason),
            });
        }

        CloseReceived = true;
        SetReceived(code, reason);
        _peerWasFirst = !CloseSent;
        if (_options.AnswersControlFrames && !CloseSent)
        {
            // §5.5.1: an endpoint typically echoes the status code it received; the reason goes back with it.
            QueueClose(code, reason);
        }

        // §5.5.1: the peer sends nothing after its Close frame; what comes all the same means nothing.
        Discard();
        return ControlEvent(ProtocolEventKind.Close, payload);
    }

    // §5.5.3: of several pings only the most recent one needs an answer, so one slot bounds what a flood can make us hold.
    private void QueuePong(ReadOnlySpan<byte> payload)
    {
        if (!_options.AnswersControlFrames || CloseSent)
        {
            return;
        }

        _pong ??= new byte[ControlFrame.MaxPayloadSize];
        payload.CopyTo(_pong);
        _pongLength = payload.Length;
        _pongPending = true;
    }
}
