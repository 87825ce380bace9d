using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Text;

namespace Wspy;

/// <summary>A host with an optional port (RFC 3986 §3.2, without user information): of a Host header, a target or an origin.</summary>
internal readonly ref struct HttpAuthority
{
    /// <summary>unreserved, sub-delims and the sign of a percent-encoding: a registered name or an IPv4 address (RFC 3986 §3.2.2).</summary>
    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("-._~!$&'()*+,;=%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> IPv6Bytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    private HttpAuthority(ReadOnlySpan<byte> host, int port)
    {
        Host = host;
        Port = port;
    }

    /// <summary>The host as written, an IPv6 address in its brackets.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>0–65535, or -1 where none is written.</summary>
    public int Port { get; }

    /// <summary>Reads <c>host</c> or <c>host:port</c>; an empty port counts as none (RFC 3986 §3.2.3), an empty host is refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out HttpAuthority authority)
    {
        authority = default;
        int end = text.StartsWith((byte)'[') ? text.IndexOf((byte)']') + 1 : text.IndexOf((byte)':');
        ReadOnlySpan<byte> host = end < 0 ? text : text[..end];
        ReadOnlySpan<byte> rest = end < 0 ? [] : text[end..];
        if (host.IsEmpty || (host[0] == '[' ? !IsIPv6(host[1..^1]) : !IsName(host)) || !TryParsePort(rest, out int port))
        {
            return false;
        }

        authority = new HttpAuthority(host, port);
        return true;
    }

    /// <summary>Whether both name the same host, and the same port where <paramref name="defaultPort"/> stands for one not written.</summary>
    public bool Equals(HttpAuthority other, int defaultPort) =>
        Ascii.EqualsIgnoreCase(Host, other.Host)
        && (Port < 0 ? defaultPort : Port) == (other.Port < 0 ? defaultPort : other.Port);

    private static bool TryParsePort(ReadOnlySpan<byte> rest, out int port)
    {
        port = -1;
        if (rest.Length <= 1)
        {
            return rest.IsEmpty || rest[0] == ':';
        }

        // The digits are checked first, as the parser of numbers would take a sign.
        return rest[0] == ':' && HttpGrammar.IsDigits(rest[1..]) && rest.Length <= 6
            && Utf8Parser.TryParse(rest[1..], out port, out _) && port <= ushort.MaxValue;
    }

    private static bool IsName(ReadOnlySpan<byte> host)
    {
        if (host.ContainsAnyExcept(NameBytes))
        {
            return false;
        }

        for (int percent = host.IndexOf((byte)'%'); percent >= 0; percent = host.IndexOf((byte)'%'))
        {
            if (host.Length < percent + 3 || !char.IsAsciiHexDigit((char)host[percent + 1]) || !char.IsAsciiHexDigit((char)host[percent + 2]))
            {
                return false;
            }

            host = host[(percent + 3)..];
        }

        return true;
    }

    /// <summary>A zone (<c>%eth0</c>) has no meaning for the other side (RFC 6874 §4), so it is refused with all other characters.</summary>
    private static bool IsIPv6(ReadOnlySpan<byte> address)
    {
        Span<char> text = stackalloc char[45]; // eight groups of four, or six and an IPv4 address: the longest that is written
        if (address.Length > text.Length || !address.Contains((byte)':') || address.ContainsAnyExcept(IPv6Bytes))
        {
            return false;
        }

        Encoding.Latin1.GetChars(address, text);
        return IPAddress.TryParse(text[..address.Length], out _);
    }
}
