using System.Globalization;
using System.Security.Cryptography;

namespace Wspy.Handshake;

/// <summary>A challenge of Digest that this client can answer (RFC 7616 §3.3).</summary>
/// <remarks>Immutable. Its texts are such that each character is a byte of the wire.</remarks>
internal sealed class DigestChallenge
{
    private readonly AuthenticationFields _fields;

    private DigestChallenge(AuthenticationFields fields, DigestAlgorithm algorithm, bool isSession)
    {
        _fields = fields;
        Algorithm = algorithm;
        IsSession = isSession;

        // RFC 7616 §3.4.2: of a session it is the first one that counts.
        SessionNonce = NewClientNonce();
    }

    public DigestAlgorithm Algorithm { get; }

    public bool IsSession { get; }

    public string SessionNonce { get; }

    public string Nonce => _fields["nonce"]!;

    public string Realm => _fields["realm"]!;

    /// <summary>Whether the password was right and only the nonce too old.</summary>
    public bool IsStale => "true".Equals(_fields["stale"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Null when an algorithm or a quality of protection is asked for that is not known here, or something is missing.</summary>
    public static DigestChallenge? From(AuthenticationFields fields)
    {
        bool offersAuth = fields["qop"]?.Split(',').Any(static qop => qop.Trim(' ', '\t').Equals("auth", StringComparison.OrdinalIgnoreCase)) ?? false;
        return fields.Is("Digest") && offersAuth && fields["nonce"] is not null && fields["realm"] is not null
            && DigestHash.TryParse(fields["algorithm"], out DigestAlgorithm algorithm, out bool isSession)
                ? new DigestChallenge(fields, algorithm, isSession)
                : null;
    }

    public static string NewClientNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>The credentials (RFC 7616 §3.4).</summary>
    public AuthenticationFields Answer(string name, string password, uint count, string clientNonce, string method, string target)
    {
        name = DigestHash.ToWire(name);
        string digits = count.ToString("x8", CultureInfo.InvariantCulture);
        string secret = DigestHash.Secret(Algorithm, name, Realm, DigestHash.ToWire(password));
        if (IsSession)
        {
            secret = DigestHash.SessionSecret(Algorithm, secret, Nonce, SessionNonce);
            clientNonce = SessionNonce;
        }

        bool hidesName = "true".Equals(_fields["userhash"], StringComparison.OrdinalIgnoreCase);
        var parameters = new List<AuthenticationParameter>
        {
            new("username", hidesName ? DigestHash.UserHash(Algorithm, name, Realm) : name),
            new("realm", Realm),
            new("uri", target),
            new("nonce", Nonce),
            new("nc", digits, IsQuoted: false),
            new("cnonce", clientNonce),
            new("qop", "auth", IsQuoted: false),
            new("response", DigestHash.Response(Algorithm, secret, Nonce, digits, clientNonce, method, target)),
        };
        if (_fields["algorithm"] is { } algorithm && HttpGrammar.IsToken(algorithm))
        {
            parameters.Add(new AuthenticationParameter("algorithm", algorithm, IsQuoted: false));
        }

        if (_fields["opaque"] is { } opaque)
        {
            parameters.Add(new AuthenticationParameter("opaque", opaque));
        }

        if (hidesName)
        {
            parameters.Add(new AuthenticationParameter("userhash", "true", IsQuoted: false));
        }

        return new AuthenticationFields("Digest", parameters);
    }
}
