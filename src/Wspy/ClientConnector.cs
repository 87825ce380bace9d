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
        ClientAuthentication? authentication = ClientTokens.Begin(url, options);
        while (true)
        {
            using var opening = ClientOpeningDriver.Prepare(url, options, authentication);
            try
            {
                return Upgrade(ClientPath.Connect(url, options), url, options, opening);
            }
            catch (HandshakeException) when (opening.IsToBeRepeated)
            {
                // The server ended the connection with its challenge; the answer goes over another one.
                if (authentication!.NeedsToken)
                {
                    ClientTokens.Get(authentication, options);
                }
            }
        }
    }

    public static async ValueTask<WebSocket> ConnectAsync(Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        ClientAuthentication? authentication = await ClientTokens.BeginAsync(url, options, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            using var opening = ClientOpeningDriver.Prepare(url, options, authentication);
            try
            {
                ClientLink link = await ClientPath.ConnectAsync(url, options, cancellationToken).ConfigureAwait(false);
                return await UpgradeAsync(link, url, options, opening, cancellationToken).ConfigureAwait(false);
            }
            catch (HandshakeException) when (opening.IsToBeRepeated)
            {
                // As above.
                if (authentication!.NeedsToken)
                {
                    await ClientTokens.GetAsync(authentication, options, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    public static WebSocket Upgrade(Stream stream, Uri url, ClientOptions options)
    {
        using var opening = ClientOpeningDriver.Prepare(url, options, ClientTokens.Begin(url, options));
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options);
        return opening.Connect(transport, watchdog);
    }

    public static async ValueTask<WebSocket> UpgradeAsync(Stream stream, Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        using var opening = ClientOpeningDriver.Prepare(url, options, await ClientTokens.BeginAsync(url, options, cancellationToken).ConfigureAwait(false));
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options, cancellationToken);
        return await opening.ConnectAsync(transport, watchdog, cancellationToken).ConfigureAwait(false);
    }

    public static WebSocket Upgrade(Socket socket, Uri url, ClientOptions options)
    {
        using var opening = ClientOpeningDriver.Prepare(url, options, ClientTokens.Begin(url, options));
        return Upgrade(new ClientLink(socket), url, options, opening);
    }

    public static async ValueTask<WebSocket> UpgradeAsync(Socket socket, Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        using var opening = ClientOpeningDriver.Prepare(url, options, await ClientTokens.BeginAsync(url, options, cancellationToken).ConfigureAwait(false));
        return await UpgradeAsync(new ClientLink(socket), url, options, opening, cancellationToken).ConfigureAwait(false);
    }

    private static WebSocket Upgrade(ClientLink link, Uri url, ClientOptions options, ClientOpeningDriver opening)
    {
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

        return opening.Connect(transport, watchdog);
    }

    private static async ValueTask<WebSocket> UpgradeAsync(ClientLink link, Uri url, ClientOptions options, ClientOpeningDriver opening, CancellationToken cancellationToken)
    {
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
