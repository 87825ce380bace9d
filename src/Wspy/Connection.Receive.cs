using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Wspy.Protocol;

namespace Wspy;

// Receiving messages.
public partial class Connection
{
    /// <summary>Receives until the connection ends, and calls the handlers on this thread.</summary>
    /// <returns>How the connection ended.</returns>
    /// <remarks>
    /// What handlers send while more messages are at hand may wait until these are handled, so that the replies go out together.
    /// When a handler throws, <see cref="OnError"/> is called, the connection is closed with 1011, and the exception comes out
    /// of this call after <see cref="OnClose"/>; as an <see cref="AggregateException"/> of two when <see cref="OnError"/> throws as well.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Another receive is under way.</exception>
    public CloseInfo ReceiveForever()
    {
        if (!BeginReceive())
        {
            _driver.WaitForEnd(Deadline.None);
            return Closed.Result;
        }

        ExceptionDispatchInfo? thrown = null;
        try
        {
            ReportOpen();
            _driver.BeginCorking();
            while (true)
            {
                ProtocolEvent received = _driver.Receive(Deadline.None);
                if (received.Kind == ProtocolEventKind.None)
                {
                    break;
                }

                try
                {
                    Dispatch(received);
                }
                catch (ConnectionClosedException) when (!IsOpen)
                {
                    // A send in the handler found the end before the receiver did, which is about to.
                }
            }
        }
        catch (Exception exception)
        {
            // Whatever the application's code threw: it ends this connection and is thrown again below.
            thrown = ExceptionDispatchInfo.Capture(exception);
            _driver.SetCause(exception);
            try
            {
                ReportError(exception);
            }
            catch (Exception second)
            {
                // Both are the application's, and neither says what the other does.
                thrown = ExceptionDispatchInfo.Capture(new AggregateException(exception, second));
            }

            _driver.CloseAsReceiver(CloseCode.InternalError, "");
        }
        finally
        {
            _driver.EndCorking();
            EndReceive();
        }

        thrown?.Throw();
        return Closed.Result;
    }

    /// <summary>Waits for the next message.</summary>
    /// <exception cref="ConnectionClosedException">The connection has ended; the cause is inside when it was no ordinary close.</exception>
    /// <exception cref="InvalidOperationException">Another receive is under way.</exception>
    public Message Receive() => Receive(Timeout.InfiniteTimeSpan);

    /// <summary>Waits for the next message for a limited time.</summary>
    /// <param name="timeout">How long to wait, zero to look only. After a time-out the connection is unharmed, and the next receive goes on.</param>
    /// <exception cref="TimeoutException">No message became whole in time.</exception>
    /// <inheritdoc cref="Receive()"/>
    public Message Receive(TimeSpan timeout)
    {
        ProtocolEvent received = ReceiveData(Deadline.After(timeout, _driver.Options.TimeProvider));
        Message message = Message.CreateTrusted(received.Opcode, received.Payload.ToArray());
        EndReceive();
        return message;
    }

    /// <summary>Waits for the next message, in pooled memory.</summary>
    /// <returns>The message; dispose it.</returns>
    /// <inheritdoc cref="Receive()"/>
    public MessageLease ReceiveLease()
    {
        ProtocolEvent received = ReceiveData(Deadline.None);
        MessageLease lease = Lease(received);
        EndReceive();
        return lease;
    }

    /// <summary>Waits for the next message.</summary>
    /// <param name="cancellationToken">Stops waiting; the connection is unharmed, and the next receive goes on.</param>
    /// <inheritdoc cref="Receive()"/>
    public async ValueTask<Message> ReceiveAsync(CancellationToken cancellationToken = default) =>
        (await ReceiveDataAsync(this, static (_, received) => Message.CreateTrusted(received.Opcode, received.Payload.ToArray()), cancellationToken).ConfigureAwait(false))
        ?? throw _driver.ClosedException();

    /// <summary>Waits for the next message, in pooled memory.</summary>
    /// <param name="cancellationToken">Stops waiting; the connection is unharmed, and the next receive goes on.</param>
    /// <inheritdoc cref="ReceiveLease()"/>
    public async ValueTask<MessageLease> ReceiveLeaseAsync(CancellationToken cancellationToken = default) =>
        (await ReceiveDataAsync(this, static (connection, received) => connection.Lease(received), cancellationToken).ConfigureAwait(false))
        ?? throw _driver.ClosedException();

    /// <summary>The messages until the connection ends.</summary>
    /// <param name="cancellationToken">Stops waiting; the connection is unharmed.</param>
    /// <exception cref="ConnectionClosedException">The connection ended otherwise than by a complete closing handshake.</exception>
    public async IAsyncEnumerator<Message> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await ReceiveDataAsync(this, static (_, received) => Message.CreateTrusted(received.Opcode, received.Payload.ToArray()), cancellationToken).ConfigureAwait(false) is { } message)
        {
            yield return message;
        }

        ThrowUnlessClean();
    }

    /// <summary>The messages until the connection ends, in pooled memory: dispose each.</summary>
    /// <inheritdoc cref="GetAsyncEnumerator"/>
    public async IAsyncEnumerable<MessageLease> ReceiveLeasesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await ReceiveDataAsync(this, static (connection, received) => connection.Lease(received), cancellationToken).ConfigureAwait(false) is { } lease)
        {
            yield return lease;
        }

        ThrowUnlessClean();
    }

    // On return with data the receiver is still claimed, since the payload lies in the buffer.
    private ProtocolEvent ReceiveData(Deadline deadline, MessageReadStream? reader = null, bool inParts = false)
    {
        if (!BeginReceive(reader))
        {
            _driver.WaitForEnd(deadline);
            throw _driver.ClosedException();
        }

        bool hasData = false;
        try
        {
            ReportOpen();
            if (inParts)
            {
                _driver.BeginParts();
            }

            while (true)
            {
                ProtocolEvent received = _driver.Receive(deadline);
                hasData = received.Kind == ProtocolEventKind.Data;
                if (hasData)
                {
                    return received;
                }

                if (received.Kind == ProtocolEventKind.None)
                {
                    throw _driver.ClosedException();
                }

                Dispatch(received);
            }
        }
        finally
        {
            if (!hasData)
            {
                if (inParts)
                {
                    _driver.CancelParts();
                }

                EndReceive();
            }
        }
    }

    // Null when the connection has ended.
    private async ValueTask<TResult?> ReceiveDataAsync<TState, TResult>(
        TState state, Func<TState, ProtocolEvent, TResult> take, CancellationToken cancellationToken, MessageReadStream? reader = null, bool inParts = false)
        where TResult : class
    {
        if (!BeginReceive(reader))
        {
            await Closed.WaitAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }

        bool hasData = false;
        try
        {
            ReportOpen();
            if (inParts)
            {
                _driver.BeginParts();
            }

            while (true)
            {
                hasData = TryTake(state, take, out TResult? taken, out bool progressed);
                if (hasData)
                {
                    return taken;
                }

                await _driver.FlushPendingAsync().ConfigureAwait(false);
                if (progressed)
                {
                    continue;
                }

                if (_driver.IsFinished)
                {
                    await _driver.TerminateAsync().ConfigureAwait(false);
                    return null;
                }

                await _driver.FillAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (inParts && !hasData)
            {
                _driver.CancelParts();
            }

            EndReceive();
        }
    }

    private bool TryTake<TState, TResult>(TState state, Func<TState, ProtocolEvent, TResult> take, out TResult? taken, out bool progressed)
    {
        ProtocolEvent received = _driver.TryRead();
        progressed = received.Kind != ProtocolEventKind.None;
        taken = default;
        if (received.Kind == ProtocolEventKind.Data)
        {
            taken = take(state, received);
            return true;
        }

        if (progressed)
        {
            Dispatch(received);
        }

        return false;
    }

    private void Dispatch(scoped in ProtocolEvent received)
    {
        _handlerThread = Environment.CurrentManagedThreadId;
        try
        {
            switch (received.Kind)
            {
                case ProtocolEventKind.Data:
                    OnMessage(new MessageView(received.Opcode, received.Payload));
                    break;
                case ProtocolEventKind.Ping:
                    OnPing(received.Payload);
                    break;
                case ProtocolEventKind.Pong:
                    OnPong(received.Payload);
                    break;
                case ProtocolEventKind.ReservedControl:
                    OnControl(received.Opcode, received.Payload);
                    break;
                case ProtocolEventKind.Failed:
                    _reportedFailure = true;
                    OnError(_driver.ViolationException);
                    break;
                default:
                    // A Close frame is told by OnClose.
                    break;
            }
        }
        finally
        {
            _handlerThread = 0;
        }
    }

    // A message that was put together in pooled memory is handed over; one that lies in the receive buffer is copied.
    private MessageLease Lease(scoped in ProtocolEvent received) =>
        _driver.Engine.DetachDelivered() is { } array
            ? new MessageLease(received.Opcode, array, received.Payload.Length)
            : MessageLease.Copy(received.Opcode, received.Payload);

    // False when the connection has ended.
    private bool BeginReceive(MessageReadStream? reader = null)
    {
        if (IsInHandler)
        {
            throw new InvalidOperationException("A handler cannot receive: its connection's receive loop waits for it to return.");
        }

        if (_driver.TryBecomeReceiver())
        {
            bool isOpen = !Closed.IsCompleted;
            if (isOpen && _reader == reader)
            {
                return true;
            }

            EndReceive();
            return isOpen ? throw new InvalidOperationException("A message is being received as a stream: read it to its end, or dispose it, before the next one.") : false;
        }

        if (!_driver.IsEnding)
        {
            throw new InvalidOperationException("Another receive is under way on this connection; there can be one at a time.");
        }

        return false;
    }

    private void EndReceive() => _driver.ReleaseReceiver();

    private void ThrowUnlessClean()
    {
        ConnectionClosedException closed = _driver.ClosedException();
        if (!closed.CloseInfo.WasClean || closed.CloseInfo.Exception is not null)
        {
            throw closed;
        }
    }
}
