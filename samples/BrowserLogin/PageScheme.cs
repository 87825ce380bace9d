using System.Security.Claims;
using System.Security.Principal;
using System.Web;
using Wspy;

namespace BrowserLogin;

/// <summary>Lets a page in by what the request for the upgrade can carry: a cookie, or a ticket in the query.</summary>
public sealed class PageScheme(Tokens sessions, Tokens tickets) : AuthenticationScheme
{
    public override string Name => "Page";

    public static string? SessionOf(HttpRequestHead request) => request.Headers.GetValues("Cookie")
        .SelectMany(line => line.Split(';', StringSplitOptions.TrimEntries))
        .FirstOrDefault(cookie => cookie.StartsWith("session=", StringComparison.Ordinal))?["session=".Length..];

    // No page can set an Authorization header for a WebSocket.
    public override AuthenticationVerdict Judge(AuthenticationAttempt attempt) => AuthenticationVerdict.Malformed();

    public override AuthenticationVerdict? JudgeRequest(AuthenticationAttempt attempt) => attempt.Request.Path switch
    {
        "/by-cookie" => Verdict(sessions.Find(SessionOf(attempt.Request))),
        "/by-ticket" => Verdict(tickets.Take(HttpUtility.ParseQueryString(attempt.Request.Query)["ticket"])),

        // Anybody: who it is, the first message tells.
        "/by-message" => AuthenticationVerdict.Accept(new ClaimsPrincipal(new ClaimsIdentity())),
        _ => null,
    };

    private static AuthenticationVerdict Verdict(string? name) =>
        name is null ? AuthenticationVerdict.Refuse() : AuthenticationVerdict.Accept(new ClaimsPrincipal(new GenericIdentity(name)));
}
