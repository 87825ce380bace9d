using System.Text;

namespace Wspy.Handshake;

/// <summary>What a WebSocket URI (RFC 6455 §3) becomes in a request: its Host header and its target.</summary>
/// <remarks>
/// <c>ws+unix:/path/to.sock:/path?query</c> and <c>wss+unix:</c> stand for a Unix-domain socket: its path up to the first colon, and behind it what to
/// ask for. A path that begins with <c>@</c> is a name of Linux's abstract ones. What is no path character, a colon among them, is percent-encoded.
/// </remarks>
internal static class HandshakeUri
{
    /// <summary>The host of a server on a Unix-domain socket.</summary>
    private const string UnixHost = "localhost";

    public static bool IsSecure(Uri uri) => uri.Scheme is "wss" or "https" or "wss+unix";

    public static bool IsUnix(Uri uri) => uri.Scheme is "ws+unix" or "wss+unix";

    /// <summary>The host that a certificate must name.</summary>
    public static string HostOf(Uri uri) => IsUnix(uri) ? UnixHost : uri.IdnHost;

    /// <summary>Whom a URI means, for people.</summary>
    public static string Describe(Uri uri) => IsUnix(uri) ? Uri.UnescapeDataString(uri.AbsolutePath.Split(':')[0]) : $"{uri.Host}:{uri.Port}";

    /// <summary>The path of a Unix-domain socket; for an abstract one its name behind a NUL, as the system has it.</summary>
    /// <exception cref="ArgumentException">There is a host, or no absolute path.</exception>
    public static string UnixPath(Uri uri, string parameter)
    {
        string path = Uri.UnescapeDataString(uri.AbsolutePath.Split(':')[0]);
        if (uri.Host.Length > 0 || path.Length < 2 || path[0] is not ('/' or '@') || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("The URI names no Unix-domain socket; write ws+unix:/path/to.sock:/path, or @name for an abstract one.", parameter);
        }

        return path[0] == '@' ? $"\0{path[1..]}" : path;
    }

    /// <exception cref="ArgumentException">The URI is relative, is of another scheme, or has a fragment.</exception>
    public static (string Host, string Target) Split(Uri uri, string parameter)
    {
        ArgumentNullException.ThrowIfNull(uri, parameter);
        if (!uri.IsAbsoluteUri || uri.Scheme is not ("ws" or "wss" or "http" or "https" or "ws+unix" or "wss+unix"))
        {
            throw new ArgumentException("The URI must be absolute, of scheme ws or wss (RFC 6455 §3).", parameter);
        }

        if (uri.OriginalString.Contains('#', StringComparison.Ordinal))
        {
            throw new ArgumentException("The URI has a fragment, which means nothing here; a number sign is written %23 (RFC 6455 §3).", parameter);
        }

        (string authority, string target) = IsUnix(uri) ? SplitUnix(uri, parameter) : SplitTcp(uri);
        return IsSendable(authority, target) ? (authority, target) : throw new ArgumentException("The URI has a host or path that cannot be sent.", parameter);
    }

    /// <summary>Whether an absolute URI of scheme ws or wss, without a fragment, can be asked for.</summary>
    public static bool IsSendable(Uri uri)
    {
        (string authority, string target) = SplitTcp(uri);
        return IsSendable(authority, target);
    }

    /// <summary>Same scheme, host and port (RFC 6454 §5), or the same Unix-domain socket; http means ws, and https wss.</summary>
    public static bool IsSameOrigin(Uri first, Uri second)
    {
        if (IsSecure(first) != IsSecure(second) || IsUnix(first) != IsUnix(second))
        {
            return false;
        }

        return IsUnix(first)
            ? UnixPath(first, nameof(first)) == UnixPath(second, nameof(second))
            : first.Port == second.Port && first.IdnHost.Equals(second.IdnHost, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What a server on a Unix-domain socket takes itself for: the URI of its Host header.</summary>
    public static Uri ToTcp(Uri unix)
    {
        (string host, string target) = SplitUnix(unix, nameof(unix));
        return new Uri($"{(IsSecure(unix) ? "wss" : "ws")}://{host}{target}");
    }

    /// <summary>The same Unix-domain socket, asked for something else; null when no URI says that.</summary>
    public static Uri? WithTarget(Uri unix, string target)
    {
        string wanted = $"{unix.AbsolutePath.Split(':')[0]}:{target}";

        // A dot segment that is read only now would lead up into the path of the socket.
        return Uri.TryCreate($"{unix.Scheme}:{wanted}", UriKind.Absolute, out Uri? uri) && uri.PathAndQuery == wanted ? uri : null;
    }

    private static bool IsSendable(string authority, string target)
    {
        // Uri escapes what may not be sent; this is the last gate before the wire.
        return HttpTarget.TryParse("GET"u8, Encoding.UTF8.GetBytes(target), out _) && HttpAuthority.TryParse(Encoding.UTF8.GetBytes(authority), out _);
    }

    private static (string Host, string Target) SplitTcp(Uri uri)
    {
        // IdnHost is ASCII but has no brackets around an IPv6 address; Host has them, and its zone is of no use to the other side.
        string host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        return (uri.IsDefaultPort ? host : $"{host}:{uri.Port}", uri.PathAndQuery);
    }

    private static (string Host, string Target) SplitUnix(Uri uri, string parameter)
    {
        UnixPath(uri, parameter);
        int colon = uri.AbsolutePath.IndexOf(':', StringComparison.Ordinal);
        string path = colon < 0 || colon + 1 == uri.AbsolutePath.Length ? "/" : uri.AbsolutePath[(colon + 1)..];
        return path[0] == '/' ? (UnixHost, path + uri.Query) : throw new ArgumentException("What follows the colon behind the Unix-domain socket is no path; it begins with a slash.", parameter);
    }
}
