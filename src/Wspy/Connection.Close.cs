namespace Wspy;

// Closing.
public partial class Connection
{
    /// <summary>
    /// Runs the closing handshake (RFC 6455 §7) within <see cref="WebSocketOptions.CloseTimeout"/>. If a receive is under way, it sees the end;
    /// otherwise, and when it does not go on for 100 ms, messages that still come are dropped. From within a handler it sends the Close frame and returns. Does nothing the second time.
    /// </summary>
    /// <param name="code">A code that may stand on the wire, or <see cref="CloseCode.NoStatusReceived"/> for a Close frame without code and reason.</param>
    /// <param name="reason">At most 123 bytes of UTF-8.</param>
    /// <exception cref="ArgumentException">The code may not stand on the wire, or the reason is too long.</exception>
    public void Close(CloseCode code = CloseCode.NormalClosure, string reason = "")
    {
        _driver.Close(ClosePayload.ToWire(code, reason), reason, waits: !IsInHandler);
    }

    /// <inheritdoc cref="Close"/>
    /// <param name="code">A code that may stand on the wire, or <see cref="CloseCode.NoStatusReceived"/> for a Close frame without code and reason.</param>
    /// <param name="reason">At most 123 bytes of UTF-8.</param>
    /// <param name="cancellationToken">Ends the connection without waiting further.</param>
    public async ValueTask CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default)
    {
        await _driver.CloseAsync(ClosePayload.ToWire(code, reason), reason, waits: !IsInHandler, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the connection at once, without a closing handshake: the peer sees an abnormal closure (1006).</summary>
    public void Abort() => _driver.Abort(null);

    /// <summary>Closes with 1000 if the connection is open, and gives everything back (<see cref="Close"/>).</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes with 1000 if the connection is open, and gives everything back (<see cref="CloseAsync"/>).</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Closed.IsCompleted)
        {
            await CloseAsync().ConfigureAwait(false);
        }

        Dispose(disposing: false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives everything back.</summary>
    /// <param name="disposing">Whether the connection still has to be closed.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !Closed.IsCompleted)
        {
            Close();
        }
    }
}
