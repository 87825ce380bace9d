using Wspy.Protocol;

namespace Wspy;

// Sending through the extensions that were agreed on.
internal sealed partial class ProtocolDriver
{
    // There while the extensions hold something for what is sent; belongs to whoever has the turn.
    private ITimer? _idleTimer;
    private long _lastEncoded;
    private ExtensionException? _extensionFailure;

    /// <summary>What an extension of this end threw, sending or receiving; null when none did. Always the same.</summary>
    public ExtensionException? ExtensionFailure => _extensionFailure ??= ExtensionException.From(Engine);

    // Extensions work outside of the gate: what they remember of the sent messages belongs to whoever has the turn.
    private bool TryEncode(Opcode opcode, ReadOnlySpan<byte> payload, bool fin, ref ReservedBits reserved, out ReadOnlyMemory<byte> encoded)
    {
        encoded = default;
        if (!Engine.HasExtensions)
        {
            return false;
        }

        ThrowIfClosed();
        try
        {
            NoteEncoding();
            return Engine.TryEncode(opcode, payload, fin, ref reserved, out encoded);
        }
        catch (Exception exception)
        {
            throw ExtensionFailed(exception);
        }
    }

    // Nothing is made of what cannot be sent, nor by what was disposed with the end of the connection.
    private void ThrowIfClosed()
    {
        lock (_gate)
        {
            if (!MaySend)
            {
                throw ClosedException();
            }
        }
    }

    // Whatever it was: this connection fails with 1011, and the Close frame follows at the end of the turn.
    private ConnectionClosedException ExtensionFailed(Exception exception)
    {
        lock (_gate)
        {
            Engine.FailExtension(exception);
        }

        return ClosedException();
    }

    private void NoteEncoding()
    {
        if (Engine.IdleTime != Timeout.InfiniteTimeSpan)
        {
            _lastEncoded = _options.TimeProvider.GetTimestamp();
            _idleTimer ??= _options.TimeProvider.CreateTimer(static state => ((ProtocolDriver)state!).ReleaseIdle(), this, Engine.IdleTime, Engine.IdleTime);
        }
    }

    // A connection that sends is not idle, and one that has ended needs no timer: at most one period more.
    private void ReleaseIdle()
    {
        if (!_turn.Wait(0))
        {
            return;
        }

        try
        {
            bool hasEnded = _closed.Task.IsCompleted;
            bool isIdle = _options.TimeProvider.GetElapsedTime(_lastEncoded) >= Engine.IdleTime;
            if (hasEnded || isIdle)
            {
                _idleTimer?.Dispose();
                _idleTimer = null;
            }

            if (isIdle && !hasEnded)
            {
                Engine.ReleaseIdle();
            }
        }
        catch (Exception exception)
        {
            // As when it works on what is sent; nobody calls here who could be told.
            ExtensionFailed(exception);
        }
        finally
        {
            EndTurn();
        }

        // What became due meanwhile; its failures are the receiver's to see.
        _ = FlushPendingAsync().AsTask();
    }
}
