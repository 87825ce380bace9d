namespace Wspy;

/// <summary>A way in which clients prove who they are to a server (RFC 9110 §11): derive for one of your own.</summary>
/// <remarks>One object serves all connections of a server, so its members must be safe from any thread.</remarks>
public abstract class AuthenticationScheme
{
    /// <summary>The name in challenges and credentials: <c>Basic</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Judges credentials of this scheme.</summary>
    /// <param name="attempt">With <see cref="AuthenticationAttempt.Credentials"/> of this scheme's name.</param>
    public abstract AuthenticationVerdict Judge(AuthenticationAttempt attempt);

    /// <summary>Judges a request without Authorization header, by a cookie or by its query.</summary>
    /// <returns><see langword="null"/> when this scheme has nothing to say of it, as by default.</returns>
    public virtual AuthenticationVerdict? JudgeRequest(AuthenticationAttempt attempt) => null;

    /// <summary>The challenges of an answer (RFC 9110 §11.6.1), the preferred one first: by default one with the realm.</summary>
    /// <param name="attempt">What is answered.</param>
    /// <param name="verdict">What this scheme said of it; <see langword="null"/> if it did not judge it.</param>
    public virtual IEnumerable<AuthenticationFields> CreateChallenges(AuthenticationAttempt attempt, AuthenticationVerdict? verdict)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        return [new AuthenticationFields(Name, [new AuthenticationParameter("realm", attempt.Realm), .. verdict?.Parameters ?? []])];
    }
}
