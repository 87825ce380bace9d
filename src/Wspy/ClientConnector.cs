using System.Net.Security;
using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>What lies below a client's opening handshake: a stream, or TCP with TLS or without.</summary>
/// <remarks>The request is prepared first, so that a mistake in the URL or the options shows before anything is connected.</remarks>
internal static class ClientConnector
{
    public static WebSocket Connect(Uri url, ClientOptions options)
    {
        using var attempts = new ClientAttempts(url, options);
        while (true)
        {
            ClientTokens.Prepare(attempts);
            if (Upgrade(ClientPath.Connect(attempts.Url, attempts.Options), attempts) is { } webSocket)
            {
                return webSocket;
            }
        }
    }

    public static async ValueTask<WebSocket> ConnectAsync(Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        using var attempts = new ClientAttempts(url, options);
        while (true)
        {
            await ClientTokens.PrepareAsync(attempts, cancellationToken).ConfigureAwait(false);
            ClientLink link = await ClientPath.ConnectAsync(attempts.Url, attempts.Options, cancellationToken).ConfigureAwait(false);
            if (await UpgradeAsync(link, attempts, cancellationToken).ConfigureAwait(false) is { } webSocket)
            {
                return webSocket;
            }
        }
    }

    // Of a connection that is given, there is no other one to go on with.
    public static WebSocket Upgrade(Stream stream, Uri url, ClientOptions options)
    {
        using var attempts = new ClientAttempts(url, options);
        ClientTokens.Prepare(attempts);
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options);
        using var opening = new ClientOpeningDriver(attempts, isOnly: true);
        return opening.Connect(transport, watchdog) ?? throw attempts.GetFailure();
    }

    public static async ValueTask<WebSocket> UpgradeAsync(Stream stream, Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        using var attempts = new ClientAttempts(url, options);
        await ClientTokens.PrepareAsync(attempts, cancellationToken).ConfigureAwait(false);
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options, cancellationToken);
        using var opening = new ClientOpeningDriver(attempts, isOnly: true);
        return await opening.ConnectAsync(transport, watchdog, cancellationToken).ConfigureAwait(false) ?? throw attempts.GetFailure();
    }

    public static WebSocket Upgrade(Socket socket, Uri url, ClientOptions options)
    {
        using var attempts = new ClientAttempts(url, options);
        ClientTokens.Prepare(attempts);
        return Upgrade(new ClientLink(socket), attempts, isOnly: true) ?? throw attempts.GetFailure();
    }

    public static async ValueTask<WebSocket> UpgradeAsync(Socket socket, Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        using var attempts = new ClientAttempts(url, options);
        await ClientTokens.PrepareAsync(attempts, cancellationToken).ConfigureAwait(false);
        return await UpgradeAsync(new ClientLink(socket), attempts, cancellationToken, isOnly: true).ConfigureAwait(false) ?? throw attempts.GetFailure();
    }

    // Null when another connection is needed for the next request.
    private static WebSocket? Upgrade(ClientLink link, ClientAttempts attempts, bool isOnly = false)
    {
        (Uri url, ClientOptions options) = (attempts.Url, attempts.Options);
        Transport transport = Open(link, url, options, out SslStream? tls, out TlsCarrier? carrier);
        using var watchdog = new OpeningWatchdog(transport, options);
        try
        {
            tls?.AuthenticateAsClient(ClientTls.For(options.Tls, HandshakeUri.HostOf(url)));
        }
        catch (Exception exception)
        {
            // The server's fault, or that of the options and their callbacks, which may throw whatever they like.
            throw ExplainTls(watchdog, exception, url, carrier!);
        }

        using var opening = new ClientOpeningDriver(attempts, isOnly);
        return opening.Connect(transport, watchdog);
    }

    private static async ValueTask<WebSocket?> UpgradeAsync(ClientLink link, ClientAttempts attempts, CancellationToken cancellationToken, bool isOnly = false)
    {
        (Uri url, ClientOptions options) = (attempts.Url, attempts.Options);
        Transport transport = Open(link, url, options, out SslStream? tls, out TlsCarrier? carrier);
        using var watchdog = new OpeningWatchdog(transport, options, cancellationToken);
        try
        {
            if (tls is not null)
            {
                await tls.AuthenticateAsClientAsync(ClientTls.For(options.Tls, HandshakeUri.HostOf(url)), CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // As above.
            cancellationToken.ThrowIfCancellationRequested();
            throw ExplainTls(watchdog, exception, url, carrier!);
        }

        using var opening = new ClientOpeningDriver(attempts, isOnly);
        return await opening.ConnectAsync(transport, watchdog, cancellationToken).ConfigureAwait(false);
    }

    private static HandshakeException ExplainTls(OpeningWatchdog watchdog, Exception cause, Uri url, TlsCarrier carrier) => WrongScheme.IsHttpResponse(carrier.Beginning)
        ? OpeningWatchdog.AnsweredPlainly(HandshakeUri.HostOf(url), cause)
        : watchdog.ExplainTls(cause, $"TLS with {HandshakeUri.HostOf(url)}");

    private static Transport Open(ClientLink link, Uri url, ClientOptions options, out SslStream? tls, out TlsCarrier? carrier)
    {
        (Socket socket, SslStream? proxyTls) = link;
        tls = null;
        carrier = null;
        try
        {
            if (!HandshakeUri.IsSecure(url))
            {
                return proxyTls is null ? new SocketTransport(socket, options.SendTimeout) : new StreamTransport(proxyTls, options.SendTimeout, options.TimeProvider, socket);
            }

            if (socket.ProtocolType == ProtocolType.Tcp)
            {
                socket.NoDelay = true;
            }

            carrier = new TlsCarrier(proxyTls ?? (Stream)new NetworkStream(socket, ownsSocket: true));
            tls = new SslStream(carrier);
            return new StreamTransport(tls, options.SendTimeout, options.TimeProvider, socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
