using Wspy.Transports;

namespace Wspy;

// Messages that were prepared for many: their frames are sent from where they are.
internal sealed partial class ProtocolDriver
{
    /// <summary>Sends a prepared message.</summary>
    public void Send(PreparedMessage message)
    {
        if (!Engine.SharesFrames)
        {
            Send(message.Message.Opcode, message.Message.Payload.Span);
            return;
        }

        TakeTurn();
        try
        {
            byte[] frame = Begin(message, out bool corked);
            if (corked && Corks)
            {
                _corked = true;
                return;
            }

            SendOutput();
            if (!corked)
            {
                _transport.Send(frame);
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            throw SendFailed(exception);
        }
        finally
        {
            EndTurn();
            FlushPending();
        }
    }

    /// <summary>Sends a prepared message. Cancelled while it waits for its turn, it does nothing; later, it ends the connection.</summary>
    public async ValueTask SendAsync(PreparedMessage message, CancellationToken cancellationToken)
    {
        if (!Engine.SharesFrames)
        {
            await SendAsync(message.Message.Opcode, message.Message.Payload, cancellationToken: cancellationToken).ConfigureAwait(false);
            return;
        }

        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            byte[] frame = Begin(message, out bool corked);
            await WriteOutputAsync(cancellationToken).ConfigureAwait(false);
            if (!corked)
            {
                await WriteAsync(frame, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            EndTurn();
            await FlushPendingAsync().ConfigureAwait(false);
        }
    }

    // The answers that are due go first; a small frame is copied behind them, into one write.
    private byte[] Begin(PreparedMessage message, out bool corked)
    {
        byte[] frame = GetFrame(message);
        corked = frame.Length <= CorkSize;
        lock (_gate)
        {
            if (!MaySend)
            {
                throw ClosedException();
            }

            Engine.BeginFrame(message.Message.Opcode, message.Message.Payload.Length);
            Engine.WritePending(_output);
            if (corked)
            {
                frame.CopyTo(_output.GetSpan(frame.Length));
                _output.Advance(frame.Length);
            }
        }

        return frame;
    }

    private byte[] GetFrame(PreparedMessage message)
    {
        ThrowIfClosed();
        try
        {
            return Engine.TryGetFrame(message, out byte[]? frame) ? frame : throw new InvalidOperationException("This connection shares no frames.");
        }
        catch (Exception exception)
        {
            // As for any message.
            throw ExtensionFailed(exception);
        }
    }
}
