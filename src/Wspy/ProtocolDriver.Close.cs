using Wspy.Protocol;
using Wspy.Transports;

namespace Wspy;

// Ending: the closing handshake, the end of the stream, and the one CloseInfo.
internal sealed partial class ProtocolDriver
{
    /// <summary>How long a receive loop may be away, with a message of its, before a close beside it reads on in its place.</summary>
    private static readonly TimeSpan TakeoverTime = TimeSpan.FromMilliseconds(100);

    private ITimer? _closeTimer;

    /// <summary>Runs the closing handshake as the receiver: sends the Close frame, discards data until the peer's comes, and ends the stream.</summary>
    public void CloseAsReceiver(CloseCode? code, string reason)
    {
        StartCloseTimer();
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
        StartCloseTimer();
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
        _closing = true;
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

        StartCloseTimer();
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

        if (!waits)
        {
            return;
        }

        Deadline deadline = Deadline.After(_options.CloseTimeout, _options.TimeProvider);
        long receives = -1;
        while (!Closed.Wait(TakeoverTime))
        {
            if (deadline.Remaining == TimeSpan.Zero)
            {
                Abort(CloseTimedOut());
                return;
            }

            if (TryTakeOver(ref receives))
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
        }
    }

    /// <inheritdoc cref="Close"/>
    public async ValueTask CloseAsync(CloseCode? code, string reason, bool waits, CancellationToken cancellationToken)
    {
        _closing = true;
        if (TryBecomeReceiver())
        {
            try
            {
                await CloseUnlessClosedAsync(code, reason, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ReleaseReceiver();
            }

            return;
        }

        StartCloseTimer();
        try
        {
            await SendCloseAsync(code, reason, cancellationToken).ConfigureAwait(false);
            if (waits)
            {
                await WaitOrTakeOverAsync(code, reason, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ConnectionClosedException)
        {
            // The receiver is about to see the end.
        }
        catch (TimeoutException)
        {
            Abort(CloseTimedOut());
        }
        catch (OperationCanceledException exception)
        {
            Abort(exception);
        }
    }

    private async ValueTask WaitOrTakeOverAsync(CloseCode? code, string reason, CancellationToken cancellationToken)
    {
        Deadline deadline = Deadline.After(_options.CloseTimeout, _options.TimeProvider);
        long receives = -1;
        while (true)
        {
            TimeSpan left = deadline.Remaining;
            await ((Task)Closed.WaitAsync(left < TakeoverTime && left != Timeout.InfiniteTimeSpan ? left : TakeoverTime, _options.TimeProvider, cancellationToken))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Closed.IsCompleted)
            {
                return;
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (deadline.Remaining == TimeSpan.Zero)
            {
                throw CloseTimedOut();
            }

            if (TryTakeOver(ref receives))
            {
                try
                {
                    await CloseUnlessClosedAsync(code, reason, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    ReleaseReceiver();
                }

                return;
            }
        }
    }

    // A receiver that took its message and did not come back would leave the peer's Close frame unread.
    private bool TryTakeOver(ref long receives)
    {
        long now = Volatile.Read(ref _receives);
        bool idle = now == receives && TryBecomeReceiver();
        receives = now;
        return idle;
    }

    private async ValueTask CloseUnlessClosedAsync(CloseCode? code, string reason, CancellationToken cancellationToken)
    {
        if (!Closed.IsCompleted)
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static state => ((ProtocolDriver)state!).Fail(new OperationCanceledException("The closing handshake was cancelled.")), this);
            await CloseAsReceiverAsync(code, reason).ConfigureAwait(false);
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
        Interlocked.CompareExchange(ref _failure, cause ?? new ObjectDisposedException(nameof(WebSocket), "The connection was aborted by this end."), null);
        _closing = true;
        _aborted = true;
        OnFailed?.Invoke();
        _transport.Abort();
        if (TryBecomeReceiver())
        {
            ReleaseReceiver();
        }
    }

    /// <summary>Waits for the end that another thread is about to bring.</summary>
    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public void WaitForEnd(Deadline deadline)
    {
        TimeSpan timeout = deadline.Remaining;
        if (!Closed.Wait(timeout))
        {
            throw new TimeoutException($"The connection is closing, and did not end within {timeout.TotalSeconds:0.###} s.");
        }
    }

    /// <summary>Ends the transport when a time has passed.</summary>
    public ITimer StartWatchdog(TimeSpan time, Action<ProtocolDriver> onTime) =>
        _options.TimeProvider.CreateTimer(static state =>
        {
            (ProtocolDriver driver, Action<ProtocolDriver> action) = ((ProtocolDriver, Action<ProtocolDriver>))state!;
            action(driver);
        }, (this, onTime), time, Timeout.InfiniteTimeSpan);

    // One time limit for the closing handshake and the end of the stream, whoever begins: it also watches over a receiver that
    // waits for the peer's Close frame after a handler has sent ours.
    private void StartCloseTimer()
    {
        if (_closeTimer is not null)
        {
            return;
        }

        ITimer timer = StartWatchdog(_options.CloseTimeout, static driver => driver.Fail(driver.CloseTimedOut()));
        if (Interlocked.CompareExchange(ref _closeTimer, timer, null) is not null || _closed.Task.IsCompleted)
        {
            timer.Dispose();
        }
    }

    private TimeoutException CloseTimedOut() =>
        new($"The closing handshake did not complete within {_options.CloseTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.CloseTimeout)}).");
}
