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

        return TryWrite(uri, out string host, out string target) ? (host, target) : throw new ArgumentException("The URI has a host or path that cannot be sent.", parameter);
    }

    /// <summary>Whether an absolute URI of a right scheme, without a fragment, can be asked for.</summary>
    public static bool IsSendable(Uri uri) => TryWrite(uri, out _, out _);

    private static bool TryWrite(Uri uri, out string authority, out string target)
    {
        // IdnHost is ASCII but has no brackets around an IPv6 address; Host has them, and its zone is of no use to the other side.
        string host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        authority = uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
        target = uri.PathAndQuery;

        // Uri escapes what may not be sent; this is the last gate before the wire.
        return HttpTarget.TryParse("GET"u8, Encoding.UTF8.GetBytes(target), out _) && HttpAuthority.TryParse(Encoding.UTF8.GetBytes(authority), out _);
    }
}
