using Wspy.Transports;

namespace Wspy;

// Sending frames that a caller built: together, small ones in one write.
internal sealed partial class ProtocolDriver
{
    public void Send(ReadOnlySpan<Frame> frames)
    {
        TakeTurn();
        try
        {
            try
            {
                foreach (Frame frame in frames)
                {
                    ReadOnlySpan<byte> payload = frame.Payload.Span;
                    SendRest(payload, Begin(frame, out uint? key), key);
                }
            }
            finally
            {
                // Also when a later frame was refused: the ones before it are good.
                SendOutput();
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

    public async ValueTask SendAsync(IReadOnlyList<Frame> frames, CancellationToken cancellationToken)
    {
        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            try
            {
                foreach (Frame frame in frames)
                {
                    await SendRestAsync(frame.Payload, Begin(frame, out uint? key), key, cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                await WriteOutputAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            EndTurn();
            await FlushPendingAsync().ConfigureAwait(false);
        }
    }

    // The number of payload bytes that stand in the output.
    private int Begin(Frame frame, out uint? key)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.Opcode != Opcode.Close)
        {
            return Begin(frame.Opcode, frame.Payload.Span, frame.Fin, frame.Reserved, out key);
        }

        // A Close frame of the user's is as good as a call of Close, but for the waiting.
        key = null;
        ClosePayloadError error = ClosePayload.Parse(frame.Payload.Span, out CloseCode code, out string reason);
        if (error != ClosePayloadError.None)
        {
            throw new ArgumentException($"The body of the Close frame is malformed ({error}).", nameof(frame));
        }

        if (!BeginClose(code == CloseCode.NoStatusReceived ? null : code, reason))
        {
            throw ClosedException();
        }

        StartCloseTimer();
        return frame.Payload.Length;
    }
}
