using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Wspy.Protocol;

// Receiving: frames out of bytes, judged and unmasked, joined into the unit of delivery.
public sealed partial class WebSocketProtocol
{
    // Made when something comes in pieces for the first time: most connections are idle, and many never need it.
    private MessageAssembler? _assembler;

    // A header that was cut in two.
    private HeaderBytes _headerBytes;
    private int _headerCount;

    // The frame whose payload is being received.
    private FrameHeader _frame;
    private bool _inFrame;
    private long _frameLeft;
    private uint _key;

    // The message to which the data frames belong.
    private bool _inMessage;
    private bool _isStart;
    private bool _judgesText;
    private Opcode _messageOpcode;
    private ReservedBits _messageReserved;
    private int _fragments;
    private long _messageSize;
    private Utf8Validator _utf8;

    // What the assembler holds was delivered and dies with the next input.
    private bool _delivered;
    private bool _discards;

    // The assembler's memory is with the driver, and maybe with the system that receives into it.
    private bool _lent;

    /// <summary>Takes received bytes up to the next event.</summary>
    /// <param name="input">
    /// Received bytes, which are unmasked in place. On return, what was not looked at yet: empty when the event is
    /// <see cref="ProtocolEventKind.None"/>, otherwise to be given again.
    /// </param>
    /// <returns>The next event; <see cref="ProtocolEventKind.None"/> when all input was taken and more is needed.</returns>
    public ProtocolEvent Read(scoped ref Span<byte> input)
    {
        ForgetDelivered();
        if (TryReadShort(ref input, out Opcode opcode, out Span<byte> payload))
        {
            return new ProtocolEvent(ProtocolEventKind.Data, opcode, payload, fin: true, ReservedBits.None);
        }

        while (!_discards)
        {
            if (!_inFrame && !TryBeginFrame(ref input))
            {
                return Violation.Kind == ProtocolViolation.None ? default : new ProtocolEvent(ProtocolEventKind.Failed);
            }

            ProtocolEvent result = _frame.Opcode.IsControl() ? ReadControl(ref input) : ReadData(ref input);
            if (result.Kind != ProtocolEventKind.None || (_inFrame && input.IsEmpty))
            {
                return result;
            }
        }

        input = default;
        return default;
    }

    /// <summary>The memory in which the rest of a large frame belongs, so that it can be received there without a copy.</summary>
    /// <param name="minimum">The least size of the rest for which this is worth a read of its own, in bytes.</param>
    /// <returns>
    /// Where to receive next, followed by <see cref="Commit"/>; empty when the next bytes are to be given to <see cref="Read"/>. When nothing
    /// was received and nothing will be, such as after a time-out, the next bytes may be given to <see cref="Read"/> all the same.
    /// </returns>
    public Memory<byte> GetReceiveMemory(int minimum)
    {
        if (_discards || !_inFrame || _frameLeft < minimum || _options.Delivery == DeliveryUnit.Part || _transforms || _frame.Opcode.IsControl())
        {
            return default;
        }

        ForgetDelivered();
        _lent = true;
        return Assembler.GetTail(_frameLeft);
    }

    /// <summary>Takes bytes that were received into the memory of <see cref="GetReceiveMemory"/>.</summary>
    /// <param name="count">The number of bytes received.</param>
    /// <returns>The event that they complete, or <see cref="ProtocolEventKind.None"/>.</returns>
    /// <exception cref="InvalidOperationException">No memory was lent.</exception>
    /// <exception cref="ArgumentOutOfRangeException">That many bytes were not lent.</exception>
    public ProtocolEvent Commit(int count)
    {
        if (!_lent)
        {
            ThrowNotLent();
        }

        if (_discards)
        {
            _lent = false;
            return default;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (ulong)_frameLeft, nameof(count));
        Span<byte> chunk = Assembler.Commit(count);
        _lent = false;
        return TakeData(chunk, inPlace: true);
    }

    /// <summary>Takes over the pooled array in which the delivered payload was put together; null when the payload lies in the input.</summary>
    internal byte[]? DetachDelivered()
    {
        if (!_delivered)
        {
            return null;
        }

        _delivered = false;
        return _assembler!.Detach(out _);
    }

    /// <summary>Delivers what is held of a message that has begun, now that parts are asked for; no memory may be lent.</summary>
    internal ProtocolEvent DeliverHeld()
    {
        if (_discards || _delivered || !_inMessage || _assembler is not { Count: > 0 })
        {
            return default;
        }

        _delivered = true;
        _lent = false;
        bool isStart = _isStart;
        _isStart = false;
        return new ProtocolEvent(ProtocolEventKind.Data, _messageOpcode, Assembler.Written, fin: false, _messageReserved, isStart);
    }

    /// <summary>Takes over the pooled array in which the delivered payload was put together, if <paramref name="part"/> lies in it.</summary>
    /// <param name="part">What is still needed of the payload.</param>
    /// <param name="start">Where it begins in the array.</param>
    internal byte[]? DetachDelivered(ReadOnlySpan<byte> part, out int start)
    {
        start = 0;
        return _delivered && ((ReadOnlySpan<byte>)_assembler!.Written).Overlaps(part, out start) ? DetachDelivered() : null;
    }

    /// <summary>Takes the end of the stream: nothing more will be received.</summary>
    public void ReceiveEndOfStream()
    {
        _ended = true;
        Discard();
    }

    private MessageAssembler Assembler => _assembler ??= new MessageAssembler();

    [DoesNotReturn]
    private static void ThrowNotLent() =>
        throw new InvalidOperationException($"Only what was received into the memory of {nameof(GetReceiveMemory)} can be committed.");

    private bool TryBeginFrame(scoped ref Span<byte> input)
    {
        OperationStatus status = _headerCount == 0 ? ParseHeader(ref input) : ParseSplitHeader(ref input);
        if (status == OperationStatus.NeedMoreData)
        {
            return false;
        }

        if (_pipeline is not null)
        {
            _claimed = ClaimedBits(_pipeline);
        }

        Violation violation = status == OperationStatus.InvalidData
            ? new Violation(ProtocolViolation.LengthOutOfRange)
            : FrameRules.Judge(_frame, Role, _options, _claimed, _pipeline?.Opcodes ?? 0);
        bool isData = !_frame.Opcode.IsControl();
        if (violation.Kind == ProtocolViolation.None && isData)
        {
            violation = FrameRules.JudgeSequence(_frame, _inMessage, _messageSize, _fragments, _options, IsTransformed);
        }

        if (violation.Kind != ProtocolViolation.None)
        {
            Fail(violation);
            return false;
        }

        _inFrame = true;
        _frameLeft = _frame.PayloadLength;
        _key = _frame.MaskingKey;
        return !isData || BeginDataFrame();
    }

    private OperationStatus ParseHeader(scoped ref Span<byte> input)
    {
        OperationStatus status = FrameHeader.TryParse(input, out _frame, out int consumed);
        if (status == OperationStatus.NeedMoreData)
        {
            Span<byte> kept = _headerBytes;
            input.CopyTo(kept);
            _headerCount = input.Length;
            input = default;
            return status;
        }

        input = input[consumed..];
        return status;
    }

    private OperationStatus ParseSplitHeader(scoped ref Span<byte> input)
    {
        Span<byte> kept = _headerBytes;
        while (!input.IsEmpty)
        {
            kept[_headerCount++] = input[0];
            input = input[1..];
            OperationStatus status = FrameHeader.TryParse(kept[.._headerCount], out _frame, out _);
            if (status != OperationStatus.NeedMoreData)
            {
                _headerCount = 0;
                return status;
            }
        }

        return OperationStatus.NeedMoreData;
    }

    private bool BeginDataFrame()
    {
        // What an extension claims is its own affair, and what it makes of the payload is judged.
        ReservedBits unclaimed = _frame.Reserved & ~_claimed;
        if (_pipeline is not null && !BeginTransform(_pipeline, startsMessage: !_inMessage))
        {
            return false;
        }

        if (!_inMessage)
        {
            _inMessage = true;
            _isStart = true;
            _messageOpcode = _frame.Opcode;
            _messageReserved = unclaimed;
            _utf8.Reset();
            _judgesText = _frame.Opcode == Opcode.Text;
        }

        // A reserved bit means that the payload is not the text itself; an extension that works on frames sets it on any of them.
        _judgesText &= unclaimed == ReservedBits.None;
        _fragments++;
        return true;
    }

    private ProtocolEvent ReadData(scoped ref Span<byte> input)
    {
        int taken = (int)Math.Min(input.Length, _frameLeft);
        if (_transforms && _options.Delivery == DeliveryUnit.Part)
        {
            taken = Math.Min(taken, ExtensionPart);
        }

        Span<byte> chunk = input[..taken];
        input = input[taken..];
        return TakeData(chunk, inPlace: false);
    }

    private ProtocolEvent TakeData(Span<byte> chunk, bool inPlace)
    {
        if (_frame.IsMasked)
        {
            _key = Masking.Apply(chunk, _key);
        }

        _frameLeft -= chunk.Length;
        if (_transforms)
        {
            return TakeTransformed(chunk);
        }

        bool frameEnds = _frameLeft == 0;
        bool messageEnds = frameEnds && _frame.Fin;
        if (_judgesText && !IsText(chunk, messageEnds, out Violation violation))
        {
            return Fail(violation);
        }

        _messageSize += chunk.Length;
        return EndData(chunk, frameEnds, messageEnds, inPlace, hasData: !chunk.IsEmpty);
    }

    // Delivers what is due with this chunk, or keeps it. Inlined, for what it returns is large and every message passes here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ProtocolEvent EndData(Span<byte> chunk, bool frameEnds, bool messageEnds, bool inPlace, bool hasData)
    {
        _inFrame = !frameEnds;
        _inMessage = !messageEnds;
        if (messageEnds)
        {
            // The next message is judged by its header, against its own size and fragments and not these.
            _messageSize = 0;
            _fragments = 0;
        }

        bool delivers = _options.Delivery switch
        {
            DeliveryUnit.Message => messageEnds,
            DeliveryUnit.Frame => frameEnds,
            _ => messageEnds || hasData,
        };
        if (!delivers)
        {
            if (!inPlace)
            {
                Assembler.Append(chunk, _frameLeft);
            }

            return default;
        }

        if (_assembler is { Count: > 0 })
        {
            if (!inPlace)
            {
                Assembler.Append(chunk, expected: 0);
            }

            chunk = Assembler.Written;
            _delivered = true;
        }

        bool isStart = _isStart;
        _isStart = false;
        return _options.Delivery == DeliveryUnit.Frame
            ? new ProtocolEvent(ProtocolEventKind.Data, _frame.Opcode, chunk, _frame.Fin, _frame.Reserved & ~_claimed, isStart)
            : new ProtocolEvent(ProtocolEventKind.Data, _messageOpcode, chunk, messageEnds, _messageReserved, isStart);
    }

    // RFC 6455 §8.1: text that is not UTF-8 fails the connection, at the byte that proves it.
    private bool IsText(ReadOnlySpan<byte> chunk, bool messageEnds, out Violation violation)
    {
        int invalid = _utf8.Validate(chunk);
        if (invalid < 0 && messageEnds && !_utf8.IsComplete)
        {
            // A code point that the message's end cuts off: the byte that should follow is the one that is wrong.
            invalid = chunk.Length;
        }

        violation = invalid < 0 ? default : new Violation(ProtocolViolation.InvalidUtf8, _messageSize + invalid);
        return invalid < 0;
    }

    private void ForgetDelivered()
    {
        if (_delivered)
        {
            Assembler.Clear();
            _delivered = false;
        }
    }

    private void Discard()
    {
        _discards = true;
        _delivered = false;
        if (_lent)
        {
            // Somebody may still write there: the array is left to the garbage collector.
            _assembler?.Detach(out _);
        }
        else
        {
            _assembler?.Dispose();
        }
    }

    [InlineArray(FrameHeader.MaxSize)]
    private struct HeaderBytes
    {
        private byte _first;
    }
}
