using Wspy.Protocol;

namespace Wspy;

// Receiving frames.
public sealed partial class WebSocket
{
    /// <summary>Waits for the next frame, whatever it is: data, a fragment, a ping, a pong, a Close frame.</summary>
    /// <returns>The frame, with a payload of its own.</returns>
    /// <exception cref="ConnectionClosedException">The connection has ended; the cause is inside when it was no ordinary close.</exception>
    /// <exception cref="InvalidOperationException">Another receive is under way.</exception>
    public Frame Receive() => Receive(Timeout.InfiniteTimeSpan);

    /// <summary>Waits for the next frame for a limited time.</summary>
    /// <param name="timeout">How long to wait, zero to look only. After a time-out the connection is unharmed, and the next receive goes on.</param>
    /// <inheritdoc cref="Receive()"/>
    /// <exception cref="TimeoutException">No frame became whole in time.</exception>
    public Frame Receive(TimeSpan timeout)
    {
        Deadline deadline = Deadline.After(timeout, Driver.Options.TimeProvider);
        if (!TryBeginReceive())
        {
            Driver.WaitForEnd(deadline);
            throw Ended();
        }

        try
        {
            ProtocolEvent received;
            do
            {
                // A failed connection has no frame to show: the next step is its end, which carries the cause.
                received = Driver.Receive(deadline);
            }
            while (received.Kind == ProtocolEventKind.Failed);

            return ToFrame(received) ?? throw Ended();
        }
        finally
        {
            Driver.ReleaseReceiver();
        }
    }

    /// <summary>Waits for the next <paramref name="count"/> frames.</summary>
    /// <inheritdoc cref="Receive()"/>
    public Frame[] Receive(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var frames = new Frame[count];
        for (int i = 0; i < count; i++)
        {
            frames[i] = Receive();
        }

        return frames;
    }

    /// <summary>Waits for the next frame, whatever it is: data, a fragment, a ping, a pong, a Close frame.</summary>
    /// <param name="cancellationToken">Stops waiting; the connection is unharmed, and the next receive goes on.</param>
    /// <inheritdoc cref="Receive()"/>
    public async ValueTask<Frame> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        if (!TryBeginReceive())
        {
            await Driver.Closed.WaitAsync(cancellationToken).ConfigureAwait(false);
            throw Ended();
        }

        try
        {
            while (true)
            {
                Frame? frame = ToFrame(Driver.TryRead());
                if (frame is not null)
                {
                    return frame;
                }

                await Driver.FlushPendingAsync().ConfigureAwait(false);
                if (Driver.IsFinished)
                {
                    await Driver.TerminateAsync().ConfigureAwait(false);
                    throw Ended();
                }

                await Driver.FillAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Driver.ReleaseReceiver();
        }
    }

    /// <summary>Waits for the next <paramref name="count"/> frames.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Stops waiting. Frames that came before are lost to the caller: give a token only where that is the end.</param>
    /// <inheritdoc cref="Receive()"/>
    public async ValueTask<Frame[]> ReceiveAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var frames = new Frame[count];
        for (int i = 0; i < count; i++)
        {
            frames[i] = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }

        return frames;
    }

    // False when another thread is about to end the connection.
    private bool TryBeginReceive()
    {
        if (Driver.TryBecomeReceiver())
        {
            return true;
        }

        return !Driver.IsEnding
            ? throw new InvalidOperationException("Another receive is under way on this WebSocket; there can be one at a time.")
            : false;
    }

    private static Frame? ToFrame(scoped in ProtocolEvent received) =>
        received.Kind is ProtocolEventKind.None or ProtocolEventKind.Failed
            ? null
            : Frame.FromParts(new FrameHeader(received.Opcode, received.Payload.Length, received.Fin, received.Reserved), received.Payload.ToArray());

    private ConnectionClosedException Ended() => Driver.ClosedException();
}
