using System.Buffers;
using System.Net;
using Wspy.Handshake;
using Wspy.Loop;
using Wspy.Transports;

namespace Wspy;

/// <summary>One attempt to connect an <see cref="AsyncConnection"/> to one address: TCP, TLS, and the requests that go over this connection.</summary>
/// <remarks>
/// Everything happens on the loop's thread; <see cref="Start"/>, <see cref="RepeatAsync"/>, <see cref="Release"/>, <see cref="Cancel"/> and
/// <see cref="ConnectTimedOut"/> post it there. Between an answer and what is then said of it, the attempts are the caller's.
/// </remarks>
internal sealed class LoopClientOpening(AsyncConnection owner, ClientAttempts attempts, ConnectionLoop loop, Func<TlsSocket, Task>? secure) : ILoopOpening
{
    private readonly Uri _url = attempts.Url;
    private readonly ClientOptions _options = attempts.Options;
    private TaskCompletionSource<bool> _outcome = NewOutcome();
    private LoopConnection? _connection;
    private Exception? _givenUp;
    private Exception? _cause;
    private bool _hasAsked;
    private bool _hasRest;
    private bool _hasEnded;
    private bool _isOpened;
    private bool _isToRepeat;
    private bool _isReleased;
    private bool _isPlain;

    /// <summary>Whether there was a TCP connection; to be asked when the outcome is known.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Whether another request may follow on the connection, as far as is known; to be asked after an answer.</summary>
    public bool MayBeFollowed => attempts.Opening.MayBeFollowed && !_hasRest && !_hasEnded;

    /// <summary>Begins.</summary>
    /// <returns>
    /// True when the connection is open and knows it; false when there is an answer to judge, after which comes <see cref="RepeatAsync"/> or
    /// <see cref="Release"/>. Fails with what the caller is to see. Whatever was given is not used any more then.
    /// </returns>
    public Task<bool> Start(IPEndPoint endPoint)
    {
        Task<bool> outcome = _outcome.Task;
        if (!loop.Loop.Post(() => Connect(endPoint)))
        {
            _outcome.SetException(ConnectionLoop.Disposed());
        }

        return outcome;
    }

    /// <summary>Sends the request that was prepared, after an answer.</summary>
    /// <inheritdoc cref="Start"/>
    public Task<bool> RepeatAsync()
    {
        TaskCompletionSource<bool> next = NewOutcome();
        if (!loop.Loop.Post(() => Repeat(next)))
        {
            next.SetException(ConnectionLoop.Disposed());
        }

        return next.Task;
    }

    /// <summary>Ends the connection after an answer.</summary>
    public void Release() => loop.Loop.Post(() =>
    {
        if (!_hasEnded && !_isOpened)
        {
            _isReleased = true;
            _connection!.PostResumeOpening();
        }
    });

    public void Cancel(CancellationToken cancellationToken) => loop.Loop.Post(() => GiveUp(new OperationCanceledException(cancellationToken)));

    public void ConnectTimedOut() => loop.Loop.Post(() =>
    {
        // From here on it is the handshake's time.
        if (!IsConnected)
        {
            GiveUp(ClientConnector.ConnectTimedOut(_url, _options));
        }
    });

    public void Connected() => IsConnected = true;

    public void Secured(TlsSocket socket)
    {
        // The request follows, with Begin.
    }

    public bool TryRefusePlain(LoopConnection connection, IBufferWriter<byte> output) => false;

    public ReadOnlyMemory<byte> Begin()
    {
        _hasAsked = true;
        return attempts.Opening.Request;
    }

    public LoopOpeningStatus Receive(LoopConnection connection, ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (_isReleased)
        {
            return LoopOpeningStatus.Refused;
        }

        ClientOpening opening = attempts.Opening;
        if (_isToRepeat)
        {
            _isToRepeat = false;
            output.Write(opening.Request.Span);
            return LoopOpeningStatus.NeedMoreData;
        }

        if (!opening.Receive(ref input))
        {
            return LoopOpeningStatus.NeedMoreData;
        }

        if (opening.IsRefused)
        {
            _hasRest = !input.IsEmpty;
            _outcome.SetResult(false);
            return LoopOpeningStatus.Pending;
        }

        attempts.Judge(keepsConnection: false);
        _isOpened = true;
        owner.Attach(connection, loop, opening, _outcome);
        connection.Open(WebSocketRole.Client, _options.ToMessageOptions(), opening.ExtensionInstances, owner);
        return LoopOpeningStatus.Opened;
    }

    public void Ended(LoopConnection connection, Exception? cause)
    {
        _hasEnded = true;
        _cause = cause;
        _isPlain = WrongScheme.IsHttpResponse(connection.TlsBeginning);
        if (!_outcome.Task.IsCompleted)
        {
            // A refusal whose body broke off is still a refusal.
            if (_givenUp is null && cause is not ObjectDisposedException && attempts.Opening.IsRefused)
            {
                _outcome.SetResult(false);
            }
            else
            {
                _outcome.SetException(_givenUp ?? Explain(cause!));
            }
        }

        loop.Leave();
    }

    private static TaskCompletionSource<bool> NewOutcome() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Repeat(TaskCompletionSource<bool> next)
    {
        _outcome = next;
        if (_givenUp is not null || _hasEnded)
        {
            // The connection was lost while the answer was judged, or is about to end.
            _outcome.SetException(_givenUp ?? Explain(_cause!));
            return;
        }

        _isToRepeat = true;
        _connection!.PostResumeOpening();
    }

    private void Connect(IPEndPoint endPoint)
    {
        if (!loop.TryEnter())
        {
            _outcome.SetException(ConnectionLoop.Disposed());
            return;
        }

        LoopSocket? socket = null;
        try
        {
            socket = loop.Loop.Poller.Connect(endPoint);
            _connection = new LoopConnection(loop.Loop, socket, _options, this, isConnected: false, secure);
        }
        catch (Exception exception)
        {
            // Such as no route, or no descriptor left: nothing may end but this attempt.
            socket?.Close(resets: true);
            _outcome.SetException(exception);
            loop.Leave();
        }
    }

    private void GiveUp(Exception reason)
    {
        if (!_isOpened && !_hasEnded && _connection is not null)
        {
            _givenUp ??= reason;
            _connection.Abort(reason);
        }
    }

    private Exception Explain(Exception cause)
    {
        if (!IsConnected || cause is ObjectDisposedException)
        {
            return cause;
        }

        if (cause is TimeoutException)
        {
            return new HandshakeException(HandshakeViolation.TimedOut, cause.Message, cause);
        }

        if (_isPlain)
        {
            return OpeningWatchdog.AnsweredPlainly(_url.Host, cause.InnerException ?? cause);
        }

        return secure is not null && !_hasAsked
            ? new HandshakeException(HandshakeViolation.TlsFailed, $"TLS with {_url.Host} failed: {(cause.InnerException ?? cause).Message}", cause)
            : new HandshakeException(HandshakeViolation.ConnectionLost, $"The connection ended during the opening handshake: {cause.Message}", cause);
    }
}
