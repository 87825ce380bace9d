using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wspy.Tests.Transports;

/// <summary>Self-signed certificates.</summary>
internal static class Certificates
{
    private static readonly Lazy<X509Certificate2> Shared = new(static () => Create("localhost"));

    /// <summary>For localhost and the loopback addresses, made once per run.</summary>
    public static X509Certificate2 Localhost => Shared.Value;

    public static X509Certificate2 Create(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }
}
