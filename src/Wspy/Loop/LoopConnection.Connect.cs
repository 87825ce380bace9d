using System.Buffers;
using System.Net.Sockets;
using Wspy.Handshake;

namespace Wspy.Loop;

// Before the opening handshake: TCP is connected, TLS negotiated beside the loop.
internal sealed partial class LoopConnection
{
    private Func<TlsSocket, Task>? _secure;

    /// <summary>A proxy passes everything on from now on: the time of the handshake begins.</summary>
    /// <param name="secure">Begins the TLS handshake with the server; null for none.</param>
    public void EnterTunnel(Func<TlsSocket, Task>? secure)
    {
        _secure = secure;
        _phaseDeadline = After(_options.HandshakeTimeout);
        Schedule();
    }

    private void ReadBeforeOpening(bool isLost)
    {
        switch (_state)
        {
            case LoopState.Connecting:
                CompleteConnect();
                break;
            case LoopState.Introducing:
                ReadProxyHeader(_opening!.ProxyHeader!);
                break;
            default:
                FeedHandshake(isLost);
                break;
        }
    }

    private void CompleteConnect()
    {
        if (_isBroken)
        {
            // One event can say both that it is writable and that it is lost, and the system tells the error once.
            return;
        }

        SocketError error = _socket.CompleteConnect();
        if (error != SocketError.Success)
        {
            Break(new SocketException((int)error));
            return;
        }

        OnConnected();
    }

    private void OnConnected()
    {
        if (!_opening!.Connected())
        {
            Break(new OperationCanceledException("Another address has answered first."));
            return;
        }

        if (!_opening.HasTunnel)
        {
            _phaseDeadline = After(_options.HandshakeTimeout);
            Schedule();
        }

        if (_opening.ProxyHeader is not null)
        {
            _state = LoopState.Introducing;
            return;
        }

        OnIntroduced();
    }

    // Takes no more than the header, so that TLS or the request finds all of its own.
    private void ReadProxyHeader(ProxyHeader header)
    {
        LoopSocket socket = _socket is TlsSocket tls ? tls.Inner : _socket;
        while (header.Needed > 0)
        {
            int count = socket.Receive(_loop.Input[..header.Needed]);
            if (count < 0 && socket.Error == SocketError.WouldBlock)
            {
                return;
            }

            if (count <= 0)
            {
                Break(count == 0 ? new IOException("The proxy ended the connection within its header.") : new SocketException((int)socket.Error));
                return;
            }

            header.Receive(_loop.Input.Span[..count]);
        }

        if (_opening!.Introduced(this, header) is { } failure)
        {
            Break(failure);
            return;
        }

        OnIntroduced();
    }

    private void OnIntroduced()
    {
        if (_secure is null)
        {
            BeginOpening();
            return;
        }

        _state = LoopState.Securing;
        _loop.Settings.TlsHandshakes.Queue(Secure);
    }

    // TLS over what has been agreed on so far, which may be TLS with a proxy.
    private void SecureTunnel()
    {
        if (_queue is { Count: > 0 } || _socket.Unsent > 0)
        {
            // What was meant for the proxy would reach the server.
            Break(new IOException("The proxy answered before it was asked."));
            return;
        }

        _socket = new TlsSocket(_socket, _loop.Settings.TlsHandshakes, PostProgress);
        _state = LoopState.Securing;
        _loop.Settings.TlsHandshakes.Queue(Secure);
    }

    // Not on the loop's thread.
    private async void Secure()
    {
        Exception? failure = null;
        try
        {
            await _secure!((TlsSocket)_socket).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The peer's fault, or that of the options and their callbacks, which may throw whatever they like.
            failure = exception;
        }

        _loop.Post(new LoopWork { Kind = LoopWorkKind.Secured, Connection = this, State = failure });
    }

    // Not on the loop's thread.
    private void PostProgress() => _loop.Post(new LoopWork { Kind = LoopWorkKind.Attend, Connection = this });

    private void FeedHandshake(bool isLost)
    {
        if (((TlsSocket)_socket).FeedHandshake(out bool isFull))
        {
            if (isFull)
            {
                // The system keeps what more the peer sends until a step of the handshake has taken of it.
                _paused |= PauseReasons.Opening;
                _unwatchesRead = true;
                if (isLost)
                {
                    Break(new SocketException((int)SocketError.ConnectionReset));
                }
            }
        }
        else
        {
            Break(_socket.Error is SocketError.Success or SocketError.WouldBlock
                ? new IOException("The peer ended the connection during the TLS handshake.")
                : new SocketException((int)_socket.Error));
        }
    }

    private void Secured(Exception? failure)
    {
        if (_state != LoopState.Securing)
        {
            return;
        }

        if (failure is not null && _opening!.TryRefusePlain(this, Queue()))
        {
            _socket = ((TlsSocket)_socket).Abandon();
            _state = LoopState.Refused;
            Attend();
            return;
        }

        if (failure is not null)
        {
            // The alert that tells the peer why.
            _socket.Flush();
            Break(new System.Security.Authentication.AuthenticationException($"The TLS handshake failed: {failure.Message}", failure));
            return;
        }

        ((TlsSocket)_socket).Secured();
        _paused &= ~PauseReasons.Opening;
        _opening!.Secured((TlsSocket)_socket);
        BeginOpening();

        // What came behind the handshake was read with it.
        ReadBuffered();
    }

    /// <summary>A request was answered, and another one has as much time again.</summary>
    public void ProlongOpening()
    {
        _phaseDeadline = After(_options.HandshakeTimeout);
        Schedule();
    }

    private void BeginOpening()
    {
        _state = LoopState.Opening;
        ReadOnlySpan<byte> request = _opening!.Begin().Span;
        if (!request.IsEmpty)
        {
            IBufferWriter<byte> output = Output(request.Length);
            request.CopyTo(output.GetSpan(request.Length));
            output.Advance(request.Length);
        }

        Attend();
    }
}
