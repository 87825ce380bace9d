using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
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
                return Upgrade(ConnectSocket(url, options), url, options, opening);
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
                Socket socket = await ConnectSocketAsync(url, options, cancellationToken).ConfigureAwait(false);
                return await UpgradeAsync(socket, url, options, opening, cancellationToken).ConfigureAwait(false);
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
        return Upgrade(socket, url, options, opening);
    }

    public static async ValueTask<WebSocket> UpgradeAsync(Socket socket, Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        using var opening = ClientOpeningDriver.Prepare(url, options, await ClientTokens.BeginAsync(url, options, cancellationToken).ConfigureAwait(false));
        return await UpgradeAsync(socket, url, options, opening, cancellationToken).ConfigureAwait(false);
    }

    // The user's options are theirs: what is filled in goes into a copy.
    public static SslClientAuthenticationOptions TlsOptions(Uri url, ClientOptions options)
    {
        SslClientAuthenticationOptions? given = options.Tls;
        if (given is { TargetHost.Length: > 0 })
        {
            return given;
        }

        var copy = new SslClientAuthenticationOptions
        {
            TargetHost = url.IdnHost,
            AllowRenegotiation = given?.AllowRenegotiation ?? false,
            AllowTlsResume = given?.AllowTlsResume ?? true,
            ApplicationProtocols = given?.ApplicationProtocols,
            CertificateChainPolicy = given?.CertificateChainPolicy,
            CertificateRevocationCheckMode = given?.CertificateRevocationCheckMode ?? X509RevocationMode.NoCheck,
            CipherSuitesPolicy = given?.CipherSuitesPolicy,
            ClientCertificateContext = given?.ClientCertificateContext,
            ClientCertificates = given?.ClientCertificates,
            EnabledSslProtocols = given?.EnabledSslProtocols ?? SslProtocols.None,
            EncryptionPolicy = given?.EncryptionPolicy ?? EncryptionPolicy.RequireEncryption,
            LocalCertificateSelectionCallback = given?.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = given?.RemoteCertificateValidationCallback,
        };
        if (given is not null && (OperatingSystem.IsLinux() || OperatingSystem.IsWindows()))
        {
            copy.AllowRsaPkcs1Padding = given.AllowRsaPkcs1Padding;
            copy.AllowRsaPssPadding = given.AllowRsaPssPadding;
        }

        return copy;
    }

    private static WebSocket Upgrade(Socket socket, Uri url, ClientOptions options, ClientOpeningDriver opening)
    {
        Transport transport = Open(socket, url, options, out SslStream? tls, out TlsCarrier? carrier);
        using var watchdog = new OpeningWatchdog(transport, options);
        try
        {
            tls?.AuthenticateAsClient(TlsOptions(url, options));
        }
        catch (Exception exception)
        {
            // The server's fault, or that of the options and their callbacks, which may throw whatever they like.
            throw ExplainTls(watchdog, exception, url, carrier!);
        }

        return opening.Connect(transport, watchdog);
    }

    private static async ValueTask<WebSocket> UpgradeAsync(Socket socket, Uri url, ClientOptions options, ClientOpeningDriver opening, CancellationToken cancellationToken)
    {
        Transport transport = Open(socket, url, options, out SslStream? tls, out TlsCarrier? carrier);
        using var watchdog = new OpeningWatchdog(transport, options, cancellationToken);
        try
        {
            if (tls is not null)
            {
                await tls.AuthenticateAsClientAsync(TlsOptions(url, options), CancellationToken.None).ConfigureAwait(false);
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

    private static Socket ConnectSocket(Uri url, ClientOptions options)
    {
        Socket socket = NewSocket();
        bool timedOut = false;
        try
        {
            using ITimer timer = options.TimeProvider.CreateTimer(
                _ =>
                {
                    timedOut = true;
                    socket.Dispose();
                },
                null,
                options.ConnectTimeout,
                Timeout.InfiniteTimeSpan);
            socket.Connect(url.IdnHost, url.Port);
            return socket;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (timedOut)
            {
                throw ConnectTimedOut(url, options, exception);
            }

            throw;
        }
    }

    private static async ValueTask<Socket> ConnectSocketAsync(Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        Socket socket = NewSocket();
        try
        {
            using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            await socket.ConnectAsync(url.IdnHost, url.Port, either.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw ConnectTimedOut(url, options, exception);
            }

            throw;
        }
    }

    private static Socket NewSocket() => new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static HandshakeException ExplainTls(OpeningWatchdog watchdog, Exception cause, Uri url, TlsCarrier carrier) =>
        WrongScheme.IsHttpResponse(carrier.Beginning) ? OpeningWatchdog.AnsweredPlainly(url.Host, cause) : watchdog.ExplainTls(cause, $"TLS with {url.Host}");

    private static Transport Open(Socket socket, Uri url, ClientOptions options, out SslStream? tls, out TlsCarrier? carrier)
    {
        tls = null;
        carrier = null;
        try
        {
            if (url.Scheme is not ("wss" or "https"))
            {
                return new SocketTransport(socket, options.SendTimeout);
            }

            socket.NoDelay = true;
            carrier = new TlsCarrier(new NetworkStream(socket, ownsSocket: true));
            tls = new SslStream(carrier);
            return new StreamTransport(tls, options.SendTimeout, options.TimeProvider, socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static TimeoutException ConnectTimedOut(Uri url, ClientOptions options, Exception? cause = null) =>
        new($"No connection to {url.Host}:{url.Port} within {options.ConnectTimeout.TotalSeconds:0.###} s ({nameof(ClientOptions.ConnectTimeout)}).", cause);
}
