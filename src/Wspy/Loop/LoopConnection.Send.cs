using Wspy.Buffers;
using Wspy.Protocol;

namespace Wspy.Loop;

// Sending on the loop's thread: frames into the cork, the queue, or right to the system.
internal sealed partial class LoopConnection
{
    /// <summary>Sends a message, from any thread.</summary>
    /// <param name="payload">The payload, borrowed.</param>
    /// <param name="opcode">Of the message.</param>
    /// <param name="fragmentSize">The largest payload per frame; 0 for one frame.</param>
    /// <param name="message">The message itself, if it was sent as one.</param>
    /// <param name="waits">Whether a thread that is no loop's waits for room where the policy says so.</param>
    public SendResult Send(ReadOnlySpan<byte> payload, Opcode opcode, int fragmentSize, Message? message, bool waits = true)
    {
        if (!_loop.IsCurrent)
        {
            return PostSend(payload, opcode, fragmentSize, message, waits);
        }

        if (_loop.Current == this && _queue is null && !_isWhole && _state == LoopState.Open && !_isBroken && !_isSendBroken
            && (fragmentSize <= 0 || payload.Length <= fragmentSize) && _engine!.TryWriteShort(_loop.Cork.Room, opcode, payload))
        {
            // The way of the small reply.
            _loop.Cork.Advance(payload.Length + 2);
            return SendResult.Sent;
        }

        if (_engine is not { CanSend: true } || _state != LoopState.Open || _isBroken || _isSendBroken)
        {
            return SendResult.Closing;
        }

        // What other threads posted before is not overtaken by what they post now; what a handler sends may overtake both.
        if (_queue is not null && !HasRoom(payload.Length) && !MakeRoom(payload.Length, out SendResult refused))
        {
            return refused;
        }

        return Write(payload, opcode, fragmentSize, message);
    }

    /// <summary>Sends a message, from any thread, and waits for room if the options say so.</summary>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode, int fragmentSize, Message? message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_options.Backpressure == BackpressurePolicy.Wait && !HasRoom(payload.Length))
        {
            return SendWithRoomAsync(payload, opcode, fragmentSize, message, cancellationToken);
        }

        SendResult result = Send(payload.Span, opcode, fragmentSize, message, waits: false);
        return result == SendResult.Dropped && _options.Backpressure == BackpressurePolicy.Wait
            ? SendWithRoomAsync(payload, opcode, fragmentSize, message, cancellationToken)
            : new(result);
    }

    private async ValueTask<SendResult> SendWithRoomAsync(ReadOnlyMemory<byte> payload, Opcode opcode, int fragmentSize, Message? message, CancellationToken cancellationToken)
    {
        SendResult result;
        do
        {
            // Others were told of the same room, and may be faster: then it is waited for again, and no thread is held.
            await WaitForRoomAsync(payload.Length).WaitAsync(cancellationToken).ConfigureAwait(false);
            result = IsOpen && !HasRoom(payload.Length) ? SendResult.Dropped : Send(payload.Span, opcode, fragmentSize, message, waits: false);
        }
        while (result == SendResult.Dropped);
        return result;
    }

    /// <summary>Sends a ping or a pong, from any thread.</summary>
    public SendResult SendControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Connection.CheckControlPayload(payload.Length, nameof(payload));
        if (!_loop.IsCurrent)
        {
            return PostControl(opcode, payload);
        }

        if (_engine is not { CanSend: true } || _state != LoopState.Open || _isBroken || _isSendBroken)
        {
            return SendResult.Closing;
        }

        if (_queue is not null && !HasRoom(payload.Length))
        {
            // It would come too late to say anything, and there may be any number of them.
            return SendResult.Dropped;
        }

        WriteControl(opcode, payload);
        return _queue is null ? SendResult.Sent : SendResult.Queued;
    }

    private void WriteControl(Opcode opcode, ReadOnlySpan<byte> payload) =>
        _engine!.WriteFrame(Output(FrameHeader.MaxSize + payload.Length), opcode, payload);

    private SendResult Write(ReadOnlySpan<byte> payload, Opcode opcode, int fragmentSize, Message? message)
    {
        if (SendsWhole())
        {
            WriteWhole(payload, opcode, fragmentSize, message);
        }
        else if (fragmentSize <= 0 || payload.Length <= fragmentSize)
        {
            WriteFrame(payload, opcode, fin: true);
        }
        else
        {
            do
            {
                WriteFrame(payload[..fragmentSize], opcode, fin: false);
                payload = payload[fragmentSize..];
                opcode = Opcode.Continuation;
            }
            while (payload.Length > fragmentSize);
            WriteFrame(payload, Opcode.Continuation, fin: true);
        }

        return _queue is null ? SendResult.Sent : SendResult.Queued;
    }

    // Whether somebody wants to be told of messages that left is known only after the first of them, which may have been another connection's.
    private bool SendsWhole() => _isWhole && (_isWhole = _options.Backpressure == BackpressurePolicy.DropOldest || _handler!.WantsSent);

    private void WriteFrame(ReadOnlySpan<byte> payload, Opcode opcode, bool fin)
    {
        if (_hasExtensions)
        {
            WriteEncoded(payload, opcode, fin);
            return;
        }

        WriteFrame(_engine!.BeginFrame(opcode, payload.Length, fin), payload);
    }

    private void WriteFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > Cork.MaxCopied && _queue is null)
        {
            WriteLarge(header, payload);
            return;
        }

        int size = header.Size + payload.Length;
        if (TryCork(size))
        {
            Cork cork = _loop.Cork;
            Write(header, payload, cork.GetSpan());
            cork.Advance(size);
        }
        else
        {
            OutputQueue queue = Queue();
            Write(header, payload, queue.GetSpan(size));
            queue.Advance(size);
        }
    }

    private static void Write(in FrameHeader header, ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        int size = header.Write(destination);
        if (header.IsMasked)
        {
            Masking.Apply(payload, destination.Slice(size, payload.Length), header.MaskingKey);
        }
        else
        {
            payload.CopyTo(destination[size..]);
        }
    }

    // Without a copy: what is corked, the header and the payload in one call; only what the system refuses is kept.
    private void WriteLarge(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.IsMasked || _loop.Current != this || _isSendBroken)
        {
            // A masked payload is a copy anyway, and output of others is gathered until the end of this turn.
            WriteOwned(header, payload);
            return;
        }

        Cork cork = _loop.Cork;
        if (cork.Count == 0 && _delivered >= header.Size && _loop.OffsetInInput(payload) == _delivered)
        {
            WriteInPlace(header, payload.Length);
            return;
        }

        if (cork.Free < header.Size)
        {
            FlushCork();
            if (_queue is not null)
            {
                WriteOwned(header, payload);
                return;
            }
        }

        cork.Advance(header.Write(cork.GetSpan()));
        int before = cork.Count;
        int sent = _socket.Send(cork.Written, payload);
        if (sent < 0)
        {
            sent = CanSendLater() ? 0 : before + payload.Length;
        }

        if (sent < before)
        {
            Keep(cork.Written[sent..]);
            sent = before;
        }

        cork.Clear();
        KeepPayload(payload[(sent - before)..]);
    }

    // The echo of what was received: whatever lies before it in the input was handled, so that the header can take that place.
    private void WriteInPlace(in FrameHeader header, int length)
    {
        Span<byte> frame = _loop.Input.Span.Slice(_delivered - header.Size, header.Size + length);
        header.Write(frame);
        int sent = _socket.Send(frame);
        if (sent < 0)
        {
            sent = CanSendLater() ? 0 : frame.Length;
        }

        if (sent < frame.Length)
        {
            Keep(frame[sent..]);
        }
    }

    // The payload of the message that is being handled may lie in an array of its own: that array is kept, and nothing copied.
    private void KeepPayload(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return;
        }

        OutputQueue queue = Queue();
        if (_engine!.DetachDelivered(rest, out int start) is { } array)
        {
            queue.AppendOwned(array, start, start + rest.Length);
        }
        else
        {
            queue.Append(rest);
        }
    }

    private void WriteOwned(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        int size = header.Size + payload.Length;
        byte[] array = BufferPool.Rent(size);
        Write(header, payload, array);
        Queue().AppendOwned(array, 0, size);
    }

    // In an array of its own, which can be dropped whole, and whose end is told.
    private void WriteWhole(ReadOnlySpan<byte> payload, Opcode opcode, int fragmentSize, Message? message)
    {
        if (fragmentSize <= 0 || fragmentSize > payload.Length)
        {
            fragmentSize = Math.Max(payload.Length, 1);
        }

        int fragments = Math.Max((payload.Length + fragmentSize - 1) / fragmentSize, 1);
        byte[] array = BufferPool.Rent(payload.Length + (fragments * FrameHeader.MaxSize));
        int end = 0;
        object whole = message ?? (_handler!.WantsSent ? Message.CreateTrusted(opcode, payload.ToArray()) : (object)this);
        for (int i = 0; i < fragments; i++)
        {
            bool fin = i == fragments - 1;
            ReadOnlySpan<byte> fragment = fin ? payload : payload[..fragmentSize];
            payload = payload[fragment.Length..];
            if (!TryEncode(ref fragment, i == 0 ? opcode : Opcode.Continuation, fin, out ReservedBits reserved))
            {
                break;
            }

            FrameHeader header = _engine!.BeginFrame(i == 0 ? opcode : Opcode.Continuation, fragment.Length, fin, reserved);
            if (array.Length - end < header.Size + fragment.Length)
            {
                array = Grow(array, end, header.Size + fragment.Length + payload.Length + ((fragments - i) * FrameHeader.MaxSize));
            }

            Write(header, fragment, array.AsSpan(end));
            end += header.Size + fragment.Length;
        }

        _engine!.ForgetEncoded();
        Queue().AppendOwned(array, 0, end, whole);
    }
}
