using Wspy.Extensions;

namespace Wspy.Handshake;

/// <summary>What a server asks of an opening handshake (RFC 6455 §4.2).</summary>
/// <remarks>
/// Values are judged when they are set, and lists are copied. Immutable, and safe from any thread; make one and share it
/// between all handshakes.
/// </remarks>
public sealed record ServerHandshakeOptions
{
    /// <summary>The subprotocols that the server speaks (RFC 6455 §1.9). Of those the client asks for, its first one that is here is chosen.</summary>
    /// <value>None by default.</value>
    /// <exception cref="ArgumentException">A name is no token or is there twice.</exception>
    public IReadOnlyList<string> Subprotocols { get; init => field = SubprotocolList.Validate(value, nameof(Subprotocols)); } = [];

    /// <summary>
    /// Chooses the subprotocol instead of <see cref="Subprotocols"/>: gets the request and what the client asks for, in its order of
    /// preference, and returns one of these, or <see langword="null"/> for none. Called when the client asks for any.
    /// </summary>
    /// <value><see langword="null"/> by default.</value>
    public Func<HttpRequestHead, IReadOnlyList<string>, string?>? SubprotocolSelector { get; init; }

    /// <summary>
    /// The extensions that the server speaks (RFC 6455 §9.1). Of what the client offers, in its order, each is taken that an extension here
    /// accepts and that claims no reserved bit or opcode of one taken before.
    /// </summary>
    /// <value>None by default.</value>
    /// <exception cref="ArgumentException">One is <see langword="null"/> or is there twice.</exception>
    public IReadOnlyList<Extension> Extensions { get; init => field = ExtensionList.Copy(value, nameof(Extensions)); } = [];

    /// <summary>
    /// The origins whose pages may connect (RFC 6455 §10.2): <c>https://example.com</c>, <c>null</c> for pages without origin, <c>*</c> for any.
    /// Case does not count in scheme and host, and the scheme's default port is understood.
    /// </summary>
    /// <value>
    /// <see langword="null"/> by default: a page must come from the host that it connects to. That host is the request's own, so a server behind a
    /// proxy that changes the Host header lists its origins. Clients that are no browsers need not name an origin: see <see cref="RequireOrigin"/>.
    /// A name that an attacker lets point to this server (DNS rebinding) passes as its own host; list origins, or hosts in
    /// <see cref="AllowedLocations"/>, where that matters.
    /// </value>
    /// <exception cref="ArgumentException">One is no origin.</exception>
    public IReadOnlyList<string>? AllowedOrigins
    {
        get;
        init
        {
            field = value is null ? null : [.. value];
            OriginPolicy = field is null ? OriginPolicy.SameHost : OriginPolicy.Create(field, nameof(AllowedOrigins));
        }
    }

    /// <summary>Whether a request without Origin header is refused.</summary>
    /// <value>False by default: only browsers send it.</value>
    public bool RequireOrigin { get; init; }

    /// <summary>
    /// What the server serves, else 404 (RFC 6455 §4.2.2): paths such as <c>/chat</c>, of any host, or <c>ws://host[:port]/path</c> and
    /// <c>wss://…</c>, of that one. The query does not count. Paths are compared as they are sent, without percent-decoding, and with case.
    /// </summary>
    /// <value><see langword="null"/> by default: everything is served.</value>
    /// <exception cref="ArgumentException">One is no location.</exception>
    public IReadOnlyList<string>? AllowedLocations
    {
        get;
        init
        {
            field = value is null ? null : [.. value];
            LocationPolicy = field is null ? null : new LocationPolicy(field, nameof(AllowedLocations));
        }
    }

    /// <summary>The largest request head in bytes.</summary>
    /// <value>16,384 bytes by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxHeadSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(MaxHeadSize));
            field = value;
        }
    }

    = HttpHeadParser.DefaultMaxHeadSize;

    /// <summary>The largest number of header lines in a request.</summary>
    /// <value>100 by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int MaxHeaderCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(MaxHeaderCount));
            field = value;
        }
    }

    = HttpHeadParser.DefaultMaxHeaderCount;

    internal OriginPolicy OriginPolicy { get; private init; } = OriginPolicy.SameHost;

    internal LocationPolicy? LocationPolicy { get; private init; }
}
