using System.Net.Security;
using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>TLS below a server's opening handshake.</summary>
internal static class ServerAcceptor
{
    public static (WebSocket? Accepted, HandshakeException? Failure) Accept(Socket socket, ServerOptions options, ServerHandshakeOptions handshakeOptions)
    {
        if (options.Tls is null)
        {
            return ServerOpening.Accept(new SocketTransport(socket, options.SendTimeout), options, handshakeOptions);
        }

        Transport transport = NewTls(socket, options, out SslStream tls);
        using (var watchdog = new OpeningWatchdog(transport, options))
        {
            try
            {
                tls.AuthenticateAsServer(options.Tls);
                watchdog.Stop();
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                transport.Dispose();
                return (null, TlsFailed(watchdog, exception));
            }
        }

        return ServerOpening.Accept(transport, options, handshakeOptions);
    }

    public static async ValueTask<(WebSocket? Accepted, HandshakeException? Failure)> AcceptAsync(
        Socket socket, ServerOptions options, ServerHandshakeOptions handshakeOptions, CancellationToken cancellationToken)
    {
        if (options.Tls is null)
        {
            return await ServerOpening.AcceptAsync(new SocketTransport(socket, options.SendTimeout), options, handshakeOptions, cancellationToken).ConfigureAwait(false);
        }

        Transport transport = NewTls(socket, options, out SslStream tls);
        using (var watchdog = new OpeningWatchdog(transport, options, cancellationToken))
        {
            try
            {
                await tls.AuthenticateAsServerAsync(options.Tls, CancellationToken.None).ConfigureAwait(false);
                watchdog.Stop();
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                transport.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                return (null, TlsFailed(watchdog, exception));
            }
        }

        return await ServerOpening.AcceptAsync(transport, options, handshakeOptions, cancellationToken).ConfigureAwait(false);
    }

    private static StreamTransport NewTls(Socket socket, ServerOptions options, out SslStream tls)
    {
        socket.NoDelay = true;
        tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        return new StreamTransport(tls, options.SendTimeout, socket);
    }

    private static HandshakeException TlsFailed(OpeningWatchdog watchdog, Exception cause)
    {
        HandshakeException explained = watchdog.Explain(cause);
        return explained.Reason == HandshakeViolation.TimedOut
            ? explained
            : new HandshakeException(HandshakeViolation.TlsFailed, $"The TLS handshake failed: {cause.Message}", cause);
    }
}
