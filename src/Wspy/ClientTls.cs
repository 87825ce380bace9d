using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Wspy;

/// <summary>The platform's TLS options, with the name that the certificate must have.</summary>
internal static class ClientTls
{
    /// <summary>What the user has given, or a copy with the host: the user's options are theirs.</summary>
    public static SslClientAuthenticationOptions For(SslClientAuthenticationOptions? given, string host) => given is { TargetHost.Length: > 0 } ? given : Copy(given, host);

    /// <summary>A copy for another origin: what is trusted stays, whom to expect and who this client is does not.</summary>
    public static SslClientAuthenticationOptions ForOther(SslClientAuthenticationOptions given)
    {
        // A callback that selects a certificate stays: it is told for whom.
        SslClientAuthenticationOptions copy = Copy(given, host: null);
        copy.ClientCertificates = null;
        copy.ClientCertificateContext = null;
        return copy;
    }

    private static SslClientAuthenticationOptions Copy(SslClientAuthenticationOptions? given, string? host)
    {
        var copy = new SslClientAuthenticationOptions
        {
            TargetHost = host,
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
}
