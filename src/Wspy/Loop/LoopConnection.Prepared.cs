using System.Diagnostics.CodeAnalysis;
using Wspy.Buffers;

namespace Wspy.Loop;

// Messages that were prepared for many: their frames are sent from where they are.
internal sealed partial class LoopConnection
{
    /// <summary>Sends a prepared message, from any thread.</summary>
    /// <param name="message">The message.</param>
    /// <param name="waits">Whether a thread that is no loop's waits for room where the policy says so.</param>
    public SendResult Send(PreparedMessage message, bool waits)
    {
        int size = message.Message.Payload.Length;
        if (!_loop.IsCurrent)
        {
            return PostPrepared(message, size, waits);
        }

        if (_engine is not { CanSend: true } || _state != LoopState.Open || _isBroken || _isSendBroken)
        {
            return SendResult.Closing;
        }

        if (_queue is not null && !HasRoom(size) && !MakeRoom(size, out SendResult refused))
        {
            return refused;
        }

        WritePrepared(message);
        return _queue is null ? SendResult.Sent : SendResult.Queued;
    }

    private SendResult PostPrepared(PreparedMessage message, int size, bool waits)
    {
        if (!IsOpen)
        {
            return SendResult.Closing;
        }

        if (!HasRoomToPost(size, waits, out SendResult refused))
        {
            return refused;
        }

        return PostCounted(new LoopWork { Kind = LoopWorkKind.SendPrepared, Connection = this, Length = size, State = message });
    }

    private void RunSendPrepared(PreparedMessage message)
    {
        int size = message.Message.Payload.Length;
        Discount(size);
        if (_engine is not { CanSend: true } || _state != LoopState.Open || _isBroken || _isSendBroken)
        {
            return;
        }

        // As for any message that was posted.
        if (_options.Backpressure == BackpressurePolicy.Wait || _queue is null || !IsCrowded(size) || MakeRoom(size, out _))
        {
            WritePrepared(message);
        }
    }

    private void WritePrepared(PreparedMessage prepared)
    {
        Message message = prepared.Message;
        if (!TryGetFrame(prepared, out byte[]? frame))
        {
            Write(message.Payload.Span, message.Opcode, 0, message);
            return;
        }

        _engine!.BeginFrame(message.Opcode, message.Payload.Length);
        Message? whole = SendsWhole() ? message : null;
        bool copies = whole is null && frame.Length <= Cork.MaxCopied;
        if (copies && TryCork(frame.Length))
        {
            frame.CopyTo(_loop.Cork.GetSpan());
            _loop.Cork.Advance(frame.Length);
            return;
        }

        // Behind others a small frame is copied, so that many of them leave in one send.
        OutputQueue queue = Queue();
        if (copies && !queue.IsEmpty)
        {
            queue.Append(frame);
        }
        else
        {
            queue.AppendShared(frame, whole);
        }
    }

    // False when this connection makes its own frame of it, and when an extension threw, which Write finds out as well.
    private bool TryGetFrame(PreparedMessage message, [NotNullWhen(true)] out byte[]? frame)
    {
        frame = null;
        if (_engine!.ExtensionFailure is not null)
        {
            return false;
        }

        try
        {
            return _engine.TryGetFrame(message, out frame);
        }
        catch (Exception exception)
        {
            // As for any message.
            FailExtension(exception);
            return false;
        }
    }
}
