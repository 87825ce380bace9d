using Wspy.Buffers;

namespace Wspy.Loop;

// What other threads want: copied into pooled memory and posted; and doing it, on the loop's thread.
internal sealed partial class LoopConnection
{
    /// <summary>Does what another thread posted.</summary>
    public void Run(in LoopWork work)
    {
        switch (work.Kind)
        {
            case LoopWorkKind.Send:
                RunSend(work);
                break;
            case LoopWorkKind.SendPrepared:
                RunSendPrepared((PreparedMessage)work.State!);
                break;
            case LoopWorkKind.SendOldest:
                RunSendOldest();
                break;
            case LoopWorkKind.SendControl:
                Discount(0);
                SendControl(work.Opcode, work.Array.AsSpan(0, work.Length));
                BufferPool.Return(work.Array!);
                break;
            case LoopWorkKind.Overrun:
                Break((Exception)work.State!);
                break;
            case LoopWorkKind.Close:
                CloseOnLoop((CloseCode)work.Number, (string)work.State!);
                break;
            case LoopWorkKind.Abort:
                AbortOnLoop((Exception?)work.State);
                break;
            case LoopWorkKind.Resume:
                ResumeHandler();
                break;
            case LoopWorkKind.Secured:
                Secured((Exception?)work.State);
                break;
            case LoopWorkKind.ResumeOpening:
                ResumeOpening();
                break;
            case LoopWorkKind.Attend:
                if (_state == LoopState.Securing && (_paused & PauseReasons.Opening) != 0)
                {
                    // There may be room again for what the peer sends, and TLS below this one may hold it already.
                    _paused &= ~PauseReasons.Opening;
                    ReadAgain();
                }

                break;
            case LoopWorkKind.PauseReading:
                _paused |= PauseReasons.Application;
                break;
            default:
                RunResumeReading(wasOnLoop: work.Number != 0);
                break;
        }

        if (_state != LoopState.Closed)
        {
            Attend();
        }
    }

    private SendResult PostSend(ReadOnlySpan<byte> payload, Opcode opcode, int fragmentSize, Message? message, bool waits)
    {
        if (!IsOpen)
        {
            return SendResult.Closing;
        }

        if (!HasRoomToPost(payload.Length, waits, out SendResult refused))
        {
            return refused;
        }

        byte[] array = BufferPool.Rent(FrameHeader.MaxSize + payload.Length);
        payload.CopyTo(array.AsSpan(FrameHeader.MaxSize));
        return Post(array, payload.Length, opcode, fragmentSize, message);
    }

    private SendResult Post(byte[] array, int length, Opcode opcode, int fragmentSize, Message? message)
    {
        return PostCounted(new LoopWork { Kind = LoopWorkKind.Send, Connection = this, Array = array, Length = length, Opcode = opcode, Number = fragmentSize, State = message });
    }

    private SendResult PostCounted(in LoopWork work)
    {
        if (_options.Backpressure == BackpressurePolicy.DropOldest)
        {
            return PostDroppable(work) ? SendResult.Queued : SendResult.Closing;
        }

        Count(work.Length);
        if (_loop.Post(work))
        {
            return SendResult.Queued;
        }

        Discount(work.Length);
        if (work.Array is { } array)
        {
            BufferPool.Return(array);
        }

        return SendResult.Closing;
    }

    private SendResult PostControl(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (!IsOpen)
        {
            return SendResult.Closing;
        }

        if (!HasRoom(payload.Length))
        {
            return SendResult.Dropped;
        }

        byte[] array = BufferPool.Rent(ControlFrame.MaxPayloadSize);
        payload.CopyTo(array);
        Count(0);
        if (_loop.Post(new LoopWork { Kind = LoopWorkKind.SendControl, Connection = this, Array = array, Length = payload.Length, Opcode = opcode }))
        {
            return SendResult.Queued;
        }

        Discount(0);
        BufferPool.Return(array);
        return SendResult.Closing;
    }

    private void RunSend(in LoopWork work)
    {
        TakePosted(work);

        // In this order, so that nobody sees room between the two; a message counts twice for a moment.
        Volatile.Write(ref _queued, _queue?.Count ?? 0);
        Discount(work.Length);
    }

    private void TakePosted(in LoopWork work)
    {
        byte[] array = work.Array!;
        ReadOnlySpan<byte> payload = array.AsSpan(FrameHeader.MaxSize, work.Length);
        if (_engine is not { CanSend: true } || _state != LoopState.Open || _isBroken || _isSendBroken)
        {
            BufferPool.Return(array);
            return;
        }

        // Those that asked for room were given it; a crowd that asked at the same time is judged here.
        if (_options.Backpressure != BackpressurePolicy.Wait && _queue is not null && IsCrowded(0) && !MakeRoom(0, out _))
        {
            BufferPool.Return(array);
            return;
        }

        bool isWhole = work.Number <= 0 || work.Length <= work.Number;
        if (!isWhole || _hasExtensions || SendsWhole())
        {
            Write(payload, work.Opcode, work.Number, (Message?)work.State);
            BufferPool.Return(array);
            return;
        }

        // The header goes right before the payload, and the array as it is to the queue.
        FrameHeader header = _engine.BeginFrame(work.Opcode, work.Length);
        if (header.IsMasked)
        {
            Masking.Apply(array.AsSpan(FrameHeader.MaxSize, work.Length), header.MaskingKey);
        }

        int start = FrameHeader.MaxSize - header.Size;
        header.Write(array.AsSpan(start));
        Queue().AppendOwned(array, start, FrameHeader.MaxSize + work.Length);
    }
}
