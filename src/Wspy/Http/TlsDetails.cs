using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Wspy;

/// <summary>What was agreed on in the TLS handshake below a request.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public sealed record TlsDetails
{
    /// <summary>The version of TLS.</summary>
    public SslProtocols Protocol { get; init; }

    /// <summary>The cipher suite by its name in the registry, such as <c>TLS_AES_256_GCM_SHA384</c>.</summary>
    public string CipherSuite { get; init; } = "";

    /// <summary>The host that the client asked for (SNI, RFC 6066 §3); empty when it named none, as with an IP address.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>What ALPN (RFC 7301) agreed on, such as <c>http/1.1</c>; empty without ALPN.</summary>
    public string ApplicationProtocol { get; init; } = "";

    /// <summary>The client's certificate, valid as far as the server's options judge; <see langword="null"/> when it has sent none. Belongs to whoever asks.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}
