using System.Buffers;
using System.Net;
using Wspy.Handshake;
using Wspy.Loop;
using Wspy.Transports;

namespace Wspy;

/// <summary>One attempt to connect an <see cref="AsyncConnection"/> to one address: TCP, TLS, opening handshake.</summary>
/// <remarks>Everything happens on the loop's thread; <see cref="Start"/>, <see cref="Cancel"/> and <see cref="ConnectTimedOut"/> post it there.</remarks>
internal sealed class LoopClientOpening(AsyncConnection owner, ClientOpening opening, Uri url, ClientOptions options, ConnectionLoop loop, Func<TlsSocket, Task>? secure) : ILoopOpening
{
    private readonly TaskCompletionSource _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopConnection? _connection;
    private Exception? _givenUp;
    private bool _hasAsked;

    /// <summary>Whether there was a TCP connection; to be asked when the outcome is known.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Begins.</summary>
    /// <returns>Completes when the connection is open and knows it, or fails with what the caller is to see. Whatever was given is not used any more then.</returns>
    public Task Start(IPEndPoint endPoint)
    {
        if (!loop.Loop.Post(() => Connect(endPoint)))
        {
            _outcome.SetException(ConnectionLoop.Disposed());
        }

        return _outcome.Task;
    }

    public void Cancel(CancellationToken cancellationToken) => loop.Loop.Post(() => GiveUp(new OperationCanceledException(cancellationToken)));

    public void ConnectTimedOut() => loop.Loop.Post(() =>
    {
        // From here on it is the handshake's time.
        if (!IsConnected)
        {
            GiveUp(ClientConnector.ConnectTimedOut(url, options));
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
        return opening.Request;
    }

    public LoopOpeningStatus Receive(LoopConnection connection, ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (!opening.Receive(ref input))
        {
            return LoopOpeningStatus.NeedMoreData;
        }

        if (opening.GetFailure() is { } failure)
        {
            _outcome.TrySetException(failure);
            return LoopOpeningStatus.Refused;
        }

        owner.Attach(connection, loop, opening, _outcome);
        connection.Open(WebSocketRole.Client, options.ToMessageOptions(), opening.ExtensionInstances, owner);
        return LoopOpeningStatus.Opened;
    }

    public void Ended(LoopConnection connection, Exception? cause)
    {
        if (!_outcome.Task.IsCompleted)
        {
            _outcome.SetException(_givenUp ?? Explain(cause!, WrongScheme.IsHttpResponse(connection.TlsBeginning)));
        }

        loop.Leave();
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
            _connection = new LoopConnection(loop.Loop, socket, options, this, isConnected: false, secure);
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
        if (!_outcome.Task.IsCompleted && _connection is not null)
        {
            _givenUp ??= reason;
            _connection.Abort(reason);
        }
    }

    // A refusal whose body broke off is still a refusal.
    private Exception Explain(Exception cause, bool isPlain)
    {
        if (opening.GetFailure() is { } failure)
        {
            return failure;
        }

        if (!IsConnected || cause is ObjectDisposedException)
        {
            return cause;
        }

        if (cause is TimeoutException)
        {
            return new HandshakeException(HandshakeViolation.TimedOut, cause.Message, cause);
        }

        if (isPlain)
        {
            return OpeningWatchdog.AnsweredPlainly(url.Host, cause.InnerException ?? cause);
        }

        return secure is not null && !_hasAsked
            ? new HandshakeException(HandshakeViolation.TlsFailed, $"TLS with {url.Host} failed: {(cause.InnerException ?? cause).Message}", cause)
            : new HandshakeException(HandshakeViolation.ConnectionLost, $"The connection ended during the opening handshake: {cause.Message}", cause);
    }
}
