using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Wspy.Handshake;
using Wspy.Loop;
using Wspy.Transports;

namespace Wspy;

/// <summary>One attempt to connect an <see cref="AsyncConnection"/> to one address: TCP, the tunnel through a proxy, TLS, and the requests that go over this connection.</summary>
/// <param name="owner">To be opened.</param>
/// <param name="attempts">Shared by all attempts to connect, of which one uses it.</param>
/// <param name="route">How to get there.</param>
/// <param name="loop">Which thread serves it.</param>
/// <param name="winner">The attempt that was connected first, shared by all; on the loop's thread.</param>
/// <remarks>
/// Everything happens on the loop's thread; <see cref="ConnectAsync"/>, <see cref="RepeatAsync"/>, <see cref="Release"/>, <see cref="CancelWith"/>
/// and <see cref="ConnectTimedOut"/> post it there. Between an answer and what is then said of it, the attempts are the caller's.
/// </remarks>
internal sealed class LoopClientOpening(AsyncConnection owner, ClientAttempts attempts, ClientRoute route, ConnectionLoop loop, StrongBox<LoopClientOpening?> winner) : ILoopOpening
{
    private readonly ClientOptions _options = attempts.Options;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProxyTunnel? _tunnel = route.Proxy is null ? null : route.NewTunnel();
    private TaskCompletionSource<bool> _outcome = NewOutcome();
    private LoopConnection? _connection;
    private Exception? _givenUp;
    private Exception? _cause;
    private Stage _stage;
    private bool _hasRest;
    private bool _hasEnded;
    private bool _isOpened;
    private bool _isToRepeat;
    private bool _isReleased;

    private enum Stage
    {
        Connecting,
        SecuringProxy,
        Tunneling,
        Securing,
        Opening,
    }

    /// <summary>
    /// True when the connection is open and knows it; false when there is an answer to judge, after which comes <see cref="RepeatAsync"/> or
    /// <see cref="Release"/>. Fails with what the caller is to see. Whatever was given is not used any more then.
    /// </summary>
    public Task<bool> Outcome => _outcome.Task;

    /// <summary>Whether the proxy wants another connection to it; to be asked when the outcome is known.</summary>
    public bool IsToBeRepeated { get; private set; }

    /// <summary>Whether another request may follow on the connection, as far as is known; to be asked after an answer.</summary>
    public bool MayBeFollowed => attempts.Opening.MayBeFollowed && !_hasRest && !_hasEnded;

    /// <summary>Whether another request was sent on the connection, and nothing has come since.</summary>
    public bool IsUnansweredRepeat { get; private set; }

    public bool HasTunnel => _tunnel is not null;

    /// <summary>Begins; completes when this one is connected first.</summary>
    /// <exception cref="SocketException">There is no way to the address.</exception>
    public async Task<LoopClientOpening> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        if (!loop.Loop.Post(() => Connect(endPoint)))
        {
            throw ConnectionLoop.Disposed();
        }

        using CancellationTokenRegistration lost = cancellationToken.UnsafeRegister(static (state, token) => ((LoopClientOpening)state!).Lose(token), this);
        await _connected.Task.ConfigureAwait(false);
        return this;
    }

    /// <summary>Sends the request that was prepared, after an answer.</summary>
    /// <returns>As <see cref="Outcome"/>.</returns>
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

    /// <summary>Gives up as soon as the token says so.</summary>
    public CancellationTokenRegistration CancelWith(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static (state, token) => ((LoopClientOpening)state!).Cancel(token), this);

    public void ConnectTimedOut(TimeoutException reason) => loop.Loop.Post(() =>
    {
        // From here on it is the handshake's time.
        if (_stage < Stage.Securing)
        {
            GiveUp(reason);
        }
    });

    /// <summary>It was connected, and nobody wants it any more.</summary>
    public void Discard()
    {
        Cancel(new CancellationToken(canceled: true));

        // Its end is nobody's error.
        _ = Outcome.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public bool Connected()
    {
        if (winner.Value is not null)
        {
            return false;
        }

        winner.Value = this;
        _stage = _tunnel is null ? Stage.Securing : route.Proxy!.IsSecure ? Stage.SecuringProxy : Stage.Tunneling;
        _connected.TrySetResult();
        return true;
    }

    public bool IsIdle => false;

    public ProxyHeader? ProxyHeader => null;

    public Exception? Introduced(LoopConnection connection, ProxyHeader header) => null;

    public void Secured(TlsSocket socket)
    {
        // The request follows, with Begin.
    }

    public bool TryRefusePlain(LoopConnection connection, IBufferWriter<byte> output) => false;

    public ReadOnlyMemory<byte> Begin()
    {
        if (_tunnel is not null && _stage < Stage.Securing)
        {
            _stage = Stage.Tunneling;
            var output = new ArrayBufferWriter<byte>();
            _tunnel.Begin(output);
            return output.WrittenMemory;
        }

        _stage = Stage.Opening;
        return attempts.Opening.Request;
    }

    public LoopOpeningStatus Receive(LoopConnection connection, ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (_isReleased)
        {
            return LoopOpeningStatus.Refused;
        }

        if (_stage == Stage.Tunneling)
        {
            return ReceiveTunnel(connection, ref input, output);
        }

        ClientOpening opening = attempts.Opening;
        if (_isToRepeat)
        {
            _isToRepeat = false;
            output.Write(opening.Request.Span);
            return LoopOpeningStatus.NeedMoreData;
        }

        IsUnansweredRepeat &= input.IsEmpty;
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

        // First, since it asks the extensions, which may throw: there is no connection then, and nothing that would ever end.
        connection.Open(WebSocketRole.Client, _options.ToMessageOptions(), opening.ExtensionInstances, owner);
        _isOpened = true;
        owner.Attach(connection, loop, opening, _outcome);
        return LoopOpeningStatus.Opened;
    }

    public void Ended(LoopConnection connection, Exception? cause)
    {
        _hasEnded = true;
        _cause = cause;
        if (_stage == Stage.Connecting)
        {
            _connected.TrySetException(_givenUp ?? cause!);
        }
        else if (!_outcome.Task.IsCompleted)
        {
            // A refusal whose body broke off is still a refusal.
            if (_givenUp is null && cause is not ObjectDisposedException && attempts.Opening.IsRefused)
            {
                _outcome.SetResult(false);
            }
            else
            {
                _outcome.SetException(_givenUp ?? Explain(cause!, WrongScheme.IsHttpResponse(connection.TlsBeginning)));
            }
        }

        loop.Leave();
    }

    private static TaskCompletionSource<bool> NewOutcome() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Repeat(TaskCompletionSource<bool> next)
    {
        _outcome = next;
        IsUnansweredRepeat = true;
        if (_givenUp is not null || _hasEnded)
        {
            // The connection was lost while the answer was judged, or is about to end.
            _outcome.SetException(_givenUp ?? Explain(_cause!, isPlain: false));
            return;
        }

        _isToRepeat = true;
        _connection!.PostResumeOpening();
    }

    private void Connect(EndPoint endPoint)
    {
        if (_givenUp is not null || !loop.TryEnter())
        {
            _connected.TrySetException(_givenUp ?? ConnectionLoop.Disposed());
            return;
        }

        LoopSocket? socket = null;
        try
        {
            socket = loop.Loop.Poller.Connect(endPoint, _options.ToKeepAlive());
            Func<TlsSocket, Task>? secure = route.Proxy is null ? SecureServer() : route.Proxy.IsSecure ? SecureProxyAsync : null;
            _connection = new LoopConnection(loop.Loop, socket, _options, this, isConnected: false, secure);
        }
        catch (Exception exception)
        {
            // Such as no route, or no descriptor left: nothing may end but this attempt.
            socket?.Close(resets: true);
            _connected.TrySetException(exception);
            loop.Leave();
        }
    }

    private LoopOpeningStatus ReceiveTunnel(LoopConnection connection, ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        switch (_tunnel!.Receive(ref input, output))
        {
            case ProxyTunnelStatus.NeedMoreData:
                return LoopOpeningStatus.NeedMoreData;
            case ProxyTunnelStatus.Open:
                _stage = Stage.Securing;
                Func<TlsSocket, Task>? secure = SecureServer();
                connection.EnterTunnel(secure);
                if (secure is not null)
                {
                    return LoopOpeningStatus.Secure;
                }

                output.Write(Begin().Span);
                return LoopOpeningStatus.NeedMoreData;
            default:
                input = default;
                connection.Break(new IOException("The proxy made no tunnel."));
                return LoopOpeningStatus.NeedMoreData;
        }
    }

    private Func<TlsSocket, Task>? SecureServer() => HandshakeUri.IsSecure(route.Url) ? socket => socket.AuthenticateAsync(ClientTls.For(_options.Tls, HandshakeUri.HostOf(route.Url))) : null;

    private Task SecureProxyAsync(TlsSocket socket) => socket.AuthenticateAsync(ClientTls.For(_options.ProxyTls, route.Proxy!.Host));

    private void Cancel(CancellationToken cancellationToken) => loop.Loop.Post(() => GiveUp(new OperationCanceledException(cancellationToken)));

    // Another one was faster, or all are given up.
    private void Lose(CancellationToken cancellationToken) => loop.Loop.Post(() =>
    {
        if (_stage == Stage.Connecting)
        {
            GiveUp(new OperationCanceledException(cancellationToken));
        }
    });

    private void GiveUp(Exception reason)
    {
        _givenUp ??= reason;
        if (!_isOpened && !_hasEnded)
        {
            _connection?.Abort(reason);
        }
    }

    private Exception Explain(Exception cause, bool isPlain)
    {
        if (cause is ObjectDisposedException)
        {
            return cause;
        }

        if (cause is TimeoutException)
        {
            return new HandshakeException(HandshakeViolation.TimedOut, cause.Message, cause);
        }

        switch (_stage)
        {
            case Stage.SecuringProxy:
                return route.ExplainTls(cause);
            case Stage.Tunneling:
                IsToBeRepeated = _tunnel!.ReceiveEnd() == ProxyTunnelStatus.Repeat;
                return IsToBeRepeated ? cause : route.Explain(_tunnel, cause);
            case Stage.Securing when isPlain:
                return OpeningWatchdog.AnsweredPlainly(HandshakeUri.HostOf(route.Url), cause.InnerException ?? cause);
            case Stage.Securing when HandshakeUri.IsSecure(route.Url):
                return new HandshakeException(HandshakeViolation.TlsFailed, $"TLS with {HandshakeUri.HostOf(route.Url)} failed: {(cause.InnerException ?? cause).Message}", cause);
            default:
                return new HandshakeException(HandshakeViolation.ConnectionLost, $"The connection ended during the opening handshake: {cause.Message}", cause);
        }
    }
}
