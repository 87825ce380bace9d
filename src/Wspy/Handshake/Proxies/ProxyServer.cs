using System.Net;
using System.Text;

namespace Wspy.Handshake;

/// <summary>A proxy: what it speaks, where it is, and who this client is to it.</summary>
/// <remarks>Immutable. Its text never shows the user information of its URI.</remarks>
internal sealed class ProxyServer
{
    /// <summary>The port that SOCKS was given (RFC 1928 §3).</summary>
    private const int SocksPort = 1080;

    private readonly ICredentials? _credentials;

    private ProxyServer(ProxyKind kind, Uri uri, ICredentials? credentials)
    {
        Kind = kind;
        Host = uri.IdnHost;
        Port = uri.Port > 0 ? uri.Port : SocksPort;
        IsSecure = uri.Scheme == "https";
        _credentials = ClientAuthentication.FromUserInfo(uri.UserInfo) ?? credentials;
        Uri = uri.UserInfo.Length == 0 ? uri : new UriBuilder(uri) { UserName = "", Password = "" }.Uri;
    }

    public ProxyKind Kind { get; }

    /// <summary>Without user information.</summary>
    public Uri Uri { get; }

    public string Host { get; }

    public int Port { get; }

    /// <summary>Whether TLS is spoken with the proxy itself.</summary>
    public bool IsSecure { get; }

    /// <summary>Whether it must be given an IPv4 address, looked up here, in the place of a name.</summary>
    public bool NeedsAddress => Kind == ProxyKind.Socks4;

    /// <summary>Reads a proxy's URI.</summary>
    /// <param name="uri">Scheme http, https, socks5, socks5h, socks4a or socks4; its user information goes before the credentials.</param>
    /// <param name="credentials">Of the proxy.</param>
    /// <returns>Null when its scheme is not known, or it has no host.</returns>
    public static ProxyServer? Create(Uri uri, ICredentials? credentials)
    {
        ProxyKind? kind = !uri.IsAbsoluteUri || uri.Host.Length == 0 ? null : uri.Scheme switch
        {
            "http" or "https" => ProxyKind.Http,
            "socks5" or "socks5h" => ProxyKind.Socks5,
            "socks4a" => ProxyKind.Socks4a,
            "socks4" => ProxyKind.Socks4,
            _ => null,
        };
        return kind is { } known ? new ProxyServer(known, uri, credentials) : null;
    }

    /// <summary>Begins to ask it for a connection.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="authentication">Of an HTTP proxy, over all attempts (<see cref="CreateAuthentication"/>).</param>
    /// <param name="maxHeadSize">The largest head of an HTTP proxy's answer.</param>
    /// <param name="maxHeaderCount">The largest number of headers in it.</param>
    public ProxyTunnel CreateTunnel(ProxyTarget target, ClientAuthentication? authentication, int maxHeadSize, int maxHeaderCount) => Kind switch
    {
        ProxyKind.Http => new ConnectTunnel(this, target, authentication, maxHeadSize, maxHeaderCount),
        ProxyKind.Socks5 => new Socks5Tunnel(this, target, Find()),
        _ => new Socks4Tunnel(this, target, Find()),
    };

    /// <summary>The answers to an HTTP proxy's challenges; null for other proxies.</summary>
    public ClientAuthentication? CreateAuthentication(ProxyTarget target, AuthenticationSession session)
    {
        if (Kind != ProxyKind.Http || _credentials is null)
        {
            return null;
        }

        ClientAuthentication authentication = ClientAuthentication.ForProxy(Uri, target.ToString(), _credentials, session);
        authentication.Begin(preemptiveBasic: false);
        return authentication;
    }

    /// <summary>Whether it can be asked for that, with these credentials; else why not.</summary>
    public ProxyRefusal? Judge(ProxyTarget target)
    {
        if (Kind == ProxyKind.Http)
        {
            return null;
        }

        if (Kind == ProxyKind.Socks5)
        {
            // RFC 1928 §5 and RFC 1929 §2: one byte for each length.
            bool fits = Encoding.UTF8.GetByteCount(target.Host) <= byte.MaxValue
                && (Find() is not { } user || (Encoding.UTF8.GetByteCount(user.UserName) <= byte.MaxValue && Encoding.UTF8.GetByteCount(user.Password) <= byte.MaxValue));
            return fits ? null : new ProxyRefusal(ProxyFailure.InvalidSettings, "SOCKS5 has room for 255 bytes of host, of user name and of password (RFC 1928, RFC 1929).");
        }

        if (target.IsIPv6)
        {
            return new ProxyRefusal(ProxyFailure.InvalidSettings, $"SOCKS4 knows no IPv6 address such as that of {target}; use a socks5 proxy.");
        }

        return Find() is { } credential && (credential.UserName.Contains('\0', StringComparison.Ordinal) || credential.UserName.Length > byte.MaxValue)
            ? new ProxyRefusal(ProxyFailure.InvalidSettings, "The user name for SOCKS4 has more than 255 characters or a NUL, which would end it.")
            : null;
    }

    /// <summary>Such as <c>proxy http://proxy.example:3128</c>, without user information.</summary>
    public override string ToString() => $"proxy {Uri.Scheme}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";

    // Credentials for SOCKS have no scheme of their own; the URI's is asked for first, as the platform does.
    private NetworkCredential? Find()
    {
        NetworkCredential? found = _credentials?.GetCredential(Uri, Uri.Scheme) ?? _credentials?.GetCredential(Uri, "Basic");
        return found is { UserName.Length: > 0 } ? found : null;
    }
}

/// <summary>What a proxy speaks.</summary>
internal enum ProxyKind
{
    Http,
    Socks5,
    Socks4a,
    Socks4,
}
