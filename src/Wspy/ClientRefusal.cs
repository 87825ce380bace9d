using Wspy.Handshake;

namespace Wspy;

/// <summary>What a client's user can do about an answer that is no upgrade, where the status alone does not say it.</summary>
internal static class ClientRefusal
{
    // Only these are repeated: what else a server calls a scheme is its own text.
    private static readonly string[] Known = ["Digest", "Basic", "Bearer"];

    /// <summary>A sentence that says more than the status; null when there is none.</summary>
    public static HandshakeFailure? Explain(HttpResponseHead? response, ClientAuthentication? authentication, ClientOptions options) => response?.StatusCode switch
    {
        401 => Describe(401, $"it asks for credentials{Schemes(response)}, and {Tried(authentication, options)}"),
        301 or 302 or 303 or 307 or 308 when options.MaxRedirects == 0 =>
            Describe(response.StatusCode, $"it redirects, and {nameof(ClientOptions.MaxRedirects)} is 0"),
        _ => null,
    };

    private static HandshakeFailure Describe(int status, string why) =>
        new(HandshakeViolation.UnexpectedStatus, $"The server answered with status {status}, not 101 (RFC 6455 §4.1): {why}.");

    private static string Schemes(HttpResponseHead response)
    {
        IReadOnlyList<AuthenticationFields> challenges = AuthenticationFields.ParseChallenges(response.Headers.GetValues("WWW-Authenticate"));
        string[] names = [.. Known.Where(name => challenges.Any(challenge => challenge.Is(name)))];
        return names.Length > 0 ? $" ({string.Join(", ", names)})" : challenges.Count > 0 ? " of a scheme that is not known here" : "";
    }

    private static string Tried(ClientAuthentication? authentication, ClientOptions options) =>
        authentication?.Sent is { } scheme ? $"did not take those that were sent by {scheme}"
        : options.Headers?.Contains("Authorization") == true ? $"did not take those of {nameof(ClientOptions.Headers)}"
        : authentication is null ? $"there are none: {nameof(ClientOptions.Credentials)}, {nameof(ClientOptions.BearerToken)}, or name and password in the URL"
        : $"{nameof(ClientOptions.Credentials)} or {nameof(ClientOptions.BearerToken)} had none for this URL and these schemes";
}
