using Wspy.Protocol;
using Wspy.Transports;

namespace Wspy;

// The end of the stream: what is still sent and read after the last event, and giving everything back.
internal sealed partial class ProtocolDriver
{
    // The stream has ended, or is about to be left as it is.
    private bool _ended;

    /// <summary>Ends the stream as the engine expects it to end; called by the receiver when no event can come any more.</summary>
    public void Terminate()
    {
        if (BeginTermination())
        {
            StartCloseTimer();
            try
            {
                // What the peer still sends is read and dropped: closing over it would reset the connection and could take our Close frame with it.
                bool ends = EndSending();
                while (ends && !_ended)
                {
                    Drain(_pendingRead is null ? _transport.Receive(DrainBuffer, Timeout.InfiniteTimeSpan) : WaitForPendingRead(Timeout.InfiniteTimeSpan));
                }
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                // The connection ends anyway.
            }
        }

        Complete();
    }

    /// <inheritdoc cref="Terminate"/>
    public async ValueTask TerminateAsync()
    {
        if (BeginTermination())
        {
            StartCloseTimer();
            try
            {
                bool ends = await EndSendingAsync().ConfigureAwait(false);
                while (ends && !_ended)
                {
                    Drain(await ReadAsync(CancellationToken.None).ConfigureAwait(false));
                }
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                // The connection ends anyway.
            }
        }

        Complete();
    }

    private Span<byte> DrainBuffer
    {
        get
        {
            _receivesInPlace = false;
            return PrepareInput().Span;
        }
    }

    // False when the stream has ended already, so that there is nothing to wait for.
    private bool BeginTermination()
    {
        lock (_gate)
        {
            _ended |= Engine.HasEnded;
        }

        return !_ended && !_closed.Task.IsCompleted;
    }

    // §7.1.1: after a complete handshake the server ends the stream first, and a client waits for it. False when the peer cannot
    // be told but by disposing the stream.
    private bool EndSending()
    {
        if (Engine.CloseExpectation != CloseExpectation.Now)
        {
            return true;
        }

        // Our Close frame may still be on its way on another thread; the close timer ends the stream under a sender that is stuck.
        _turn.Wait();
        try
        {
            return _transport.ShutdownSend();
        }
        finally
        {
            EndTurn();
        }
    }

    private async ValueTask<bool> EndSendingAsync()
    {
        if (Engine.CloseExpectation != CloseExpectation.Now)
        {
            return true;
        }

        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return await _transport.ShutdownSendAsync().ConfigureAwait(false);
        }
        finally
        {
            EndTurn();
        }
    }

    private void Drain(int received) => _ended = received == 0;

    private void Complete()
    {
        if (_closed.Task.IsCompleted)
        {
            return;
        }

        CloseInfo info = CurrentCloseInfo();
        _transport.Dispose();
        lock (_gate)
        {
            ReleaseInput();
            Engine.Dispose();
        }

        _closed.TrySetResult(info);
        _closeTimer?.Dispose();
        _silence?.Dispose();
    }
}
