using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wspy.Tool.Tls;

/// <summary>A self-signed certificate for this machine's own names, made once and kept in a folder of the user's.</summary>
/// <remarks>The key never leaves the folder, and only the user can read it. One instance per run; not thread-safe, but safe beside other processes.</remarks>
internal sealed class DevelopmentCertificate(string folder)
{
    private const UnixFileMode OnlyTheUser = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Some systems take no certificate that is valid for longer than 398 days.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary>What must be left of it, so that it does not end in the middle of somebody's work.</summary>
    private static readonly TimeSpan LeastLeft = TimeSpan.FromDays(1);

    /// <summary>Such as ~/.config/wspy.</summary>
    public static string DefaultFolder =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "wspy");

    /// <summary>The certificate without its key, for those who are to trust it.</summary>
    public string PublicFile => Path.Combine(folder, "localhost.crt");

    private string KeyFile => Path.Combine(folder, "localhost.pfx");

    /// <summary>The one that is kept, while it is valid and names this host; else a new one.</summary>
    public X509Certificate2 GetOrCreate(TimeProvider time)
    {
        if (Load(time) is { } kept)
        {
            return kept;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OnlyTheUser | UnixFileMode.UserExecute);
        }

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = Create(key, time);
        Replace(KeyFile, made.Export(X509ContentType.Pkcs12));
        Replace(PublicFile, System.Text.Encoding.ASCII.GetBytes(made.ExportCertificatePem() + "\n"));

        // From the file, as the next time: some systems want a key that is stored.
        return X509CertificateLoader.LoadPkcs12FromFile(KeyFile, null);
    }

    private X509Certificate2? Load(TimeProvider time)
    {
        if (!File.Exists(KeyFile) || !File.Exists(PublicFile))
        {
            return null;
        }

        X509Certificate2 kept;
        try
        {
            kept = X509CertificateLoader.LoadPkcs12FromFile(KeyFile, null);
        }
        catch (CryptographicException)
        {
            // Damaged, or not ours: a new one takes its place.
            return null;
        }

        if (kept.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > LeastLeft && kept.MatchesHostname("localhost") && kept.MatchesHostname(Dns.GetHostName()))
        {
            return kept;
        }

        kept.Dispose();
        return null;
    }

    private static X509Certificate2 Create(ECDsa key, TimeProvider time)
    {
        CertificateRequest request = new("CN=localhost, O=Wspy development", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        if (!Dns.GetHostName().Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            names.AddDnsName(Dns.GetHostName());
        }

        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "TLS server")], critical: false));

        // An hour for clocks that are behind.
        DateTimeOffset now = time.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now + Lifetime);
    }

    // Whole or not at all, and never readable for others, not even for a moment.
    private static void Replace(string file, byte[] content)
    {
        string fresh = $"{file}.{Guid.NewGuid():N}";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OnlyTheUser;
        }

        try
        {
            using (FileStream stream = new(fresh, options))
            {
                stream.Write(content);
            }

            File.Move(fresh, file, overwrite: true);
        }
        catch
        {
            File.Delete(fresh);
            throw;
        }
    }
}
