using System.Security.Claims;

namespace Wspy;

/// <summary>A token that whoever bears it may use (RFC 6750): for <c>wss</c>.</summary>
/// <remarks>Safe from any thread, as the validator must be.</remarks>
public sealed class BearerScheme : AuthenticationScheme
{
    private readonly Func<string, AuthenticationVerdict> _validate;

    /// <summary>Asks a callback for the user of a token.</summary>
    /// <param name="validate">Returns <see langword="null"/> when the token is not valid: <c>invalid_token</c>.</param>
    public BearerScheme(Func<string, ClaimsPrincipal?> validate)
    {
        ArgumentNullException.ThrowIfNull(validate);
        _validate = token => AuthenticationVerdict.Of(validate(token));
    }

    /// <summary>Asks a callback for a verdict about a token, which may be pending, or <see cref="InsufficientScope"/>.</summary>
    public BearerScheme(Func<string, AuthenticationVerdict> validate)
    {
        ArgumentNullException.ThrowIfNull(validate);
        _validate = validate;
    }

    /// <inheritdoc/>
    public override string Name => "Bearer";

    /// <summary>The token is expired, revoked or wrong: 401 (RFC 6750 §3.1).</summary>
    /// <param name="description">For the client's developers, ASCII without quotes and backslashes; <see langword="null"/> for none.</param>
    public static AuthenticationVerdict InvalidToken(string? description = null) => AuthenticationVerdict.Refuse(Error("invalid_token", description));

    /// <summary>The token does not give the right to connect: 403 (RFC 6750 §3.1).</summary>
    /// <param name="scope">What would, separated by spaces.</param>
    public static AuthenticationVerdict InsufficientScope(string? scope = null) =>
        AuthenticationVerdict.Forbid([.. Error("insufficient_scope", null), .. scope is null ? [] : new[] { new AuthenticationParameter("scope", scope) }]);

    /// <inheritdoc/>
    public override AuthenticationVerdict Judge(AuthenticationAttempt attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);

        // RFC 6750 §3.1: a request that is malformed is 400.
        return attempt.Credentials?.Token is { } token ? _validate(token) : AuthenticationVerdict.Malformed(Error("invalid_request", null));
    }

    /// <inheritdoc/>
    public override IEnumerable<AuthenticationFields> CreateChallenges(AuthenticationAttempt attempt, AuthenticationVerdict? verdict)
    {
        // RFC 6750 §3.1: who sent no token at all is told of no error.
        bool isBare = verdict is { Outcome: AuthenticationOutcome.Refused, Parameters.Count: 0 };
        return base.CreateChallenges(attempt, isBare ? InvalidToken() : verdict);
    }

    private static AuthenticationParameter[] Error(string error, string? description) =>
        description is null
            ? [new AuthenticationParameter("error", error)]
            : [new AuthenticationParameter("error", error), new AuthenticationParameter("error_description", description)];
}
