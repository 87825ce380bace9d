using System.Globalization;
using System.Security.Claims;
using System.Security.Principal;
using System.Text;
using Wspy.Handshake;

namespace Wspy;

/// <summary>Name and password, of which only hashes are sent (RFC 7616), with <c>qop=auth</c>.</summary>
/// <remarks>
/// Nonces are of this object alone: clients of several servers in a cluster need one more round when they come to another one. Safe
/// from any thread, as the callbacks must be.
/// </remarks>
public sealed class DigestScheme : AuthenticationScheme
{
    /// <summary>Used nonces that are remembered, 200 bytes each or so.</summary>
    private const int MaxNonces = 10_000;

    private readonly Func<string, string, DigestAlgorithm, string?> _findSecret;
    private DigestNonces _nonces = new(TimeSpan.FromMinutes(5), MaxNonces);

    /// <summary>Asks a callback for the password of a user.</summary>
    /// <param name="findPassword">Gets a name, and returns <see langword="null"/> when nobody has it.</param>
    public DigestScheme(Func<string, string?> findPassword)
    {
        ArgumentNullException.ThrowIfNull(findPassword);
        _findSecret = (name, realm, algorithm) =>
        {
            // Who is unknown takes as long as who is known.
            string? password = findPassword(name);
            string secret = DigestHash.Secret(algorithm, DigestHash.ToWire(name), DigestHash.ToWire(realm), DigestHash.ToWire(password ?? ""));
            return password is null ? null : secret;
        };
    }

    /// <summary>Asks a callback for the hash of <c>name:realm:password</c>, so that passwords need not be stored.</summary>
    /// <param name="findSecret">Gets name, realm and algorithm, and returns hexadecimal digits, or <see langword="null"/> when nobody has that name.</param>
    public DigestScheme(Func<string, string, DigestAlgorithm, string?> findSecret)
    {
        ArgumentNullException.ThrowIfNull(findSecret);
        _findSecret = findSecret;
    }

    /// <inheritdoc/>
    public override string Name => "Digest";

    /// <summary>The algorithms that are offered, the preferred one first.</summary>
    /// <value>Default SHA-256 and MD5.</value>
    /// <exception cref="ArgumentException">There is none, or one twice.</exception>
    public IReadOnlyList<DigestAlgorithm> Algorithms
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count == 0 || value.Distinct().Count() != value.Count)
            {
                throw new ArgumentException("Algorithms holds none, or one twice.", nameof(Algorithms));
            }

            field = [.. value];
        }
    } = [DigestAlgorithm.Sha256, DigestAlgorithm.Md5];

    /// <summary>How long a nonce may be used; later it is answered with <c>stale=true</c> and a new one.</summary>
    /// <value>Default 5 minutes.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public TimeSpan NonceLifetime
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(NonceLifetime));
            field = value;
            _nonces = new DigestNonces(value, MaxNonces);
        }
    } = TimeSpan.FromMinutes(5);

    /// <summary>Finds the name behind a hash of <c>name:realm</c> in hexadecimal digits (RFC 7616 §3.4.4), for clients that hide it.</summary>
    /// <value>Default <see langword="null"/>: <c>userhash</c> is not offered.</value>
    public Func<string, DigestAlgorithm, string?>? FindUserByHash { get; init; }

    /// <inheritdoc/>
    public override AuthenticationVerdict Judge(AuthenticationAttempt attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        if (attempt.Credentials is not { } given || !TryReadName(given, out string name, out bool isHash)
            || given["nonce"] is not { } nonce || given["cnonce"] is not { Length: > 0 } clientNonce || given["uri"] is not { } uri
            || given["response"] is not { } response || given["realm"] is not { } realm
            || given["nc"] is not { Length: 8 } digits || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint count)
            || !"auth".Equals(given["qop"], StringComparison.OrdinalIgnoreCase)
            || !DigestHash.TryParse(given["algorithm"], out DigestAlgorithm algorithm, out bool isSession)
            || uri != attempt.Request.Target)
        {
            // RFC 7616 §3.4.6: what is missing, or is about another target, is 400.
            return AuthenticationVerdict.Malformed();
        }

        if (isSession || !Algorithms.Contains(algorithm) || realm != DigestHash.ToWire(attempt.Realm))
        {
            return AuthenticationVerdict.Refuse();
        }

        string? user = isHash ? FindUserByHash?.Invoke(name, algorithm) : name;
        string? secret = user is null ? null : _findSecret(user, attempt.Realm, algorithm);

        // Who is unknown takes as long as who is known.
        string expected = DigestHash.Response(algorithm, secret ?? nonce, nonce, digits, clientNonce, attempt.Request.Method, uri);
        if (!Secrets.Match(response, expected) | secret is null)
        {
            return AuthenticationVerdict.Refuse();
        }

        // RFC 7616 §3.3: stale only with the right password; and so is a count that was used before, for who repeats it may be an eavesdropper.
        return _nonces.TryUse(nonce, count, attempt.Now)
            ? AuthenticationVerdict.Accept(new ClaimsPrincipal(new GenericIdentity(user!, Name)))
            : AuthenticationVerdict.Stale();
    }

    /// <inheritdoc/>
    public override IEnumerable<AuthenticationFields> CreateChallenges(AuthenticationAttempt attempt, AuthenticationVerdict? verdict)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        string nonce = _nonces.Issue(attempt.Now);
        return Algorithms.Select(algorithm => new AuthenticationFields(
            Name,
            [
                new AuthenticationParameter("realm", attempt.Realm),
                new AuthenticationParameter("qop", "auth"),
                new AuthenticationParameter("algorithm", DigestHash.NameOf(algorithm), IsQuoted: false),
                new AuthenticationParameter("nonce", nonce),
                new AuthenticationParameter("charset", "UTF-8", IsQuoted: false),
                .. FindUserByHash is null ? [] : new[] { new AuthenticationParameter("userhash", "true", IsQuoted: false) },
                .. verdict?.Parameters ?? [],
            ]));
    }

    // RFC 7616 §3.4: username, or username* of RFC 8187 with UTF-8; not both, and the latter with no userhash.
    private static bool TryReadName(AuthenticationFields given, out string name, out bool isHash)
    {
        isHash = "true".Equals(given["userhash"], StringComparison.OrdinalIgnoreCase);
        string? plain = given["username"];
        string? extended = given["username*"];
        name = "";
        if ((plain is null) == (extended is null) || (extended is not null && isHash))
        {
            return false;
        }

        const string Utf8 = "UTF-8''";
        if (extended is not null)
        {
            if (!extended.StartsWith(Utf8, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            name = Uri.UnescapeDataString(extended[Utf8.Length..]);
            return true;
        }

        name = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(plain!));
        return true;
    }
}
