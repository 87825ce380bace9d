using System.Net.Security;
using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>What lies below a server's opening handshake: a stream, or a socket with TLS or without.</summary>
internal static class ServerAcceptor
{
    public static (WebSocket? Accepted, HandshakeException? Failure) Accept(Stream stream, ServerOptions options, ServerHandshakeOptions handshakeOptions, ServerGate? gate = null)
    {
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options);
        gate ??= new OptionsGate(options);
        if (ProxyHeaderDriver.Read(buffer => stream.Read(buffer.Span), transport, options, watchdog) is { } failure)
        {
            return (null, failure);
        }

        gate.Peer = transport.RemoteEndPoint;
        return ServerOpeningDriver.Accept(transport, watchdog, gate, handshakeOptions);
    }

    public static async ValueTask<(WebSocket? Accepted, HandshakeException? Failure)> AcceptAsync(
        Stream stream, ServerOptions options, ServerHandshakeOptions handshakeOptions, CancellationToken cancellationToken)
    {
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options, cancellationToken);
        if (await ProxyHeaderDriver.ReadAsync(buffer => stream.ReadAsync(buffer), transport, options, watchdog).ConfigureAwait(false) is { } failure)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, failure);
        }

        return await ServerOpeningDriver.AcceptAsync(transport, watchdog, new OptionsGate(options), handshakeOptions, cancellationToken).ConfigureAwait(false);
    }

    /// <param name="socket">Connected; owned from now on.</param>
    /// <param name="options">Of the server.</param>
    /// <param name="handshakeOptions">Of the handshake.</param>
    /// <param name="turns">Limits how many TLS handshakes compute at once; null for no limit.</param>
    /// <param name="gate">Whom to ask; null for the callbacks of the options.</param>
    public static (WebSocket? Accepted, HandshakeException? Failure) Accept(Socket socket, ServerOptions options, ServerHandshakeOptions handshakeOptions, SemaphoreSlim? turns = null, ServerGate? gate = null)
    {
        if (TryOpen(socket, options, out Transport? transport, out SslStream? tls, out TlsCarrier? carrier) is { } gone)
        {
            return (null, gone);
        }

        using var watchdog = new OpeningWatchdog(transport!, options);
        gate ??= new OptionsGate(options);
        if (ProxyHeaderDriver.Read(buffer => socket.Receive(buffer.Span), transport!, options, watchdog) is { } failure)
        {
            return (null, failure);
        }

        gate.Peer = transport!.RemoteEndPoint;
        if (tls is not null)
        {
            try
            {
                carrier!.Block(() => ServerTls.Authenticate(tls, options.Tls, options.TlsSelection), turns);
                transport!.Tls = ServerTls.Describe(tls);
            }
            catch (Exception exception)
            {
                // The client's fault, or that of the options and their callbacks, which may throw whatever they like.
                return (null, WrongScheme.IsHttpRequest(carrier!.Beginning)
                    ? ServerOpeningDriver.RefusePlain(new SocketTransport(socket, options.SendTimeout))
                    : watchdog.ExplainTls(exception, "The TLS handshake"));
            }
        }

        return ServerOpeningDriver.Accept(transport!, watchdog, gate, handshakeOptions);
    }

    public static async ValueTask<(WebSocket? Accepted, HandshakeException? Failure)> AcceptAsync(
        Socket socket, ServerOptions options, ServerHandshakeOptions handshakeOptions, CancellationToken cancellationToken)
    {
        if (TryOpen(socket, options, out Transport? transport, out SslStream? tls, out TlsCarrier? carrier) is { } gone)
        {
            return (null, gone);
        }

        using var watchdog = new OpeningWatchdog(transport!, options, cancellationToken);
        if (await ProxyHeaderDriver.ReadAsync(buffer => socket.ReceiveAsync(buffer), transport!, options, watchdog).ConfigureAwait(false) is { } failure)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, failure);
        }

        if (tls is not null)
        {
            try
            {
                await ServerTls.AuthenticateAsync(tls, options.Tls, options.TlsSelection).ConfigureAwait(false);
                transport!.Tls = ServerTls.Describe(tls);
            }
            catch (Exception exception)
            {
                // As above.
                cancellationToken.ThrowIfCancellationRequested();
                return (null, WrongScheme.IsHttpRequest(carrier!.Beginning)
                    ? await ServerOpeningDriver.RefusePlainAsync(new SocketTransport(socket, options.SendTimeout)).ConfigureAwait(false)
                    : watchdog.ExplainTls(exception, "The TLS handshake"));
            }
        }

        return await ServerOpeningDriver.AcceptAsync(transport!, watchdog, new OptionsGate(options), handshakeOptions, cancellationToken).ConfigureAwait(false);
    }

    // Null when it went well.
    private static HandshakeException? TryOpen(Socket socket, ServerOptions options, out Transport? transport, out SslStream? tls, out TlsCarrier? carrier)
    {
        transport = null;
        tls = null;
        carrier = null;
        try
        {
            if (!options.IsSecure)
            {
                transport = new SocketTransport(socket, options.SendTimeout);
            }
            else
            {
                if (socket.ProtocolType == ProtocolType.Tcp)
                {
                    socket.NoDelay = true;
                }

                carrier = new TlsCarrier(new NetworkStream(socket, ownsSocket: true));
                tls = new SslStream(carrier);
                transport = new StreamTransport(tls, options.SendTimeout, options.TimeProvider, socket);
            }

            return null;
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            // The client was gone before anything was read.
            socket.Dispose();
            return new HandshakeException(HandshakeViolation.ConnectionLost, $"The connection ended before the opening handshake: {exception.Message}", exception);
        }
    }
}
