using Wspy.Extensions;

namespace Wspy.Handshake;

/// <summary>What a client says and asks for in an opening handshake (RFC 6455 §4.1).</summary>
/// <remarks>Values are judged when they are set, and lists and headers are copied. Immutable, and safe from any thread.</remarks>
public sealed record ClientHandshakeOptions
{
    /// <summary>The subprotocols that the client would speak, the preferred one first (RFC 6455 §1.9).</summary>
    /// <value>None by default.</value>
    /// <exception cref="ArgumentException">A name is no token or is there twice.</exception>
    public IReadOnlyList<string> Subprotocols { get; init => field = SubprotocolList.Validate(value, nameof(Subprotocols)); } = [];

    /// <summary>The extensions that the client offers, the preferred one first (RFC 6455 §9.1). Those with a claim in common are alternatives.</summary>
    /// <value>None by default.</value>
    /// <exception cref="ArgumentException">One is <see langword="null"/> or is there twice.</exception>
    public IReadOnlyList<Extension> Extensions { get; init => field = ExtensionList.Copy(value, nameof(Extensions)); } = [];

    /// <summary>The origin on whose behalf the client connects: <c>https://example.com</c>, or <c>null</c> as text (RFC 6455 §4.1).</summary>
    /// <value><see langword="null"/> by default: the header is not sent, as by any client that is no browser.</value>
    /// <exception cref="ArgumentException">The value is no origin.</exception>
    public string? Origin
    {
        get;
        init
        {
            if (value is not null && !OriginPolicy.IsValid(value))
            {
                throw new ArgumentException("Origin is no origin: write scheme://host[:port], or null (RFC 6454 §6.2).", nameof(Origin));
            }

            field = value;
        }
    }

    /// <summary>Headers to be sent as well, such as cookies. One Host header may be among them, and goes in the place of the URI's host.</summary>
    /// <value>None by default.</value>
    /// <exception cref="ArgumentException">A header belongs to the handshake itself or has an option of its own, or Host is there twice or malformed.</exception>
    public HttpHeaders? Headers { get; init => field = HandshakeHeaders.CopyForRequest(value, nameof(Headers)); }

    /// <summary>The largest head of a response in bytes.</summary>
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

    /// <summary>The largest number of header lines in a response.</summary>
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
}
