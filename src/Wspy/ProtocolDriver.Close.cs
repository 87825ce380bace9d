using Wspy.Protocol;
using Wspy.Transports;

namespace Wspy;

// Ending: the closing handshake, the end of the stream, and the one CloseInfo.
internal sealed partial class ProtocolDriver
{
    /// <summary>Runs the closing handshake as the receiver: sends the Close frame, discards data until the peer's comes, and ends the stream.</summary>
    public void CloseAsReceiver(CloseCode? code, string reason)
    {
        using ITimer timer = StartCloseWatchdog();
        try
        {
            SendClose(code, reason);
            while (Receive(Deadline.None).Kind != ProtocolEventKind.None)
            {
            }
        }
        catch (Exception exception) when (exception is ConnectionClosedException or TimeoutException)
        {
            // The end was reached by another way than the handshake; the CloseInfo tells which.
            Lose(exception.InnerException ?? exception);
            Terminate();
        }
    }

    /// <inheritdoc cref="CloseAsReceiver"/>
    public async ValueTask CloseAsReceiverAsync(CloseCode? code, string reason)
    {
        using ITimer timer = StartCloseWatchdog();
        try
        {
            await SendCloseAsync(code, reason, CancellationToken.None).ConfigureAwait(false);
            while (true)
            {
                ProtocolEventKind kind = TryRead().Kind;
                await FlushPendingAsync().ConfigureAwait(false);
                if (kind == ProtocolEventKind.None)
                {
                    if (IsFinished)
                    {
                        break;
                    }

                    await FillAsync(CancellationToken.None).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (exception is ConnectionClosedException or TimeoutException)
        {
            Lose(exception.InnerException ?? exception);
        }

        await TerminateAsync().ConfigureAwait(false);
    }

    /// <summary>Closes from wherever the caller is: as the receiver if nobody receives, else beside the receiver, who then sees the end.</summary>
    /// <param name="code">The code, judged already.</param>
    /// <param name="reason">The reason, judged already.</param>
    /// <param name="waits">Whether to wait for the end; not from within the receiver's own calls to the application.</param>
    public void Close(CloseCode? code, string reason, bool waits)
    {
        if (TryBecomeReceiver())
        {
            try
            {
                CloseUnlessClosed(code, reason);
            }
            finally
            {
                ReleaseReceiver();
            }

            return;
        }

        try
        {
            SendClose(code, reason);
        }
        catch (ConnectionClosedException)
        {
            // The receiver is about to see the end.
        }
        catch (TimeoutException exception)
        {
            Fail(exception);
        }

        if (waits && !Closed.Wait(_options.CloseTimeout))
        {
            Abort(new TimeoutException($"The peer did not close within {_options.CloseTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.CloseTimeout)})."));
        }
    }

    /// <inheritdoc cref="Close"/>
    public async ValueTask CloseAsync(CloseCode? code, string reason, bool waits, CancellationToken cancellationToken)
    {
        if (TryBecomeReceiver())
        {
            try
            {
                if (!Closed.IsCompleted)
                {
                    using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                        static state => ((ProtocolDriver)state!).Fail(new OperationCanceledException("The closing handshake was cancelled.")), this);
                    await CloseAsReceiverAsync(code, reason).ConfigureAwait(false);
                }
            }
            finally
            {
                ReleaseReceiver();
            }

            return;
        }

        try
        {
            await SendCloseAsync(code, reason, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionClosedException)
        {
            // The receiver is about to see the end.
        }
        catch (TimeoutException exception)
        {
            Fail(exception);
        }

        if (!waits)
        {
            return;
        }

        try
        {
            await Closed.WaitAsync(_options.CloseTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            Abort(new TimeoutException($"The peer did not close within {_options.CloseTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.CloseTimeout)}).", exception));
        }
    }

    private void CloseUnlessClosed(CloseCode? code, string reason)
    {
        if (!Closed.IsCompleted)
        {
            CloseAsReceiver(code, reason);
        }
    }

    /// <summary>Ends the connection at once, without a closing handshake.</summary>
    public void Abort(Exception? cause)
    {
        Interlocked.CompareExchange(ref _failure, cause, null);
        _transport.Abort();
        if (TryBecomeReceiver())
        {
            Lose(cause ?? new ObjectDisposedException(nameof(WebSocket)));
            Complete();
            ReleaseReceiver();
        }
    }

    /// <summary>Ends the stream as the engine expects it to end; called by the receiver when no event can come any more.</summary>
    public void Terminate()
    {
        if (BeginTermination())
        {
            using ITimer timer = StartCloseWatchdog();
            EndSending();
            try
            {
                // What the peer still sends is read and dropped: closing over it would reset the connection and could take our Close frame with it.
                while (!_ended)
                {
                    Drain(_transport.Receive(DrainBuffer, Timeout.InfiniteTimeSpan));
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
            using ITimer timer = StartCloseWatchdog();
            EndSending();
            try
            {
                while (!_ended)
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

    /// <summary>Ends the transport when a time has passed.</summary>
    public ITimer StartWatchdog(TimeSpan time, Action<ProtocolDriver> onTime) =>
        _options.TimeProvider.CreateTimer(static state =>
        {
            (ProtocolDriver driver, Action<ProtocolDriver> action) = ((ProtocolDriver, Action<ProtocolDriver>))state!;
            action(driver);
        }, (this, onTime), time, Timeout.InfiniteTimeSpan);

    private ITimer StartCloseWatchdog() => StartWatchdog(_options.CloseTimeout, static driver =>
        driver.Fail(new TimeoutException($"The closing handshake did not complete within {driver._options.CloseTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.CloseTimeout)}).")));

    private bool _ended;

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

    // §7.1.1: after a complete handshake the server ends the stream first, and a client waits for it.
    private void EndSending()
    {
        if (Engine.CloseExpectation == CloseExpectation.Now)
        {
            _transport.ShutdownSend();
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
    }
}
