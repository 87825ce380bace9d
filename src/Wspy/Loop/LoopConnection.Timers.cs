namespace Wspy.Loop;

// Time: judged when the loop sweeps, so that a message costs a store and no timer.
internal sealed partial class LoopConnection
{
    // The handshake's, then the close's; long.MaxValue while the connection is open.
    private long _phaseDeadline;
    private long _lastReceived;

    // 0 while no ping waits for its answer.
    private long _pingSent;

    // Bytes in the queue up to the end of the ping: who takes those, however slowly, has not been asked yet.
    private long _pingAhead;

    // Silent for too long, as far as is known: it is read once more.
    private bool _isSuspected;

    /// <summary>Called at the time that was asked for, or after it.</summary>
    public void OnTime()
    {
        long now = _loop.Now;
        if (now >= _phaseDeadline && _state == LoopState.Opening && (_paused & PauseReasons.Opening) != 0 && _opening!.GiveUp())
        {
            // The peer waits in good faith, and is told; that has as long as a close has.
            _phaseDeadline = After(_options.CloseTimeout);
            ResumeOpening();
            Schedule();
            return;
        }

        if (now >= _phaseDeadline && _state == LoopState.Opening && !HasOutput && _opening!.IsIdle)
        {
            // Its requests were answered: an ordinary end, and no reset.
            Drain();
            return;
        }

        if (now >= _phaseDeadline)
        {
            Break(PhaseTimedOut());
            return;
        }

        if (HasOutput && now >= Plus(_lastProgress, _options.SendTimeout))
        {
            Break(new TimeoutException($"The peer took nothing for {_options.SendTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.SendTimeout)})."));
            return;
        }

        if (_state == LoopState.Open && !IsPaused)
        {
            JudgeSilence(now);
        }

        ReleaseIdle(now);
        Schedule();
    }

    private void JudgeSilence(long now)
    {
        if (_pingSent != 0 && _lastReceived >= _pingSent)
        {
            // Whatever came since: the peer is there.
            _pingSent = 0;
        }

        bool isLost = _pingSent != 0 && now >= Plus(_pingSent, _options.PingTimeout);
        bool isIdle = now >= Plus(_lastReceived, _options.IdleTimeout);
        if ((isLost || isIdle) && !_isSuspected)
        {
            // When a handler held up this loop, what the peer sent meanwhile still lies in the system.
            _isSuspected = true;
            ReadAgain();
        }
        else if (isLost)
        {
            Break(new PingTimeoutException(_options.PingTimeout));
        }
        else if (isIdle)
        {
            Close(CloseCode.GoingAway, $"Nothing was received for {_options.IdleTimeout.TotalSeconds:0.###} s");
        }
        else if (_pingSent == 0 && now >= Plus(_lastReceived, _options.PingInterval))
        {
            _pingSent = now;
            _pingAhead = 0;
            if (_engine!.CanSend && !_isSendBroken)
            {
                // Above the mark as well: a peer that reads slowly is no silent one for that.
                WriteControl(Opcode.Ping, default);
                _pingAhead = _queue?.Count ?? 0;
                Attend();
            }
        }
    }

    private void Schedule()
    {
        if (_state == LoopState.Closed)
        {
            return;
        }

        long due = Math.Min(_phaseDeadline, ReleaseDue);
        if (HasOutput)
        {
            due = Math.Min(due, Plus(_lastProgress, _options.SendTimeout));
        }

        if (_state == LoopState.Open)
        {
            due = Math.Min(due, _pingSent != 0 ? Plus(Math.Max(_pingSent, PausedSince), _options.PingTimeout) : Plus(Math.Max(_lastReceived, PausedSince), _options.PingInterval));
            due = Math.Min(due, Plus(Math.Max(_lastReceived, PausedSince), _options.IdleTimeout));
        }

        _loop.SetDue(_slot, due);
    }

    // While nothing is read, silence says nothing: it is judged from when reading goes on.
    private long PausedSince => IsPaused ? _loop.Now : 0;

    private long After(TimeSpan time) => Plus(_loop.Now, time);

    private static long Plus(long start, TimeSpan time) => time == Timeout.InfiniteTimeSpan ? long.MaxValue : start + (long)Math.Ceiling(time.TotalMilliseconds);

    private TimeoutException PhaseTimedOut() => _state switch
    {
        LoopState.Connecting or LoopState.Introducing or LoopState.Securing or LoopState.Opening or LoopState.Refused =>
            new($"The opening handshake did not complete within {_options.HandshakeTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.HandshakeTimeout)})."),
        _ => new($"The closing handshake did not complete within {_options.CloseTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.CloseTimeout)})."),
    };
}
