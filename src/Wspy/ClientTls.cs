using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Wspy;

/// <summary>The platform's TLS options, with the name that the certificate must have.</summary>
internal static class ClientTls
{
    /// <summary>What the user has given, or a copy with the host: the user's options are theirs.</summary>
    public static SslClientAuthenticationOptions For(SslClientAuthenticationOptions? given, string host)
    {
        if (given is { TargetHost.Length: > 0 })
        {
            return given;
        }

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
