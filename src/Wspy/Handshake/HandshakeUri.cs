using System.Text;

namespace Wspy.Handshake;

/// <summary>What a WebSocket URI (RFC 6455 §3) becomes in a request: its Host header and its target.</summary>
internal static class HandshakeUri
{
    /// <exception cref="ArgumentException">The URI is relative, is of another scheme, or has a fragment.</exception>
    public static (string Host, string Target) Split(Uri uri, string parameter)
    {
        ArgumentNullException.ThrowIfNull(uri, parameter);
        if (!uri.IsAbsoluteUri || uri.Scheme is not ("ws" or "wss" or "http" or "https"))
        {
            throw new ArgumentException("The URI must be absolute, of scheme ws or wss (RFC 6455 §3).", parameter);
        }

        if (uri.OriginalString.Contains('#', StringComparison.Ordinal))
        {
            throw new ArgumentException("The URI has a fragment, which means nothing here; a number sign is written %23 (RFC 6455 §3).", parameter);
        }

        // IdnHost is ASCII but has no brackets around an IPv6 address; Host has them, and its zone is of no use to the other side.
        string host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        string authority = uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
        string target = uri.PathAndQuery;

        // Uri escapes what may not be sent; this is the last gate before the wire.
        if (!HttpTarget.TryParse("GET"u8, Encoding.UTF8.GetBytes(target), out _)
            || !HttpAuthority.TryParse(Encoding.UTF8.GetBytes(authority), out _))
        {
            throw new ArgumentException("The URI has a host or path that cannot be sent.", parameter);
        }

        return (authority, target);
    }
}
