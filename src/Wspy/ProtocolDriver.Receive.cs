using Wspy.Buffers;
using Wspy.Protocol;
using Wspy.Transports;

namespace Wspy;

// Receiving: bytes from the transport into the engine, events out.
internal sealed partial class ProtocolDriver
{
    private byte[] _input = [];
    private int _start;
    private int _end;

    // Bytes that were received right into the engine's memory, to be committed by the next read.
    private int _placed;
    private bool _receivesInPlace;

    // Null when the application receives frames, which has to see to such things itself, and when the options ask for none.
    private SilenceWatch? _silence;

    // A read that outlived the call that began it, because that call was cancelled.
    private Task<int>? _pendingRead;

    /// <summary>Sees to it that the peer is there while somebody receives; called by the receiver.</summary>
    public void WatchSilence() => _silence = SilenceWatch.Start(this);

    /// <summary>The next event among the bytes received so far.</summary>
    public ProtocolEvent TryRead()
    {
        lock (_gate)
        {
            if (_placed > 0)
            {
                int placed = _placed;
                _placed = 0;
                ProtocolEvent completed = Engine.Commit(placed);
                if (completed.Kind != ProtocolEventKind.None && !Skips(completed))
                {
                    return completed;
                }
            }

            if (_mayHold && TakeHeld() is { Kind: ProtocolEventKind.Data } held)
            {
                return held;
            }

            while (true)
            {
                Span<byte> input = _input.AsSpan(_start, _end - _start);
                ProtocolEvent result = Engine.Read(ref input);
                _start = _end - input.Length;
                if (!Skips(result))
                {
                    return result;
                }
            }
        }
    }

    /// <summary>Whether no event can come any more: time to end the stream.</summary>
    public bool IsFinished
    {
        get
        {
            lock (_gate)
            {
                return Engine.CloseExpectation is CloseExpectation.Now or CloseExpectation.EndOfStream;
            }
        }
    }

    /// <summary>The next event; of kind <see cref="ProtocolEventKind.None"/> when the connection has ended.</summary>
    /// <exception cref="TimeoutException">Nothing came in time; the connection is unharmed.</exception>
    public ProtocolEvent Receive(Deadline deadline)
    {
        while (true)
        {
            ProtocolEvent result = TryRead();
            if (result.Kind == ProtocolEventKind.Data)
            {
                // Data asks for no answer of ours, and what is corked may wait for the reply to it.
                return result;
            }

            FlushPending();
            if (result.Kind != ProtocolEventKind.None)
            {
                return result;
            }

            if (IsFinished)
            {
                Terminate();
                return default;
            }

            Fill(deadline);
        }
    }

    /// <summary>Receives bytes once. The end of the stream, and its loss, are an input of the engine.</summary>
    public void Fill(Deadline deadline)
    {
        TimeSpan timeout = deadline.Remaining;
        int received = 0;
        _silence?.BeginReceive();
        try
        {
            received = _pendingRead is null
                ? _transport.Receive(PrepareInput().Span, timeout)
                : WaitForPendingRead(timeout);
            CompleteFill(received);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            Lose(exception);
        }
        finally
        {
            _silence?.EndReceive(received > 0);
        }
    }

    /// <summary>Receives bytes once. When cancelled, the read goes on and the next call takes what it brings.</summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        int received = 0;
        _silence?.BeginReceive();
        try
        {
            received = await ReadAsync(cancellationToken).ConfigureAwait(false);
            CompleteFill(received);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception) && !(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            Lose(exception);
        }
        finally
        {
            _silence?.EndReceive(received > 0);
        }
    }

    private ValueTask<int> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_pendingRead is null)
        {
            ValueTask<int> read = _transport.ReceiveAsync(PrepareInput());
            if (read.IsCompleted || !cancellationToken.CanBeCanceled)
            {
                return read;
            }

            _pendingRead = read.AsTask();
        }

        return AwaitPendingReadAsync(_pendingRead, cancellationToken);
    }

    private async ValueTask<int> AwaitPendingReadAsync(Task<int> read, CancellationToken cancellationToken)
    {
        await ((Task)read.WaitAsync(cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!read.IsCompleted)
        {
            throw new OperationCanceledException(cancellationToken);
        }

        _pendingRead = null;
        return await read.ConfigureAwait(false);
    }

    private int WaitForPendingRead(TimeSpan timeout)
    {
        // Only after a cancelled asynchronous receive: the bytes it waits for come first.
        if (!((IAsyncResult)_pendingRead!).AsyncWaitHandle.WaitOne(timeout))
        {
            throw new TimeoutException($"Nothing was received within {timeout.TotalSeconds:0.###} s.");
        }

        Task<int> read = _pendingRead;
        _pendingRead = null;
        return read.GetAwaiter().GetResult();
    }

    private Memory<byte> PrepareInput()
    {
        // The engine took all that was there, so the buffer is free from its start.
        Memory<byte> place = Engine.GetReceiveMemory(_options.ReceiveBufferSize);
        _receivesInPlace = !place.IsEmpty;
        if (_receivesInPlace)
        {
            return place;
        }

        if (_input.Length == 0)
        {
            _input = BufferPool.Rent(_options.ReceiveBufferSize);
        }

        _start = _end = 0;
        return _input;
    }

    private void CompleteFill(int received)
    {
        if (received == 0)
        {
            lock (_gate)
            {
                Engine.ReceiveEndOfStream();
            }
        }
        else if (_receivesInPlace)
        {
            _placed = received;
        }
        else
        {
            _end = received;
        }
    }

    private void Lose(Exception cause)
    {
        Interlocked.CompareExchange(ref _failure, cause, null);
        lock (_gate)
        {
            Engine.ReceiveEndOfStream();
        }
    }

    private void ReleaseInput()
    {
        // A read that is still under way may write to the buffer: then it is left to the garbage collector.
        if (_input.Length > 0 && _pendingRead is null or { IsCompleted: true })
        {
            BufferPool.Return(_input);
        }

        if (_pendingRead is { } read)
        {
            // Its failure is the end that is known already.
            _ = read.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        _input = [];
        _start = _end = 0;
    }
}
