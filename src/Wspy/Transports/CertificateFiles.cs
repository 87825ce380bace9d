using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wspy.Transports;

/// <summary>The files of one certificate, read again when what is in them has changed.</summary>
/// <remarks>Safe from any thread. What is read once stays with the handshakes that use it, until the collector has it.</remarks>
internal sealed class CertificateFiles
{
    private readonly string _certificatePath;
    private readonly string? _keyPath;
    private readonly string? _password;
    private readonly bool _isPkcs12;
    private byte[] _hash = [];
    private volatile SslStreamCertificateContext? _context;

    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file does not hold what it should.</exception>
    public CertificateFiles(string certificatePath, string? keyPath, string? password, bool isPkcs12)
    {
        _certificatePath = Path.GetFullPath(certificatePath);
        _keyPath = keyPath is null ? null : Path.GetFullPath(keyPath);
        _password = password;
        _isPkcs12 = isPkcs12;
        Read();
    }

    public SslStreamCertificateContext Context => _context!;

    public bool Matches(string serverName) => serverName.Length > 0 && Context.TargetCertificate.MatchesHostname(serverName);

    /// <summary>Reads the files; by content, since their times say nothing where a link is switched to another directory.</summary>
    /// <returns>Whether there is another certificate now.</returns>
    public bool Read()
    {
        byte[] certificate = File.ReadAllBytes(_certificatePath);
        byte[] key = _keyPath is null ? certificate : File.ReadAllBytes(_keyPath);
        byte[] hash = [.. SHA256.HashData(certificate), .. SHA256.HashData(key)];
        if (hash.AsSpan().SequenceEqual(_hash))
        {
            return false;
        }

        X509Certificate2Collection chain = [];
        X509Certificate2 own;
        try
        {
            own = _isPkcs12 ? ReadPkcs12(certificate, chain) : ReadPem(certificate, key, chain);
        }
        catch (CryptographicException exception) when (!exception.Message.Contains(_certificatePath, StringComparison.Ordinal))
        {
            // The platform does not say which file it means.
            throw new CryptographicException($"{_certificatePath}{(_keyPath is null ? "" : $" with {_keyPath}")} cannot be used: {exception.Message}", exception);
        }

        _context = SslStreamCertificateContext.Create(own, chain, offline: true);
        _hash = hash;
        return true;
    }

    private X509Certificate2 ReadPkcs12(byte[] bytes, X509Certificate2Collection chain)
    {
        chain.AddRange(X509CertificateLoader.LoadPkcs12Collection(bytes, _password));
        X509Certificate2 own = chain.FirstOrDefault(static certificate => certificate.HasPrivateKey)
            ?? throw new CryptographicException($"{_certificatePath} has no certificate with its private key.");
        chain.Remove(own);
        return own;
    }

    private X509Certificate2 ReadPem(byte[] certificate, byte[] key, X509Certificate2Collection chain)
    {
        string certificatePem = System.Text.Encoding.ASCII.GetString(certificate);
        string keyPem = System.Text.Encoding.ASCII.GetString(key);
        X509Certificate2 own;
        try
        {
            own = _password is null
                ? X509Certificate2.CreateFromPem(certificatePem, keyPem)
                : X509Certificate2.CreateFromEncryptedPem(certificatePem, keyPem, _password);
        }
        catch (ArgumentException exception)
        {
            throw new CryptographicException($"The key of {_certificatePath} is another certificate's: {exception.Message}", exception);
        }

        // Behind the certificate come those that have signed it.
        chain.ImportFromPem(certificatePem);
        chain.RemoveAt(0);
        if (!OperatingSystem.IsWindows())
        {
            return own;
        }

        // Windows takes no key that is in memory alone.
        using (own)
        {
            return X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
        }
    }
}
