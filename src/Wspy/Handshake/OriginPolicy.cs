using System.Text;

namespace Wspy.Handshake;

/// <summary>Which origins may open a WebSocket (RFC 6455 §10.2): a browser names the page's, and cannot be made to lie.</summary>
internal sealed class OriginPolicy
{
    /// <summary>The default: an origin, if there is one, must be that of the host that is asked.</summary>
    public static readonly OriginPolicy SameHost = new([], any: false, sameHost: true);

    private readonly byte[][] _allowed;
    private readonly bool _any;
    private readonly bool _sameHost;

    private OriginPolicy(byte[][] allowed, bool any, bool sameHost) => (_allowed, _any, _sameHost) = (allowed, any, sameHost);

    /// <exception cref="ArgumentException">One is neither an origin nor <c>null</c> nor <c>*</c>.</exception>
    public static OriginPolicy Create(IReadOnlyList<string> origins, string property)
    {
        for (int i = 0; i < origins.Count; i++)
        {
            if (origins[i] is not "*" && !IsValid(origins[i]))
            {
                throw new ArgumentException($"{property}[{i}] is no origin: write scheme://host[:port], null, or * for any (RFC 6454 §6.2).", property);
            }
        }

        return new OriginPolicy([.. from origin in origins select Encoding.ASCII.GetBytes(origin)], origins.Contains("*"), sameHost: false);
    }

    /// <summary>Whether a text is what a client may send as its origin: <c>null</c>, or <c>scheme://host[:port]</c> and nothing after.</summary>
    public static bool IsValid(string? origin) =>
        origin is "null" || (origin is not null && Origin.TryParse(Encoding.UTF8.GetBytes(origin), out _));

    /// <param name="value">The header's value.</param>
    /// <param name="host">The host that the request is for.</param>
    public bool Allows(ReadOnlySpan<byte> value, HttpAuthority host)
    {
        if (_any)
        {
            return true;
        }

        if (!Origin.TryParse(value, out Origin origin))
        {
            return value.SequenceEqual("null"u8) && _allowed.Any(allowed => allowed.AsSpan().SequenceEqual("null"u8));
        }

        // The port that a Host header leaves out is that of the connection; a page is of the same host when it is its scheme's, too.
        if (_sameHost)
        {
            return origin.IsHttp && origin.Authority.Equals(host, origin.DefaultPort);
        }

        foreach (byte[] allowed in _allowed)
        {
            if (Origin.TryParse(allowed, out Origin other) && origin.Equals(other))
            {
                return true;
            }
        }

        return false;
    }
}
