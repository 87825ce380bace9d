using System.Runtime.CompilerServices;

namespace Wspy.Loop;

// Reading is held up by a handler that has not completed, by output that the peer does not take, and by the application.
internal sealed partial class LoopConnection
{
    private bool _unwatchesRead;
    private ValueTaskAwaiter _handlerAwaiter;
    private bool _closedIsDue;
    private bool _willResume;

    /// <summary>Whether an asynchronous handler has not completed; from any thread, a moment's truth on others than the loop's.</summary>
    public bool IsHandling => (_paused & PauseReasons.Handler) != 0;

    /// <summary>Holds this connection's reading up until a handler's task completes; called from within that handler.</summary>
    public void Await(ValueTask handler)
    {
        if (handler.IsCompletedSuccessfully && !_loop.HasPosts)
        {
            // A pooled source wants its result taken.
            handler.GetAwaiter().GetResult();
            return;
        }

        _handlerAwaiter = handler.GetAwaiter();
        if (handler.IsCompletedSuccessfully)
        {
            // Maybe on another thread, meanwhile: what it has posted comes before whatever is received next.
            PostResume();
        }
        else
        {
            _handlerAwaiter.UnsafeOnCompleted(PostResume);
        }

        // Last, and on this thread, which is the one that takes the post: a source of the application's that refuses to be awaited leaves nothing paused.
        _paused |= PauseReasons.Handler;
    }

    private void PostResume() => _loop.Post(new LoopWork { Kind = LoopWorkKind.Resume, Connection = this });

    /// <summary>Stops reading until <see cref="ResumeReading"/>; from any thread.</summary>
    public void PauseReading()
    {
        if (_loop.IsCurrent)
        {
            _paused |= PauseReasons.Application;
            _willResume = false;
        }
        else
        {
            _loop.Post(new LoopWork { Kind = LoopWorkKind.PauseReading, Connection = this });
        }
    }

    /// <summary>Reads on; from any thread.</summary>
    public void ResumeReading()
    {
        // On the loop as well: a handler runs there, maybe this connection's. It may change its mind until its turn is over.
        bool isCurrent = _loop.IsCurrent;
        _willResume |= isCurrent;
        _loop.Post(new LoopWork { Kind = LoopWorkKind.ResumeReading, Connection = this, Number = isCurrent ? 1 : 0 });
    }

    private void RunResumeReading(bool wasOnLoop)
    {
        if (!wasOnLoop || _willResume)
        {
            _willResume = false;
            Resume(PauseReasons.Application);
        }
    }

    private void ResumeHandler()
    {
        ValueTaskAwaiter awaiter = _handlerAwaiter;
        _handlerAwaiter = default;
        try
        {
            awaiter.GetResult();
        }
        catch (Exception exception)
        {
            // As when it throws before it returns.
            FailHandler(exception);
        }

        _paused &= ~PauseReasons.Handler;
        while (_sentMeanwhile is { Count: > 0 } sent && !IsHandling)
        {
            Message message = sent[0];
            sent.RemoveAt(0);
            TellSent(message);
        }

        ReportFailure();
        if (_closedIsDue && !IsHandling)
        {
            _closedIsDue = false;
            _loop.Unlinger(this);
            _handler!.Closed(_closeInfo!);
            return;
        }

        Resume(PauseReasons.None);
    }

    /// <summary>Goes on with an opening handshake that was pending; from any thread.</summary>
    public void PostResumeOpening() => _loop.Post(new LoopWork { Kind = LoopWorkKind.ResumeOpening, Connection = this });

    private void ResumeOpening()
    {
        if (_state != LoopState.Opening)
        {
            return;
        }

        // Taken off first: the opening may put it on again, for another request.
        _paused &= ~PauseReasons.Opening;
        ReadOnlySpan<byte> none = default;
        TakeOpening(ref none);
        Resume(PauseReasons.None);
    }

    private void Resume(PauseReasons reason)
    {
        _paused &= ~reason;
        if (_state == LoopState.Closed || IsPaused)
        {
            return;
        }

        Attend();
        _lastReceived = _loop.Now;
        _isSuspected = false;
        while (_held is { } held && _heldStart < held.Count && !IsPaused)
        {
            // Taken out first: what may still not be handled is held anew.
            _held = null;
            int start = _heldStart;
            _heldStart = 0;
            Take(held.WrittenSpan[start..]);
            held.Dispose();
        }

        if (!IsPaused)
        {
            ReadBuffered();
        }
    }

    /// <summary>Whether more waits for the peer than is to be added to.</summary>
    public bool IsAboveMark => _queue is { } queue && queue.Count >= _options.HighWaterMark;

    private void PauseAboveMark()
    {
        if (IsAboveMark)
        {
            _paused |= PauseReasons.Output;
        }
    }

    private void UpdateWatch()
    {
        Interest wanted = (IsPaused && _unwatchesRead ? Interest.None : Interest.Read) | (HasOutput ? Interest.Write : Interest.None);
        if (_state == LoopState.Connecting)
        {
            wanted = Interest.Write;
        }

        if (wanted != _watched)
        {
            _watched = wanted;
            _socket.Watch(wanted);
        }

        if ((wanted & Interest.Read) != 0)
        {
            _unwatchesRead = false;
        }
    }

    [Flags]
    private enum PauseReasons : byte
    {
        None = 0,
        Handler = 1,
        Output = 2,
        Application = 4,
        Opening = 8,
    }
}
