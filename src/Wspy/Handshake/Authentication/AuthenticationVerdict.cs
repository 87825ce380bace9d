using System.Security.Claims;

namespace Wspy;

/// <summary>What a scheme says of a request.</summary>
public enum AuthenticationOutcome
{
    /// <summary>The client is who it says to be.</summary>
    Accepted,

    /// <summary>The credentials are wrong: 401, with challenges (RFC 9110 §15.5.2).</summary>
    Refused,

    /// <summary>The credentials are right and do not suffice: 403 (RFC 9110 §15.5.4).</summary>
    Forbidden,

    /// <summary>The credentials are malformed: 400.</summary>
    Malformed,

    /// <summary>It is not known yet: see <see cref="PendingVerdict"/>.</summary>
    Pending,
}

/// <summary>What a scheme says of a request, and why.</summary>
/// <remarks>Immutable, and safe from any thread.</remarks>
public sealed class AuthenticationVerdict
{
    private AuthenticationVerdict(AuthenticationOutcome outcome, IEnumerable<AuthenticationParameter> parameters)
    {
        Outcome = outcome;
        Parameters = [.. parameters];
    }

    /// <summary>What is said.</summary>
    public AuthenticationOutcome Outcome { get; }

    /// <summary>Who the client is, when it is accepted.</summary>
    public ClaimsPrincipal? User { get; private init; }

    /// <summary>What the scheme's challenge in the answer says beside its usual parameters, such as <c>error</c> (RFC 6750 §3.1).</summary>
    public IReadOnlyList<AuthenticationParameter> Parameters { get; }

    internal PendingVerdict? PendingVerdict { get; private init; }

    /// <summary>Whether a refusal may have been a guess; an old nonce with the right password is none.</summary>
    internal bool IsGuess { get; private init; } = true;

    /// <summary>The client is who it says to be.</summary>
    public static AuthenticationVerdict Accept(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return new AuthenticationVerdict(AuthenticationOutcome.Accepted, []) { User = user };
    }

    /// <summary>The credentials are wrong: 401. The parameters join those of the scheme's challenge.</summary>
    public static AuthenticationVerdict Refuse(params IEnumerable<AuthenticationParameter> parameters) => new(AuthenticationOutcome.Refused, parameters);

    /// <summary>The credentials are right and do not suffice: 403. With parameters, the scheme's challenge is sent as well.</summary>
    public static AuthenticationVerdict Forbid(params IEnumerable<AuthenticationParameter> parameters) => new(AuthenticationOutcome.Forbidden, parameters);

    /// <summary>The credentials are malformed: 400. With parameters, the scheme's challenge is sent as well.</summary>
    public static AuthenticationVerdict Malformed(params IEnumerable<AuthenticationParameter> parameters) => new(AuthenticationOutcome.Malformed, parameters);

    /// <summary>It is not known yet. The opening handshake goes on when it is, and nothing else waits for it.</summary>
    public static AuthenticationVerdict Pend(PendingVerdict pending)
    {
        ArgumentNullException.ThrowIfNull(pending);
        return new AuthenticationVerdict(AuthenticationOutcome.Pending, []) { PendingVerdict = pending };
    }

    internal static AuthenticationVerdict Of(ClaimsPrincipal? user) => user is null ? Refuse() : Accept(user);

    /// <summary>Right credentials whose nonce is too old or used up: the client shall take the new one (RFC 7616 §3.3).</summary>
    internal static AuthenticationVerdict Stale() =>
        new(AuthenticationOutcome.Refused, [new AuthenticationParameter("stale", "true", IsQuoted: false)]) { IsGuess = false };
}
