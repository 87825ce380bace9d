using System.Buffers;
using System.Net.Sockets;

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

        _socket = new TlsSocket(_socket, _loop.Settings.TlsHandshakes, PostOutput);
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
    private void PostOutput() => _loop.Post(new LoopWork { Kind = LoopWorkKind.Attend, Connection = this });

    private void FeedHandshake()
    {
        if (!((TlsSocket)_socket).FeedHandshake())
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
        _opening!.Secured((TlsSocket)_socket);
        BeginOpening();

        // What came behind the handshake was read with it.
        ReadBuffered();
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
