using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tool.Tls;

namespace Wspy.Tool.Tests.Tls;

public sealed class DevelopmentCertificateTests : IDisposable
{
    private readonly DirectoryInfo _parent = Directory.CreateTempSubdirectory("wspy-certificate-");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly DevelopmentCertificate _development;

    public DevelopmentCertificateTests() => _development = new DevelopmentCertificate(Folder);

    private string Folder => Path.Combine(_parent.FullName, "wspy");

    private string KeyFile => Path.Combine(Folder, "localhost.pfx");

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public void It_names_this_machine_and_nothing_else_and_has_its_key()
    {
        using X509Certificate2 certificate = _development.GetOrCreate(_time);

        Assert.True(certificate.HasPrivateKey);
        foreach (string name in new[] { "localhost", "127.0.0.1", "::1", Dns.GetHostName() })
        {
            Assert.True(certificate.MatchesHostname(name), name);
        }

        Assert.False(certificate.MatchesHostname("example.com"));
        Assert.InRange(certificate.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime, TimeSpan.FromDays(364), TimeSpan.FromDays(398));
        using X509Certificate2 open = X509CertificateLoader.LoadCertificateFromFile(_development.PublicFile);
        Assert.Equal(certificate.Thumbprint, open.Thumbprint);
        Assert.False(open.HasPrivateKey);
    }

    [Fact]
    public void Nobody_else_can_read_the_key()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such rights.");
            return;
        }

        _development.GetOrCreate(_time).Dispose();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(2, Directory.GetFiles(Folder).Length);
    }

    [Fact]
    public void It_is_kept_while_it_is_valid()
    {
        using X509Certificate2 first = _development.GetOrCreate(_time);
        _time.Advance(TimeSpan.FromDays(360));
        using X509Certificate2 second = _development.GetOrCreate(_time);
        _time.Advance(TimeSpan.FromDays(4.5));
        using X509Certificate2 third = _development.GetOrCreate(_time);

        Assert.Equal(first.Thumbprint, second.Thumbprint);
        Assert.NotEqual(first.Thumbprint, third.Thumbprint);
    }

    [Fact]
    public void A_damaged_file_is_replaced()
    {
        using X509Certificate2 first = _development.GetOrCreate(_time);
        File.WriteAllText(KeyFile, "no certificate");
        using X509Certificate2 second = _development.GetOrCreate(_time);

        Assert.NotEqual(first.Thumbprint, second.Thumbprint);
        using X509Certificate2 open = X509CertificateLoader.LoadCertificateFromFile(_development.PublicFile);
        Assert.Equal(second.Thumbprint, open.Thumbprint);
    }
}
