using System.Net;
using System.Text;

namespace Wspy.Handshake;

/// <summary>Where a proxy is to connect to.</summary>
/// <param name="Host">A name in ASCII, or the text of an address without brackets.</param>
/// <param name="Port">1–65535.</param>
/// <param name="Address">The address, where the host is one or was looked up.</param>
internal readonly record struct ProxyTarget(string Host, int Port, IPAddress? Address)
{
    /// <summary>The server of a URL.</summary>
    /// <exception cref="ArgumentException">Its host cannot be sent.</exception>
    public static ProxyTarget Of(Uri url)
    {
        var target = new ProxyTarget(url.IdnHost, url.Port, IPAddress.TryParse(url.IdnHost, out IPAddress? address) ? address : null);

        // Uri lets nothing through that could end the line; this is the last gate before the wire.
        return HttpAuthority.TryParse(Encoding.UTF8.GetBytes(target.ToString()), out _)
            ? target
            : throw new ArgumentException("The URI has a host that cannot be sent to a proxy.", nameof(url));
    }

    /// <summary>Whether the address is one of IPv6, which some protocols have no place for.</summary>
    public bool IsIPv6 => Address is { } address && address.GetAddressBytes().Length == 16;

    /// <summary>Host and port, an IPv6 address in brackets (RFC 9110 §7.2); a zone means nothing to the other side.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host.Split('%')[0]}]:{Port}" : $"{Host}:{Port}";
}
