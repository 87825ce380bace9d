using System.Net.Security;
using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>What lies below a server's opening handshake: a stream, or a socket with TLS or without.</summary>
internal static class ServerAcceptor
{
    public static (WebSocket? Accepted, HandshakeException? Failure) Accept(Stream stream, ServerOptions options, ServerHandshakeOptions handshakeOptions)
    {
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options);
        return ServerOpeningDriver.Accept(transport, watchdog, options, handshakeOptions);
    }

    public static async ValueTask<(WebSocket? Accepted, HandshakeException? Failure)> AcceptAsync(
        Stream stream, ServerOptions options, ServerHandshakeOptions handshakeOptions, CancellationToken cancellationToken)
    {
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options, cancellationToken);
        return await ServerOpeningDriver.AcceptAsync(transport, watchdog, options, handshakeOptions, cancellationToken).ConfigureAwait(false);
    }

    public static (WebSocket? Accepted, HandshakeException? Failure) Accept(Socket socket, ServerOptions options, ServerHandshakeOptions handshakeOptions)
    {
        if (TryOpen(socket, options, out Transport? transport, out SslStream? tls) is { } gone)
        {
            return (null, gone);
        }

        using var watchdog = new OpeningWatchdog(transport!, options);
        try
        {
            tls?.AuthenticateAsServer(options.Tls!);
        }
        catch (Exception exception)
        {
            // The client's fault, or that of the options and their callbacks, which may throw whatever they like.
            return (null, watchdog.ExplainTls(exception, "The TLS handshake"));
        }

        return ServerOpeningDriver.Accept(transport!, watchdog, options, handshakeOptions);
    }

    public static async ValueTask<(WebSocket? Accepted, HandshakeException? Failure)> AcceptAsync(
        Socket socket, ServerOptions options, ServerHandshakeOptions handshakeOptions, CancellationToken cancellationToken)
    {
        if (TryOpen(socket, options, out Transport? transport, out SslStream? tls) is { } gone)
        {
            return (null, gone);
        }

        using var watchdog = new OpeningWatchdog(transport!, options, cancellationToken);
        try
        {
            if (tls is not null)
            {
                await tls.AuthenticateAsServerAsync(options.Tls!, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // As above.
            cancellationToken.ThrowIfCancellationRequested();
            return (null, watchdog.ExplainTls(exception, "The TLS handshake"));
        }

        return await ServerOpeningDriver.AcceptAsync(transport!, watchdog, options, handshakeOptions, cancellationToken).ConfigureAwait(false);
    }

    // Null when it went well.
    private static HandshakeException? TryOpen(Socket socket, ServerOptions options, out Transport? transport, out SslStream? tls)
    {
        transport = null;
        tls = null;
        try
        {
            if (options.Tls is null)
            {
                transport = new SocketTransport(socket, options.SendTimeout);
            }
            else
            {
                socket.NoDelay = true;
                tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
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
