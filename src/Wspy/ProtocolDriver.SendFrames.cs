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
                    int sent = Begin(frame, out ReadOnlyMemory<byte> payload, out uint? key);
                    SendRest(payload.Span, sent, key);
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
                    int sent = Begin(frame, out ReadOnlyMemory<byte> payload, out uint? key);
                    await SendRestAsync(payload, sent, key, cancellationToken).ConfigureAwait(false);
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

    // The number of payload bytes that stand in the output, and the payload as it is sent.
    private int Begin(Frame frame, out ReadOnlyMemory<byte> payload, out uint? key)
    {
        ArgumentNullException.ThrowIfNull(frame);
        payload = frame.Payload;
        if (frame.Opcode != Opcode.Close)
        {
            ReservedBits reserved = frame.Reserved;
            if (TryEncode(frame.Opcode, payload.Span, frame.Fin, ref reserved, out ReadOnlyMemory<byte> encoded))
            {
                payload = encoded;
            }

            return Begin(frame.Opcode, payload.Span, frame.Fin, reserved, out key);
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
