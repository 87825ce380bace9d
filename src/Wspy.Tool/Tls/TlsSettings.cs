using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wspy.Tool.Tls;

/// <summary>What the command line says of TLS for what listens.</summary>
internal sealed record TlsSettings
{
    public bool IsOn { get; init; }

    /// <value>null for the development certificate of this user.</value>
    public FileInfo? File { get; init; }

    public string? Password { get; init; }

    /// <summary>The certificate to serve with.</summary>
    /// <returns>It, to be disposed; null without TLS. And, of the development certificate, the file that others may trust.</returns>
    /// <exception cref="CryptographicException">The file cannot be opened.</exception>
    public (X509Certificate2? Certificate, string? PublicFile) Load()
    {
        if (!IsOn)
        {
            return (null, null);
        }

        if (File is not null)
        {
            return (X509CertificateLoader.LoadPkcs12FromFile(File.FullName, Password), null);
        }

        var development = new DevelopmentCertificate(DevelopmentCertificate.DefaultFolder);
        return (development.GetOrCreate(TimeProvider.System), development.PublicFile);
    }

    /// <summary>Why <see cref="Load"/> has failed, in a line.</summary>
    public string Explain(CryptographicException error) => File is null
        ? error.Message
        : $"{File} is no PKCS #12 file that can be opened{(Password is null ? " without --tls-password" : " with this password")}: {error.Message}";
}
