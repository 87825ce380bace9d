using System.Security.Claims;
using System.Security.Principal;
using System.Text;

namespace Wspy;

/// <summary>Name and password, readable by whoever reads the connection (RFC 7617): for <c>wss</c>.</summary>
/// <remarks>Safe from any thread, as the validator must be.</remarks>
public sealed class BasicScheme : AuthenticationScheme
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly Func<string, string, AuthenticationVerdict> _validate;

    /// <summary>Asks a callback for the user with a name and password.</summary>
    /// <param name="validate">Returns <see langword="null"/> when there is none. <see cref="Secrets.Match"/> compares in fixed time.</param>
    public BasicScheme(Func<string, string, ClaimsPrincipal?> validate)
    {
        ArgumentNullException.ThrowIfNull(validate);
        _validate = (name, password) => AuthenticationVerdict.Of(validate(name, password));
    }

    /// <summary>Asks a callback for a verdict about a name and password, which may be pending.</summary>
    public BasicScheme(Func<string, string, AuthenticationVerdict> validate)
    {
        ArgumentNullException.ThrowIfNull(validate);
        _validate = validate;
    }

    /// <summary>Knows the passwords itself.</summary>
    /// <param name="passwords">By names; copied.</param>
    public BasicScheme(IReadOnlyDictionary<string, string> passwords)
    {
        ArgumentNullException.ThrowIfNull(passwords);
        var copy = new Dictionary<string, string>(passwords, StringComparer.Ordinal);
        _validate = (name, password) =>
        {
            // Who is unknown takes as long as who is known.
            bool isKnown = copy.TryGetValue(name, out string? expected);
            return Secrets.Match(password, expected ?? "") & isKnown ? AuthenticationVerdict.Accept(CreateUser(name)) : AuthenticationVerdict.Refuse();
        };
    }

    /// <inheritdoc/>
    public override string Name => "Basic";

    /// <inheritdoc/>
    public override AuthenticationVerdict Judge(AuthenticationAttempt attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        return TryDecode(attempt.Credentials?.Token, out string name, out string password) ? _validate(name, password) : AuthenticationVerdict.Malformed();
    }

    /// <inheritdoc/>
    public override IEnumerable<AuthenticationFields> CreateChallenges(AuthenticationAttempt attempt, AuthenticationVerdict? verdict)
    {
        ArgumentNullException.ThrowIfNull(attempt);

        // RFC 7617 §2.1
        return [new AuthenticationFields(Name, [new AuthenticationParameter("realm", attempt.Realm), new AuthenticationParameter("charset", "UTF-8"), .. verdict?.Parameters ?? []])];
    }

    /// <summary>RFC 7617 §2: base64 of <c>name:password</c>; the first colon divides, and there are no control characters.</summary>
    internal static bool TryDecode(string? token, out string name, out string password)
    {
        name = password = "";
        byte[] bytes = new byte[token?.Length ?? 0];
        if (token is null || !Convert.TryFromBase64String(token, bytes, out int count))
        {
            return false;
        }

        string text;
        try
        {
            text = StrictUtf8.GetString(bytes, 0, count);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || text.Any(char.IsControl))
        {
            return false;
        }

        name = text[..colon];
        password = text[(colon + 1)..];
        return true;
    }

    private static ClaimsPrincipal CreateUser(string name) => new(new GenericIdentity(name, "Basic"));
}
