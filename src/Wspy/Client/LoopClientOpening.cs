using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Wspy.Handshake;
using Wspy.Loop;
using Wspy.Transports;

namespace Wspy;

/// <summary>One attempt to connect an <see cref="AsyncConnection"/> to one address: TCP, the tunnel through a proxy, TLS, opening handshake.</summary>
/// <param name="owner">To be opened.</param>
/// <param name="opening">Shared by all attempts, of which one uses it.</param>
/// <param name="route">How to get there.</param>
/// <param name="options">How to connect.</param>
/// <param name="loop">Which thread serves it.</param>
/// <param name="winner">The attempt that was connected first, shared by all; on the loop's thread.</param>
/// <remarks>Everything happens on the loop's thread; <see cref="ConnectAsync"/>, <see cref="Cancel"/> and <see cref="ConnectTimedOut"/> post it there.</remarks>
internal sealed class LoopClientOpening(
    AsyncConnection owner, ClientOpening opening, ClientRoute route, ClientOptions options, ConnectionLoop loop, StrongBox<LoopClientOpening?> winner) : ILoopOpening
{
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProxyTunnel? _tunnel = route.Proxy is null ? null : route.NewTunnel();
    private LoopConnection? _connection;
    private Exception? _givenUp;
    private Stage _stage;

    private enum Stage
    {
        Connecting,
        SecuringProxy,
        Tunneling,
        Securing,
        Opening,
    }

    /// <summary>Completes when the connection is open and knows it, or fails with what the caller is to see. Whatever was given is not used any more then.</summary>
    public Task Outcome => _outcome.Task;

    /// <summary>Whether the proxy wants another connection to it; to be asked when the outcome is known.</summary>
    public bool IsToBeRepeated { get; private set; }

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

    public void Cancel(CancellationToken cancellationToken) => loop.Loop.Post(() => GiveUp(new OperationCanceledException(cancellationToken)));

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
        return opening.Request;
    }

    public LoopOpeningStatus Receive(LoopConnection connection, ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (_stage == Stage.Tunneling)
        {
            return ReceiveTunnel(connection, ref input, output);
        }

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
        if (_stage == Stage.Connecting)
        {
            _connected.TrySetException(_givenUp ?? cause!);
        }
        else if (!_outcome.Task.IsCompleted)
        {
            _outcome.SetException(_givenUp ?? Explain(cause!, WrongScheme.IsHttpResponse(connection.TlsBeginning)));
        }

        loop.Leave();
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
            socket = loop.Loop.Poller.Connect(endPoint, options.ToKeepAlive());
            Func<TlsSocket, Task>? secure = route.Proxy is null ? SecureServer() : route.Proxy.IsSecure ? SecureProxyAsync : null;
            _connection = new LoopConnection(loop.Loop, socket, options, this, isConnected: false, secure);
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

    private Func<TlsSocket, Task>? SecureServer() => HandshakeUri.IsSecure(route.Url) ? socket => socket.AuthenticateAsync(ClientTls.For(options.Tls, HandshakeUri.HostOf(route.Url))) : null;

    private Task SecureProxyAsync(TlsSocket socket) => socket.AuthenticateAsync(ClientTls.For(options.ProxyTls, route.Proxy!.Host));

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
        if (!_outcome.Task.IsCompleted)
        {
            _connection?.Abort(reason);
        }
    }

    // A refusal whose body broke off is still a refusal.
    private Exception Explain(Exception cause, bool isPlain)
    {
        if (opening.GetFailure() is { } failure)
        {
            return failure;
        }

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
