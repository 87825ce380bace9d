using System.Net.Security;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wspy.Transports;

namespace Wspy;

/// <summary>The certificates of a server, chosen by the host that a client asks for (SNI), and read again when their files change: no restart, and no connection is lost.</summary>
/// <remarks>
/// <para>Add the certificates, the default one first, and give <see cref="SelectAsync"/> to <c>ServerOptions.TlsSelection</c>.</para>
/// <para>Safe from any thread. The files are looked at when a client comes, at most once in <see cref="CheckInterval"/>. While what they hold cannot be
/// used (a certificate whose key is not written yet), the one before is used, and <see cref="OnReloadFailed"/> is told.</para>
/// </remarks>
public sealed class ServerCertificates
{
    private readonly SslServerAuthenticationOptions _options;
    private readonly Lock _gate = new();
    private volatile Entry[] _entries = [];
    private long _checked;

    /// <summary>Begins without a certificate.</summary>
    /// <param name="options">
    /// What else holds for all connections, such as client certificates; copied with each certificate. <see langword="null"/> for the platform's defaults. Where they
    /// name no application protocols, <c>http/1.1</c> is agreed on with clients that ask (ALPN).
    /// </param>
    public ServerCertificates(SslServerAuthenticationOptions? options = null)
    {
        _options = options ?? new SslServerAuthenticationOptions();
    }

    /// <summary>How often the files are looked at, at most.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Measures that.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Told when files have changed and cannot be used; on the thread of a client's handshake.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public Action<Exception>? OnReloadFailed { get; init; }

    /// <summary>Adds a certificate in PEM: the server's own first, those that have signed it behind it.</summary>
    /// <param name="certificatePath">The file of the certificate.</param>
    /// <param name="keyPath">The file of its private key; <see langword="null"/> if that is in the same one.</param>
    /// <param name="password">The password of the key; <see langword="null"/> if it has none.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file does not hold what it should, or the key is another one's.</exception>
    public void AddPem(string certificatePath, string? keyPath = null, string? password = null)
    {
        ArgumentNullException.ThrowIfNull(certificatePath);
        Add(new CertificateFiles(certificatePath, keyPath, password, isPkcs12: false));
    }

    /// <summary>Adds a certificate with its key, and those that have signed it, in PKCS #12 (<c>.pfx</c>, <c>.p12</c>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="password">Its password; <see langword="null"/> if it has none.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="CryptographicException">The file does not hold what it should, or the password is wrong.</exception>
    public void AddPkcs12(string path, string? password = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        Add(new CertificateFiles(path, null, password, isPkcs12: true));
    }

    /// <summary>Looks at the files now.</summary>
    /// <exception cref="IOException">A file cannot be read; its certificate stays as it is, and the others are read.</exception>
    /// <exception cref="CryptographicException">A file does not hold what it should; likewise.</exception>
    public void Reload()
    {
        ExceptionDispatchInfo? failure = null;
        lock (_gate)
        {
            foreach (Entry entry in _entries)
            {
                try
                {
                    if (entry.Files.Read())
                    {
                        entry.Options = WithCertificate(entry.Files.Context);
                    }
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    failure ??= ExceptionDispatchInfo.Capture(exception);
                }
            }
        }

        failure?.Throw();
    }

    /// <summary>Chooses for one client: the first certificate that is valid for the host it asks for, else the first of all.</summary>
    /// <param name="stream">Not used.</param>
    /// <param name="hello">What the client asks for.</param>
    /// <param name="state">Not used.</param>
    /// <param name="cancellationToken">Not used: the choice is made at once.</param>
    /// <exception cref="InvalidOperationException">No certificate was added.</exception>
    public ValueTask<SslServerAuthenticationOptions> SelectAsync(SslStream? stream, SslClientHelloInfo hello, object? state, CancellationToken cancellationToken)
    {
        LookAgain();
        Entry[] entries = _entries;
        foreach (Entry entry in entries)
        {
            if (entry.Files.Matches(hello.ServerName))
            {
                return new(entry.Options);
            }
        }

        return entries.Length > 0 ? new(entries[0].Options) : throw new InvalidOperationException("No certificate was added.");
    }

    private void Add(CertificateFiles files)
    {
        lock (_gate)
        {
            _entries = [.. _entries, new Entry(files, WithCertificate(files.Context))];
            Volatile.Write(ref _checked, TimeProvider.GetTimestamp());
        }
    }

    // One client of those that come together looks; the others take what is there.
    private void LookAgain()
    {
        long seen = Volatile.Read(ref _checked);
        if (TimeProvider.GetElapsedTime(seen) < CheckInterval || Interlocked.CompareExchange(ref _checked, TimeProvider.GetTimestamp(), seen) != seen)
        {
            return;
        }

        try
        {
            Reload();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Tell(exception);
        }
    }

    private void Tell(Exception exception)
    {
        try
        {
            OnReloadFailed?.Invoke(exception);
        }
        catch (Exception)
        {
            // The client at hand has nothing to do with it, and the certificate that it gets is the one before.
        }
    }

    private SslServerAuthenticationOptions WithCertificate(SslStreamCertificateContext context)
    {
        var copy = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = context,
            AllowRenegotiation = _options.AllowRenegotiation,
            AllowTlsResume = _options.AllowTlsResume,
            ApplicationProtocols = _options.ApplicationProtocols ?? [SslApplicationProtocol.Http11],
            CertificateChainPolicy = _options.CertificateChainPolicy,
            CertificateRevocationCheckMode = _options.CertificateRevocationCheckMode,
            CipherSuitesPolicy = _options.CipherSuitesPolicy,
            ClientCertificateRequired = _options.ClientCertificateRequired,
            EnabledSslProtocols = _options.EnabledSslProtocols,
            EncryptionPolicy = _options.EncryptionPolicy,
            RemoteCertificateValidationCallback = _options.RemoteCertificateValidationCallback,
        };
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            copy.AllowRsaPkcs1Padding = _options.AllowRsaPkcs1Padding;
            copy.AllowRsaPssPadding = _options.AllowRsaPssPadding;
        }

        return copy;
    }

    private sealed class Entry(CertificateFiles files, SslServerAuthenticationOptions options)
    {
        private volatile SslServerAuthenticationOptions _options = options;

        public CertificateFiles Files => files;

        public SslServerAuthenticationOptions Options
        {
            get => _options;
            set => _options = value;
        }
    }
}
