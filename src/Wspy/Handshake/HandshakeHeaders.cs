using System.Text;

namespace Wspy.Handshake;

/// <summary>The headers that belong to the handshake itself, and that a user's may therefore not repeat.</summary>
internal static class HandshakeHeaders
{
    /// <summary>RFC 6455 §11.3, and those of HTTP that say what becomes of the connection.</summary>
    private static readonly string[] Reserved = ["Connection", "Content-Length", "Trailer", "Transfer-Encoding", "Upgrade"];

    public static bool IsReserved(string name) =>
        name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase) || Reserved.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ArgumentException">A header is reserved.</exception>
    public static void ThrowIfReserved(HttpHeaders headers, string parameter)
    {
        foreach (KeyValuePair<string, string> header in headers)
        {
            if (IsReserved(header.Key))
            {
                throw new ArgumentException($"{parameter} holds {header.Key}, which the opening handshake writes itself (RFC 6455 §4).", parameter);
            }
        }
    }

    /// <summary>A copy of a user's headers for a request.</summary>
    /// <exception cref="ArgumentException">A header is reserved or has an option of its own, or Host is there twice or malformed.</exception>
    public static HttpHeaders? CopyForRequest(HttpHeaders? headers, string property)
    {
        if (headers is null)
        {
            return null;
        }

        ThrowIfReserved(headers, property);
        if (headers.Contains("Origin"))
        {
            throw new ArgumentException($"{property} holds Origin, which has an option of its own.", property);
        }

        IReadOnlyList<string> hosts = headers.GetValues("Host");
        if (hosts.Count > 1 || (hosts.Count == 1 && !HttpAuthority.TryParse(Encoding.Latin1.GetBytes(hosts[0]), out _)))
        {
            throw new ArgumentException($"{property} holds a Host that is not one host[:port] (RFC 9112 §3.2).", property);
        }

        var copy = new HttpHeaders();
        foreach (KeyValuePair<string, string> header in headers)
        {
            copy.Add(header.Key, header.Value);
        }

        return copy;
    }
}
