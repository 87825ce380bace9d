using System.Net;
using Wspy.Handshake;

namespace Wspy;

/// <summary>A client's cookies (RFC 6265): what goes with a request, and what an answer sets.</summary>
/// <remarks>There are none over Unix-domain sockets: all of them call themselves localhost, and cookies of one would be told to the others.</remarks>
internal static class ClientCookies
{
    /// <summary>What the container has for a URL, as the value of a Cookie header; empty for nothing.</summary>
    public static string Get(CookieContainer? cookies, Uri url) => cookies is null || HandshakeUri.IsUnix(url) ? "" : cookies.GetCookieHeader(ToHttp(url));

    /// <summary>Puts the cookies of an answer into the container, which judges their domains and paths and keeps its own limits.</summary>
    public static void Store(CookieContainer cookies, Uri url, HttpReceivedHeaders headers)
    {
        if (HandshakeUri.IsUnix(url))
        {
            return;
        }

        foreach (string value in headers.GetValues("Set-Cookie"))
        {
            try
            {
                cookies.SetCookies(ToHttp(url), value);
            }
            catch (CookieException)
            {
                // RFC 6265 §5.2: what is malformed, or for another domain, is ignored.
            }
        }
    }

    // The container knows web pages only: what is Secure goes with https (RFC 6265 §5.4).
    private static Uri ToHttp(Uri url) => new UriBuilder(url) { Scheme = HandshakeUri.IsSecure(url) ? "https" : "http", Port = url.Port, UserName = "", Password = "" }.Uri;
}
