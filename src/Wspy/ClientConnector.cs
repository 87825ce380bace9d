using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
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
            if (Upgrade(ConnectSocket(attempts.Url, attempts.Options), attempts) is { } webSocket)
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
            Socket socket = await ConnectSocketAsync(attempts.Url, attempts.Options, cancellationToken).ConfigureAwait(false);
            if (await UpgradeAsync(socket, attempts, cancellationToken).ConfigureAwait(false) is { } webSocket)
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
        using var opening = new ClientOpeningDriver(attempts);
        return opening.Connect(transport, watchdog) ?? throw attempts.GetFailure();
    }

    public static async ValueTask<WebSocket> UpgradeAsync(Stream stream, Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        using var attempts = new ClientAttempts(url, options);
        await ClientTokens.PrepareAsync(attempts, cancellationToken).ConfigureAwait(false);
        var transport = new StreamTransport(stream, options.SendTimeout, options.TimeProvider);
        using var watchdog = new OpeningWatchdog(transport, options, cancellationToken);
        using var opening = new ClientOpeningDriver(attempts);
        return await opening.ConnectAsync(transport, watchdog, cancellationToken).ConfigureAwait(false) ?? throw attempts.GetFailure();
    }

    public static WebSocket Upgrade(Socket socket, Uri url, ClientOptions options)
    {
        using var attempts = new ClientAttempts(url, options);
        ClientTokens.Prepare(attempts);
        return Upgrade(socket, attempts) ?? throw attempts.GetFailure();
    }

    public static async ValueTask<WebSocket> UpgradeAsync(Socket socket, Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        using var attempts = new ClientAttempts(url, options);
        await ClientTokens.PrepareAsync(attempts, cancellationToken).ConfigureAwait(false);
        return await UpgradeAsync(socket, attempts, cancellationToken).ConfigureAwait(false) ?? throw attempts.GetFailure();
    }

    // The user's options are theirs: what is filled in goes into a copy.
    public static SslClientAuthenticationOptions TlsOptions(Uri url, ClientOptions options) =>
        options.Tls is { TargetHost.Length: > 0 } given ? given : CopyTls(options.Tls, url.IdnHost);

    public static SslClientAuthenticationOptions CopyTls(SslClientAuthenticationOptions? given, string targetHost)
    {
        var copy = new SslClientAuthenticationOptions
        {
            TargetHost = targetHost,
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

    // Null when another connection is needed for the next request.
    private static WebSocket? Upgrade(Socket socket, ClientAttempts attempts)
    {
        (Uri url, ClientOptions options) = (attempts.Url, attempts.Options);
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

        using var opening = new ClientOpeningDriver(attempts);
        return opening.Connect(transport, watchdog);
    }

    private static async ValueTask<WebSocket?> UpgradeAsync(Socket socket, ClientAttempts attempts, CancellationToken cancellationToken)
    {
        (Uri url, ClientOptions options) = (attempts.Url, attempts.Options);
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

        using var opening = new ClientOpeningDriver(attempts);
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
