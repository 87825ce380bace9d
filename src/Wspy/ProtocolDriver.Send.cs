using Wspy.Buffers;
using Wspy.Protocol;
using Wspy.Transports;

namespace Wspy;

// Sending: one frame at a time, whole, in the order of the turns.
internal sealed partial class ProtocolDriver
{
    /// <summary>What is copied behind its header into one write; larger payloads go out from the caller's memory, or masked in pieces of this size.</summary>
    private const int CorkSize = 64 * 1024;

    /// <summary>An output buffer this large stays with an idle connection.</summary>
    private const int KeptOutput = 4 * 1024;

    // Fair among asynchronous callers; a caller's own order is kept.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly PooledBuffer _output = new(KeptOutput);

    // Replies to messages of one read go out in one write: while the thread that runs the handlers has more input at hand, what it
    // sends stays in the output, which outlives the turn then. Whoever sends next, on any thread, sends it along.
    private volatile bool _corked;
    private volatile int _corkingThread;

    /// <summary>Lets the sends of this thread's handlers be corked; the receiver's next step flushes them.</summary>
    public void BeginCorking() => _corkingThread = Environment.CurrentManagedThreadId;

    public void EndCorking()
    {
        _corkingThread = 0;
        FlushPending();
    }

    private bool Corks => _corkingThread == Environment.CurrentManagedThreadId && _start < _end && _output.Count < CorkSize;

    /// <summary>Sends one data, ping or pong frame.</summary>
    public void Send(Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true, ReservedBits reserved = ReservedBits.None)
    {
        TakeTurn();
        try
        {
            if (TryEncode(opcode, payload, fin, ref reserved, out ReadOnlyMemory<byte> encoded))
            {
                payload = encoded.Span;
            }

            int sent = Begin(opcode, payload, fin, reserved, out uint? key);
            if (sent == payload.Length && Corks)
            {
                _corked = true;
                return;
            }

            SendRest(payload, sent, key);
            SendOutput();
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            throw SendFailed(exception);
        }
        finally
        {
            EndTurn();
            FlushPending();
        }
    }

    /// <summary>Sends one data, ping or pong frame. Cancelled while it waits for its turn, it does nothing; later, it ends the connection.</summary>
    public async ValueTask SendAsync(Opcode opcode, ReadOnlyMemory<byte> payload, bool fin = true, ReservedBits reserved = ReservedBits.None, CancellationToken cancellationToken = default)
    {
        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (TryEncode(opcode, payload.Span, fin, ref reserved, out ReadOnlyMemory<byte> encoded))
            {
                payload = encoded;
            }

            int sent = Begin(opcode, payload.Span, fin, reserved, out uint? key);
            await SendRestAsync(payload, sent, key, cancellationToken).ConfigureAwait(false);
            await WriteOutputAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            EndTurn();
            await FlushPendingAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends the Close frame, unless one is out or due already.</summary>
    public void SendClose(CloseCode? code, string reason)
    {
        TakeTurn();
        try
        {
            if (BeginClose(code, reason))
            {
                SendOutput();
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            throw SendFailed(exception);
        }
        finally
        {
            EndTurn();
            FlushPending();
        }
    }

    /// <summary>Sends the Close frame, unless one is out or due already.</summary>
    public async ValueTask SendCloseAsync(CloseCode? code, string reason, CancellationToken cancellationToken)
    {
        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (BeginClose(code, reason))
            {
                await WriteOutputAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            EndTurn();
            await FlushPendingAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends the answers that are due, unless a sender is at work, who then does it when done: the receiver never waits for a sender.</summary>
    public void FlushPending()
    {
        while (HasPending && _turn.Wait(0))
        {
            try
            {
                WritePending();
                SendOutput();
                if (IsPeerWaitingForEnd && !_transport.ShutdownSend())
                {
                    _transport.Dispose();
                }
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                // An answer that nobody can receive any more; the receiver ends the connection.
                SendFailed(exception);
            }
            finally
            {
                EndTurn();
            }
        }
    }

    /// <inheritdoc cref="FlushPending"/>
    public async ValueTask FlushPendingAsync()
    {
        while (HasPending && _turn.Wait(0, CancellationToken.None))
        {
            try
            {
                WritePending();
                await WriteOutputAsync(CancellationToken.None).ConfigureAwait(false);
                if (IsPeerWaitingForEnd && !await _transport.ShutdownSendAsync().ConfigureAwait(false))
                {
                    _transport.Dispose();
                }
            }
            catch (ConnectionClosedException)
            {
                // As above.
            }
            finally
            {
                EndTurn();
            }
        }
    }

    // Our Close frame was the last of the two. Whoever sent it ends the stream: the receiver may wait already for what the peer,
    // who waits for the end of the stream, never sends.
    private bool IsPeerWaitingForEnd
    {
        get
        {
            lock (_gate)
            {
                return Engine.CloseExpectation == CloseExpectation.Now;
            }
        }
    }

    private bool HasPending
    {
        get
        {
            if (_corked && !Corks)
            {
                return true;
            }

            lock (_gate)
            {
                return Engine.HasPendingOutput && !_closed.Task.IsCompleted;
            }
        }
    }

    private void TakeTurn()
    {
        if (!_turn.Wait(_options.SendTimeout))
        {
            throw TurnTimedOut();
        }
    }

    private async ValueTask TakeTurnAsync(CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(_options.SendTimeout, cancellationToken).ConfigureAwait(false))
        {
            throw TurnTimedOut();
        }
    }

    private void EndTurn()
    {
        if (!_corked)
        {
            _output.Clear();
        }

        Engine.ForgetEncoded();

        _turn.Release();
    }

    // Whatever is corked goes first, in the same write.
    private void SendOutput()
    {
        _corked = false;
        _transport.Send(_output.WrittenSpan);
        _output.Clear(keepArray: true);
    }

    private async ValueTask WriteOutputAsync(CancellationToken cancellationToken)
    {
        _corked = false;
        await WriteAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _output.Clear(keepArray: true);
    }

    // After a failure a part of a frame may be out, and nothing can follow it. To be asked within the gate.
    private bool MaySend => Engine.CanSend && _failure is null && !_closed.Task.IsCompleted;

    // Header and as much of the payload as is corked; the answers that are due go first.
    private int Begin(Opcode opcode, ReadOnlySpan<byte> payload, bool fin, ReservedBits reserved, out uint? key)
    {
        lock (_gate)
        {
            if (!MaySend)
            {
                throw ClosedException();
            }

            FrameHeader header = Engine.BeginFrame(opcode, payload.Length, fin, reserved);
            Engine.WritePending(_output);
            int corked = Math.Min(payload.Length, CorkSize);
            Span<byte> span = _output.GetSpan(header.Size + corked);
            int size = header.Write(span);
            key = header.IsMasked ? Masking.Apply(payload[..corked], span[size..], header.MaskingKey) : null;
            if (key is null)
            {
                payload[..corked].CopyTo(span[size..]);
            }

            _output.Advance(size + corked);
            return corked;
        }
    }

    // What was not corked: from the caller's memory, or masked piece by piece. The output is empty when something went out.
    private void SendRest(ReadOnlySpan<byte> payload, int sent, uint? key)
    {
        while (sent < payload.Length)
        {
            SendOutput();
            if (key is null)
            {
                _transport.Send(payload[sent..]);
                return;
            }

            sent += MaskNext(payload[sent..], ref key);
        }
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> payload, int sent, uint? key, CancellationToken cancellationToken)
    {
        while (sent < payload.Length)
        {
            await WriteOutputAsync(cancellationToken).ConfigureAwait(false);
            if (key is null)
            {
                await WriteAsync(payload[sent..], cancellationToken).ConfigureAwait(false);
                return;
            }

            sent += MaskNext(payload.Span[sent..], ref key);
        }
    }

    private int MaskNext(ReadOnlySpan<byte> rest, ref uint? key)
    {
        int count = Math.Min(rest.Length, CorkSize);
        key = Masking.Apply(rest[..count], _output.GetSpan(count), key.GetValueOrDefault());
        _output.Advance(count);
        return count;
    }

    private bool BeginClose(CloseCode? code, string reason)
    {
        lock (_gate)
        {
            return !_closed.Task.IsCompleted && _failure is null && Engine.WriteClose(_output, code, reason);
        }
    }

    private void WritePending()
    {
        lock (_gate)
        {
            Engine.WritePending(_output);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ITimer? timer = null;
        try
        {
            while (!bytes.IsEmpty)
            {
                int count = Math.Min(bytes.Length, Transport.MaxPiece);
                ValueTask write = _transport.SendAsync(bytes[..count], cancellationToken);
                if (!write.IsCompleted)
                {
                    // Only a peer that does not keep up costs a timer, which starts again with every piece that it took.
                    timer ??= StartWatchdog(Timeout.InfiniteTimeSpan, static driver => driver.Fail(driver.SendTimedOut()));
                    timer.Change(_options.SendTimeout, Timeout.InfiniteTimeSpan);
                }

                await write.ConfigureAwait(false);
                timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                bytes = bytes[count..];
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            // Part of a frame may be out: nothing can follow it.
            ConnectionClosedException closed = SendFailed(exception);
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            throw closed;
        }
        finally
        {
            timer?.Dispose();
        }
    }

    private ConnectionClosedException SendFailed(Exception cause)
    {
        lock (_gate)
        {
            // Nothing is sent after the Close frame, so what was lost is the Close frame itself.
            _closeLost |= Engine.CloseSent;
        }

        Fail(Transport.IsTimeout(cause) && cause is not TimeoutException ? SendTimedOut(cause) : cause);
        return ClosedException();
    }

    private TimeoutException SendTimedOut(Exception? cause = null) =>
        new($"The peer took nothing for {_options.SendTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.SendTimeout)}).", cause);

    private TimeoutException TurnTimedOut() =>
        new($"Other sends did not end within {_options.SendTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.SendTimeout)}); this one sent nothing.");
}
