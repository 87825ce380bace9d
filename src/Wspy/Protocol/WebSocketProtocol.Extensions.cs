using System.Buffers;
using Wspy.Extensions;

namespace Wspy.Protocol;

// Extensions: what was received goes through them before it is judged and delivered, what is sent before it is framed.
public sealed partial class WebSocketProtocol : IExtensionSink
{
    // The least room for what extensions make; more as the message grows.
    private const int ExtensionOutput = 4096;

    // What one event may take when parts are delivered: a thousand times as much may come of it.
    private const int ExtensionPart = 1024;

    private readonly ExtensionPipeline? _pipeline;

    // Whether the frame whose payload is being received goes through extensions.
    private bool _transforms;

    // The reserved bits of the frame that mean something to an extension.
    private ReservedBits _claimed;

    // The sender said that what it sends is what the extensions would make of it.
    private bool _sendsTransformed;

    /// <summary>What an extension threw when it failed the connection with 1011; else <see langword="null"/>.</summary>
    public Exception? ExtensionFailure => _ending?.Cause;

    /// <summary>The extension that threw <see cref="ExtensionFailure"/>; else <see langword="null"/>.</summary>
    public Extension? FailedExtension => _ending?.Extension;

    /// <summary>Whether extensions were agreed on.</summary>
    internal bool HasExtensions => _pipeline is not null;

    /// <summary>Does to the payload of a data frame what the extensions do; to be called once for each, before <see cref="BeginFrame"/>.</summary>
    /// <param name="opcode">Of the frame.</param>
    /// <param name="payload">Of the frame.</param>
    /// <param name="fin">Whether this is the last fragment of its message.</param>
    /// <param name="reserved">
    /// The reserved bits of the frame, to which those of the extensions are added. When it has one of theirs, the message passes as it is.
    /// </param>
    /// <param name="encoded">What to send instead, valid until the next call.</param>
    /// <returns>False when the payload is to be sent as it is.</returns>
    /// <remarks>What an extension throws comes out; <see cref="FailExtension"/> ends the connection then.</remarks>
    public bool TryEncode(Opcode opcode, ReadOnlySpan<byte> payload, bool fin, ref ReservedBits reserved, out ReadOnlyMemory<byte> encoded)
    {
        encoded = default;

        // A frame out of order is refused when it begins, and must not disturb what the extensions remember.
        if (_pipeline is null || opcode.IsControl() || (opcode == Opcode.Continuation) != _sendsMessage
            || (reserved & ~(_options.AllowedReservedBits | SendableBits(opcode))) != 0 || !IsSendable(opcode))
        {
            return false;
        }

        if (opcode != Opcode.Continuation)
        {
            _sendsTransformed = (reserved & _pipeline.Bits) != 0;
        }

        return !_sendsTransformed && (reserved & _pipeline.Bits) == 0 && _pipeline.TrySend(opcode, payload, fin, ref reserved, out encoded);
    }

    /// <summary>Fails the connection with 1011 because an extension threw while it worked on what is sent. What was delivered stays valid.</summary>
    public void FailExtension(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (Violation.Kind == ProtocolViolation.None)
        {
            SetFailure(new Violation(ProtocolViolation.ExtensionFailed), exception, _pipeline?.Sender);
            if (!CloseSent)
            {
                QueueClose(Violation.CloseCode, Violation.Description);
            }

            // The receiver's memory is left alone, for it may be at work with it on another thread.
            _discards = true;
        }
    }

    private bool TryWriteEncoded(IBufferWriter<byte> output, Opcode opcode, ReadOnlySpan<byte> payload, bool fin, ReservedBits reserved)
    {
        if (!CanSend || !TryEncode(opcode, payload, fin, ref reserved, out ReadOnlyMemory<byte> encoded))
        {
            return false;
        }

        Write(output, BeginFrame(opcode, encoded.Length, fin, reserved), encoded.Span);
        ForgetEncoded();
        return true;
    }

    /// <summary>Gives back the memory that the last <see cref="TryEncode"/> used.</summary>
    internal void ForgetEncoded() => _pipeline?.ForgetSent();

    /// <summary>After how long without <see cref="TryEncode"/> the driver calls <see cref="ReleaseIdle"/>; infinite for never.</summary>
    internal TimeSpan IdleTime => _pipeline?.IdleTime ?? Timeout.InfiniteTimeSpan;

    /// <summary>Gives back what the extensions can make anew when something is sent; in the turn of who sends.</summary>
    internal void ReleaseIdle() => _pipeline?.ReleaseIdle();

    private long MessageLimit => _options.Delivery == DeliveryUnit.Message ? Math.Min(_options.MaxMessageSize, Array.MaxLength) : _options.MaxMessageSize;

    // One byte more than the limit leaves tells that it is exceeded, so no bomb makes us hold more. Without a limit, one more would be a negative number.
    Span<byte> IExtensionSink.GetSpan(int least) =>
        Assembler.GetTail(Math.Max(least, Math.Min(Math.Max(ExtensionOutput, Assembler.Count) - 1, Math.Max(MessageLimit - _messageSize, 0)) + 1), least).Span;

    bool IExtensionSink.Take(int count, bool end)
    {
        long limit = MessageLimit;
        if (count > limit - _messageSize)
        {
            Fail(new Violation(ProtocolViolation.MessageTooLarge, _messageSize + count, limit));
            return false;
        }

        // A frame that is delivered whole is no larger than an array, whatever the message may be.
        if (Assembler.Count > Array.MaxLength - count - ExtensionOutput)
        {
            Fail(new Violation(ProtocolViolation.FrameTooLarge, (long)Assembler.Count + count, Array.MaxLength - ExtensionOutput));
            return false;
        }

        ReadOnlySpan<byte> piece = Assembler.Commit(count);
        if (_judgesText && !IsText(piece, end, out Violation violation))
        {
            Fail(violation);
            return false;
        }

        _messageSize += count;
        return true;
    }

    // The bits that mean something on this frame: those of messages on the first one only (RFC 7692 §6), none on control frames.
    private ReservedBits ClaimedBits(ExtensionPipeline pipeline)
    {
        ReservedBits bits = _frame.Opcode.IsControl() ? ReservedBits.None : _frame.Opcode == Opcode.Continuation ? pipeline.FrameBits : pipeline.Bits;
        return _frame.Reserved & bits;
    }

    // Whether the length on the wire says nothing of the message's.
    private bool IsTransformed => _claimed != 0 || (_inMessage && _pipeline is { TransformsMessage: true });

    private bool BeginTransform(ExtensionPipeline pipeline, bool startsMessage)
    {
        try
        {
            _transforms = pipeline.BeginReceive(_frame.Opcode, _claimed, startsMessage);
        }
        catch (Exception exception)
        {
            // Whatever it was, it is this connection's end and of no other.
            FailReceiving(exception);
            return false;
        }

        if (!_transforms && _claimed != 0)
        {
            // Nobody makes anything else of it, so it is judged like any other.
            Violation violation = FrameRules.JudgeSequence(_frame, _inMessage, _messageSize, _fragments, _options);
            if (violation.Kind != ProtocolViolation.None)
            {
                Fail(violation);
                return false;
            }
        }

        return true;
    }

    private ProtocolEvent FailReceiving(Exception exception) => Fail(new Violation(ProtocolViolation.ExtensionFailed), exception, _pipeline!.Receiver);

    private ReservedBits SendableBits(Opcode opcode) =>
        _pipeline is null || opcode.IsControl() ? ReservedBits.None : opcode == Opcode.Continuation ? _pipeline.FrameBits : _pipeline.Bits;

    private bool IsSendable(Opcode opcode) => !opcode.IsReserved() || _options.AllowReservedOpcodes || IsClaimed(opcode);

    /// <summary>Whether an extension gives a meaning to this opcode, which RFC 6455 leaves undefined. From any thread.</summary>
    internal bool IsClaimed(Opcode opcode) => _pipeline is not null && opcode.IsReserved() && (_pipeline.Opcodes & (1 << (int)opcode)) != 0;

    private ProtocolEvent TakeTransformed(ReadOnlySpan<byte> chunk)
    {
        bool frameEnds = _frameLeft == 0;
        bool messageEnds = frameEnds && _frame.Fin;
        ExtensionStatus status;
        try
        {
            status = _pipeline!.Receive(chunk, frameEnds, messageEnds, this);
        }
        catch (Exception exception)
        {
            // As above.
            return FailReceiving(exception);
        }

        if (status != ExtensionStatus.NeedsInput)
        {
            return status switch
            {
                ExtensionStatus.InvalidData => Fail(new Violation(ProtocolViolation.InvalidExtensionData)),
                ExtensionStatus.LimitExceeded => Fail(new Violation(ProtocolViolation.ExtensionLimit)),

                // The sink has failed the connection.
                _ => new ProtocolEvent(ProtocolEventKind.Failed),
            };
        }

        return EndData(default, frameEnds, messageEnds, inPlace: true, hasData: _assembler is { Count: > 0 });
    }
}
