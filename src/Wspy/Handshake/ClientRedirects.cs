namespace Wspy.Handshake;

/// <summary>Where a client goes that is sent elsewhere (RFC 9110 §15.4), and when it has been sent around enough.</summary>
/// <remarks>One opening, with all of its requests; not thread-safe.</remarks>
internal sealed class ClientRedirects
{
    /// <summary>The longest Location that is followed. RFC 9110 §4.1: 8,000 octets are what everybody should be able to take.</summary>
    private const int MaxLocationLength = 8000;

    /// <summary>What a message shows of one URL; the rest would be the server's to fill logs with.</summary>
    private const int MaxShownLength = 100;

    private readonly int _limit;
    private readonly bool _allowsInsecure;
    private readonly List<Uri> _chain = [];
    private readonly HashSet<string> _requests = new(StringComparer.Ordinal);

    /// <param name="limit">How many redirects are followed.</param>
    /// <param name="allowsInsecure">Whether one may lead from wss to ws.</param>
    public ClientRedirects(int limit, bool allowsInsecure)
    {
        _limit = limit;
        _allowsInsecure = allowsInsecure;
    }

    /// <summary>The URLs that were asked, in their order, without user information.</summary>
    public IReadOnlyList<Uri> Chain => _chain;

    /// <summary>The statuses that send a GET elsewhere; 300, 304 and 305 want something else.</summary>
    public static bool IsRedirect(int statusCode) => statusCode is 301 or 302 or 303 or 307 or 308;

    /// <summary>Notes a request that is about to be made.</summary>
    /// <param name="url">Whom it is for.</param>
    /// <param name="secrets">What else the server may tell requests apart by: cookies and credentials.</param>
    /// <returns>A failure when the very same request was made before.</returns>
    public HandshakeFailure? Add(Uri url, string secrets)
    {
        if (!_requests.Add($"{url.AbsoluteUri}\n{secrets}"))
        {
            return Refuse(HandshakeViolation.TooManyRedirects, "The server redirects in a circle", [.. _chain, url]);
        }

        _chain.Add(url);
        return null;
    }

    /// <summary>Resolves the Location of a redirect against the URL that was asked (RFC 3986 §5).</summary>
    /// <param name="response">An answer whose status is a redirect.</param>
    /// <param name="url">Where to go, as ws or wss, without a fragment; from a Unix-domain socket the same one.</param>
    /// <returns>Why it is not followed; null when it is.</returns>
    public HandshakeFailure? Resolve(HttpResponseHead response, out Uri? url)
    {
        url = null;
        Uri current = _chain[^1];
        Uri asked = HandshakeUri.IsUnix(current) ? HandshakeUri.ToTcp(current) : current;
        IReadOnlyList<string> locations = response.Headers.GetValues("Location");
        if (locations.Count != 1 || !TryResolve(asked, locations[0], out Uri? next))
        {
            return Refuse(HandshakeViolation.InvalidRedirect, "The server redirects with a Location that is no one URL to connect to (RFC 9110 §10.2.2)");
        }

        if (HandshakeUri.IsSecure(asked) && !HandshakeUri.IsSecure(next!) && !_allowsInsecure)
        {
            return Refuse(HandshakeViolation.InsecureRedirect, "The server redirects from wss to ws, which only AllowInsecureRedirects allows");
        }

        if (HandshakeUri.IsUnix(current))
        {
            // Whoever may listen there was not asked for a way into the network, nor anybody in the network for one to a socket.
            next = HandshakeUri.IsSameOrigin(asked, next!) ? HandshakeUri.WithTarget(current, next!.PathAndQuery) : null;
            if (next is null)
            {
                return Refuse(HandshakeViolation.InvalidRedirect, "The server redirects away from its Unix-domain socket, which is not followed");
            }
        }

        if (_chain.Count > _limit)
        {
            return Refuse(HandshakeViolation.TooManyRedirects, $"The server redirects more often than {_limit} times (MaxRedirects)");
        }

        url = next;
        return null;
    }

    private static bool TryResolve(Uri current, string location, out Uri? next)
    {
        next = null;

        // What RFC 3986 has no place for, and the backslash, which some read as a slash: where that leads is not certain.
        if (location.Length is 0 or > MaxLocationLength || location.AsSpan().ContainsAnyExceptInRange('\x21', '\x7E') || location.Contains('\\', StringComparison.Ordinal))
        {
            return false;
        }

        // RFC 9110 §4.2.4: user information in it is there to mislead. A fragment is for a browser's window.
        int fragment = location.IndexOf('#', StringComparison.Ordinal);
        if (!Uri.TryCreate(current, fragment < 0 ? location : location[..fragment], out Uri? resolved) || resolved.Scheme is not ("ws" or "wss" or "http" or "https") || resolved.UserInfo.Length > 0)
        {
            return false;
        }

        string scheme = HandshakeUri.IsSecure(resolved) ? "wss" : "ws";
        string host = resolved.HostNameType == UriHostNameType.IPv6 ? resolved.Host : resolved.IdnHost;
        return Uri.TryCreate($"{scheme}://{host}:{resolved.Port}{resolved.PathAndQuery}", UriKind.Absolute, out next) && HandshakeUri.IsSendable(next);
    }

    private HandshakeFailure Refuse(HandshakeViolation reason, string what) => Refuse(reason, what, _chain);

    private static HandshakeFailure Refuse(HandshakeViolation reason, string what, List<Uri> chain) => new(reason, $"{what}: {string.Join(" → ", chain.Select(Show))}.");

    // Without the query, which may hold a token.
    private static string Show(Uri url)
    {
        string shown = url.GetLeftPart(UriPartial.Path);
        return shown.Length <= MaxShownLength ? shown : $"{shown[..MaxShownLength]}…";
    }
}
