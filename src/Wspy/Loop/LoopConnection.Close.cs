using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Protocol;

namespace Wspy.Loop;

// The one ending: the closing handshake, what breaks it off, and the CloseInfo.
internal sealed partial class LoopConnection
{
    private Exception? _loss;
    private Exception? _cause;
    private bool _isBroken;
    private bool _isAborted;
    private bool _discardsData;
    private bool _closeBegan;
    private CloseInfo? _closeInfo;
    private TaskCompletionSource<CloseInfo>? _closed;

    /// <summary>How the connection ended; completes exactly once, when it has. From any thread.</summary>
    public Task<CloseInfo> Closed
    {
        get
        {
            TaskCompletionSource<CloseInfo>? closed = Volatile.Read(ref _closed);
            if (closed is null)
            {
                // Made when first asked for: most connections are never asked. Who ends it looks for it after the CloseInfo is there.
                closed = new TaskCompletionSource<CloseInfo>(TaskCreationOptions.RunContinuationsAsynchronously);
                closed = Interlocked.CompareExchange(ref _closed, closed, null) ?? closed;
                if (Volatile.Read(ref _closeInfo) is { } info)
                {
                    closed.TrySetResult(info);
                }
            }

            return closed.Task;
        }
    }

    /// <summary>Begins the closing handshake, from any thread; nothing when it has begun.</summary>
    public void Close(CloseCode code, string reason)
    {
        if (code == CloseCode.NoStatusReceived)
        {
            ArgumentNullException.ThrowIfNull(reason);
            if (reason.Length > 0)
            {
                throw new ArgumentException("A Close frame without a code has no reason (RFC 6455 §5.5.1).", nameof(reason));
            }
        }
        else
        {
            ClosePayload.Validate(code, reason);
        }

        if (_loop.IsCurrent)
        {
            CloseOnLoop(code, reason);
        }
        else
        {
            _loop.Post(new LoopWork { Kind = LoopWorkKind.Close, Connection = this, Number = (int)code, State = reason });
        }
    }

    /// <summary>Begins the closing handshake, from any thread, and waits for the end, but on the loop's thread, which brings it.</summary>
    public async ValueTask CloseAsync(CloseCode code, string reason, CancellationToken cancellationToken)
    {
        Close(code, reason);
        if (_loop.IsCurrent)
        {
            return;
        }

        try
        {
            await Closed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            Abort(exception);
        }
    }

    /// <summary>Ends the connection without a closing handshake, from any thread.</summary>
    public void Abort(Exception? cause = null)
    {
        if (_loop.IsCurrent)
        {
            AbortOnLoop(cause);
        }
        else
        {
            _loop.Post(new LoopWork { Kind = LoopWorkKind.Abort, Connection = this, State = cause });
        }
    }

    /// <summary>Ends the connection before the loop waits again: it is lost, or something is wrong with this end.</summary>
    public void Break(Exception loss)
    {
        if (_state != LoopState.Closed)
        {
            _loss ??= loss;
            _isBroken = true;
            Attend();
        }
    }

    private void CloseOnLoop(CloseCode code, string reason)
    {
        if (_engine is null)
        {
            AbortOnLoop(null);
            return;
        }

        if (_state == LoopState.Open && _engine.WriteClose(Output(FrameHeader.MaxSize + ControlFrame.MaxPayloadSize), code == CloseCode.NoStatusReceived ? null : code, reason))
        {
            _state = LoopState.Closing;
        }

        Attend();
    }

    private void AbortOnLoop(Exception? cause)
    {
        if (_state != LoopState.Closed)
        {
            _isAborted = true;
            Break(cause ?? new ObjectDisposedException(nameof(WebSocket), "The connection was aborted by this end."));
        }
    }

    private void FailHandler(Exception exception)
    {
        _cause ??= exception;
        _discardsData = true;
        _handler!.Failed(exception);
        if (_state != LoopState.Closed)
        {
            CloseOnLoop(CloseCode.InternalError, "");
        }
    }

    // The answers that are due; nothing can be sent after a Close frame, so it is the end of being open.
    private void WriteAnswers()
    {
        if (_engine!.HasPendingOutput)
        {
            _engine.WritePending(Output(2 * (FrameHeader.MaxSize + ControlFrame.MaxPayloadSize)));
        }
    }

    private void SettleClosing()
    {
        ReportFailure();
        switch (_engine!.CloseExpectation)
        {
            case CloseExpectation.None:
                break;
            case CloseExpectation.Now:
                BeginClosing();
                if (!HasOutput)
                {
                    Drain();
                }

                break;
            default:
                // Their Close frame, or after it the end of the server's stream.
                BeginClosing();
                break;
        }
    }

    private void BeginClosing()
    {
        if (_state == LoopState.Open)
        {
            _state = LoopState.Closing;
        }

        if (!_closeBegan)
        {
            _closeBegan = true;
            _phaseDeadline = Math.Min(_phaseDeadline, After(_options.CloseTimeout));
            Schedule();
            SignalRoom();
            Resume(PauseReasons.None);
        }
    }

    // §7.1.1: the server ends the stream first; what the peer still sends is read and dropped, since closing over it would reset the connection.
    private void Drain()
    {
        if (_state is LoopState.Draining or LoopState.Closed)
        {
            return;
        }

        _state = LoopState.Draining;
        _held?.Dispose();
        _held = null;
        if (!_closeBegan)
        {
            _closeBegan = true;
            _phaseDeadline = After(_options.CloseTimeout);
            Schedule();
        }

        _socket.ShutdownSend();
    }

    private void End()
    {
        LoopState before = _state;
        if (_engine is not null)
        {
            Volatile.Write(ref _closeInfo, GetCloseInfo());
        }

        _state = LoopState.Closed;
        _loop.Remove(_slot);
        _socket.Close(_isAborted || (_loss is not null && before != LoopState.Draining));
        _held?.Dispose();
        _held = null;
        if (_queue is { } queue)
        {
            _queue = null;
            _loop.ReturnQueue(queue);
        }

        Volatile.Write(ref _queued, 0);
        SignalRoom();
        _engine?.Dispose();
        ReportFailure();
        if (_handler is null)
        {
            _opening!.Ended(this, _loss ?? new IOException("The peer ended the connection."));
            return;
        }

        Interlocked.MemoryBarrier();
        Volatile.Read(ref _closed)?.TrySetResult(_closeInfo!);
        if (IsHandling)
        {
            _closedIsDue = true;
            _loop.Linger(this);
        }
        else
        {
            _handler.Closed(_closeInfo!);
        }
    }

    private CloseInfo GetCloseInfo()
    {
        CloseInfo info = _engine!.GetCloseInfo();
        if (_isSendBroken && HasOutput)
        {
            info = info with { WasClean = false };
        }

        if (_isAborted && info.Initiator == CloseInitiator.Transport)
        {
            info = info with { Initiator = CloseInitiator.Local };
        }

        Exception? cause = _engine.Violation.Kind == ProtocolViolation.None ? _loss : ViolationException;

        // A connection that was closed in order may well lose its stream afterwards: that is no cause of anything.
        return info with { Exception = _cause ?? (info.WasClean ? null : cause) };
    }
}
