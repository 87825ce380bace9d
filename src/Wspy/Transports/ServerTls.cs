using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Wspy.Transports;

/// <summary>A server's TLS handshake, with options that are fixed or chosen for each client.</summary>
internal static class ServerTls
{
    /// <summary>Begins the handshake.</summary>
    /// <param name="tls">Where.</param>
    /// <param name="options">For all; null if there is a selection.</param>
    /// <param name="selection">Chooses for each, and goes before the options.</param>
    public static Task AuthenticateAsync(SslStream tls, SslServerAuthenticationOptions? options, ServerOptionsSelectionCallback? selection) =>
        selection is null ? tls.AuthenticateAsServerAsync(options!, CancellationToken.None) : tls.AuthenticateAsServerAsync(selection, null, CancellationToken.None);

    /// <summary>Blocks until the handshake is complete.</summary>
    /// <inheritdoc cref="AuthenticateAsync"/>
    public static void Authenticate(SslStream tls, SslServerAuthenticationOptions? options, ServerOptionsSelectionCallback? selection)
    {
        if (selection is null)
        {
            tls.AuthenticateAsServer(options!);
        }
        else
        {
            // Complete already, unless the application's selection waits for something.
            tls.AuthenticateAsServerAsync(selection, null, CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    /// <summary>What a handshake has agreed on.</summary>
    public static TlsDetails Describe(SslStream tls) => new()
    {
        Protocol = tls.SslProtocol,
        CipherSuite = tls.NegotiatedCipherSuite.ToString(),
        ServerName = tls.TargetHostName,
        ApplicationProtocol = tls.NegotiatedApplicationProtocol.ToString(),
        ClientCertificate = tls.RemoteCertificate as X509Certificate2,
    };
}
