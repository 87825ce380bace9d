namespace Wspy;

/// <summary>A request to be judged by a scheme.</summary>
/// <remarks>Immutable, and safe from any thread. Nothing in it may go to a log: its headers, and maybe its target, hold secrets.</remarks>
public sealed class AuthenticationAttempt
{
    internal AuthenticationAttempt(HttpRequestHead request, AuthenticationFields? credentials, string realm, TimeSpan now)
    {
        Request = request;
        Credentials = credentials;
        Realm = realm;
        Now = now;
    }

    /// <summary>The head of the request.</summary>
    public HttpRequestHead Request { get; }

    /// <summary>What the Authorization header says; <see langword="null"/> if there is none.</summary>
    public AuthenticationFields? Credentials { get; }

    /// <summary>The realm of the server.</summary>
    public string Realm { get; }

    /// <summary>The time of a clock that only moves forward.</summary>
    public TimeSpan Now { get; }
}
