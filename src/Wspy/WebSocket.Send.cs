namespace Wspy;

// Sending frames and closing.
public sealed partial class WebSocket
{
    /// <summary>Sends frames, together and in their order; masked with a fresh key each when this is a client.</summary>
    /// <param name="frames">The frames. Their memory is not altered, and not needed any more when this returns.</param>
    /// <exception cref="ConnectionClosedException">The connection has ended, or a Close frame is out.</exception>
    /// <exception cref="TimeoutException">Other sends did not end in time; nothing was sent.</exception>
    /// <exception cref="ArgumentException">A frame that the peer would have to refuse, such as one with reserved bits that the options do not allow.</exception>
    /// <exception cref="InvalidOperationException">A frame breaks the order of fragments (RFC 6455 §5.4).</exception>
    public void Send(params ReadOnlySpan<Frame> frames) => Driver.Send(frames);

    /// <summary>Sends frames, together and in their order; masked with a fresh key each when this is a client.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="cancellationToken">Before the first byte is out, nothing is sent; afterwards the connection ends, since half a frame cannot be taken back.</param>
    /// <inheritdoc cref="Send"/>
    public ValueTask SendAsync(IReadOnlyList<Frame> frames, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frames);
        return Driver.SendAsync(frames, cancellationToken);
    }

    /// <inheritdoc cref="SendAsync(IReadOnlyList{Frame}, CancellationToken)"/>
    public ValueTask SendAsync(Frame frame, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return Driver.SendAsync([frame], cancellationToken);
    }

    /// <summary>
    /// Runs the closing handshake (RFC 6455 §7) within <see cref="WebSocketOptions.CloseTimeout"/>: sends a Close frame, waits for the peer's, and
    /// ends the connection. Data that still comes is dropped, unless a receive is under way and goes on within 100 ms. Does nothing the second time.
    /// </summary>
    /// <param name="code">A code that may stand on the wire, or <see cref="CloseCode.NoStatusReceived"/> for a Close frame without code and reason.</param>
    /// <param name="reason">At most 123 bytes of UTF-8.</param>
    /// <exception cref="ArgumentException">The code may not stand on the wire, or the reason is too long.</exception>
    public void Close(CloseCode code = CloseCode.NormalClosure, string reason = "")
    {
        Driver.Close(ClosePayload.ToWire(code, reason), reason, waits: true);
    }

    /// <inheritdoc cref="Close"/>
    /// <param name="code">A code that may stand on the wire, or <see cref="CloseCode.NoStatusReceived"/> for a Close frame without code and reason.</param>
    /// <param name="reason">At most 123 bytes of UTF-8.</param>
    /// <param name="cancellationToken">Ends the connection without waiting further.</param>
    public ValueTask CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default)
    {
        return Driver.CloseAsync(ClosePayload.ToWire(code, reason), reason, waits: true, cancellationToken);
    }
}
