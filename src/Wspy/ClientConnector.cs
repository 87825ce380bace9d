using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>TCP and TLS below a client's opening handshake.</summary>
internal static class ClientConnector
{
    public static WebSocket Connect(Uri url, ClientOptions options)
    {
        Check(url);
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
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            if (timedOut)
            {
                throw ConnectTimedOut(url, options, exception);
            }

            throw;
        }

        return Upgrade(socket, url, options);
    }

    public static async ValueTask<WebSocket> ConnectAsync(Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        Check(url);
        Socket socket = NewSocket();
        try
        {
            using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            await socket.ConnectAsync(url.IdnHost, url.Port, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw ConnectTimedOut(url, options, exception);
            }

            throw;
        }

        return await UpgradeAsync(socket, url, options, cancellationToken).ConfigureAwait(false);
    }

    public static WebSocket Upgrade(Socket socket, Uri url, ClientOptions options)
    {
        if (!IsSecure(url))
        {
            return ClientOpening.Connect(new SocketTransport(socket, options.SendTimeout), url, options);
        }

        Transport transport = NewTls(socket, options, out SslStream tls);
        using (var watchdog = new OpeningWatchdog(transport, options))
        {
            try
            {
                tls.AuthenticateAsClient(TlsOptions(url, options));
                watchdog.Stop();
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                transport.Dispose();
                throw TlsFailed(url, watchdog, exception);
            }
        }

        return ClientOpening.Connect(transport, url, options);
    }

    public static async ValueTask<WebSocket> UpgradeAsync(Socket socket, Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        if (!IsSecure(url))
        {
            return await ClientOpening.ConnectAsync(new SocketTransport(socket, options.SendTimeout), url, options, cancellationToken).ConfigureAwait(false);
        }

        Transport transport = NewTls(socket, options, out SslStream tls);
        using (var watchdog = new OpeningWatchdog(transport, options, cancellationToken))
        {
            try
            {
                await tls.AuthenticateAsClientAsync(TlsOptions(url, options), CancellationToken.None).ConfigureAwait(false);
                watchdog.Stop();
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                transport.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                throw TlsFailed(url, watchdog, exception);
            }
        }

        return await ClientOpening.ConnectAsync(transport, url, options, cancellationToken).ConfigureAwait(false);
    }

    private static Socket NewSocket() => new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static bool IsSecure(Uri url) => url.Scheme is "wss" or "https";

    // Before anything is connected: the handshake judges the URL.
    private static void Check(Uri url) => HandshakeUri.Split(url, nameof(url));

    private static StreamTransport NewTls(Socket socket, ClientOptions options, out SslStream tls)
    {
        socket.NoDelay = true;
        tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        return new StreamTransport(tls, options.SendTimeout, socket);
    }

    // The user's options are theirs: what is filled in goes into a copy.
    private static SslClientAuthenticationOptions TlsOptions(Uri url, ClientOptions options)
    {
        SslClientAuthenticationOptions? given = options.Tls;
        if (given is { TargetHost.Length: > 0 })
        {
            return given;
        }

        return new SslClientAuthenticationOptions
        {
            TargetHost = url.IdnHost,
            AllowRenegotiation = given?.AllowRenegotiation ?? false,
            AllowTlsResume = given?.AllowTlsResume ?? true,
            ApplicationProtocols = given?.ApplicationProtocols,
            CertificateChainPolicy = given?.CertificateChainPolicy,
            CertificateRevocationCheckMode = given?.CertificateRevocationCheckMode ?? System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
            CipherSuitesPolicy = given?.CipherSuitesPolicy,
            ClientCertificateContext = given?.ClientCertificateContext,
            ClientCertificates = given?.ClientCertificates,
            EnabledSslProtocols = given?.EnabledSslProtocols ?? SslProtocols.None,
            EncryptionPolicy = given?.EncryptionPolicy ?? EncryptionPolicy.RequireEncryption,
            LocalCertificateSelectionCallback = given?.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = given?.RemoteCertificateValidationCallback,
        };
    }

    private static HandshakeException TlsFailed(Uri url, OpeningWatchdog watchdog, Exception cause)
    {
        HandshakeException explained = watchdog.Explain(cause);
        return explained.Reason == HandshakeViolation.TimedOut
            ? explained
            : new HandshakeException(HandshakeViolation.TlsFailed, $"TLS with {url.Host} failed: {cause.Message}", cause);
    }

    private static TimeoutException ConnectTimedOut(Uri url, ClientOptions options, Exception cause) =>
        new($"No connection to {url.Host}:{url.Port} within {options.ConnectTimeout.TotalSeconds:0.###} s ({nameof(ClientOptions.ConnectTimeout)}).", cause);
}
