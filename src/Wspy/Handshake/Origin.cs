using System.Text;

namespace Wspy.Handshake;

/// <summary>A serialised origin (RFC 6454 §6.2): <c>scheme://host[:port]</c>, with the default port of its scheme understood.</summary>
internal readonly ref struct Origin
{
    private Origin(ReadOnlySpan<byte> scheme, HttpAuthority authority)
    {
        Scheme = scheme;
        Authority = authority;
    }

    public ReadOnlySpan<byte> Scheme { get; }

    public HttpAuthority Authority { get; }

    /// <summary>The port that the scheme means where none is written, or -1.</summary>
    public int DefaultPort =>
        Is("http"u8) || Is("ws"u8) ? 80 : Is("https"u8) || Is("wss"u8) ? 443 : -1;

    /// <summary>Whether pages of this origin come by HTTP.</summary>
    public bool IsHttp => Is("http"u8) || Is("https"u8);

    public static bool TryParse(ReadOnlySpan<byte> text, out Origin origin)
    {
        origin = default;
        int colon = text.IndexOf("://"u8);
        if (colon <= 0 || !IsScheme(text[..colon]) || !HttpAuthority.TryParse(text[(colon + 3)..], out HttpAuthority authority))
        {
            return false;
        }

        origin = new Origin(text[..colon], authority);
        return true;
    }

    /// <summary>RFC 6454 §5: same scheme, host and port.</summary>
    public bool Equals(Origin other) =>
        Is(other.Scheme) && Authority.Equals(other.Authority, DefaultPort);

    private bool Is(ReadOnlySpan<byte> scheme) => Ascii.EqualsIgnoreCase(Scheme, scheme);

    /// <summary>RFC 3986 §3.1: a letter, then letters, digits, plus, minus and dot.</summary>
    private static bool IsScheme(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b is not ((byte)'+' or (byte)'-' or (byte)'.'))
            {
                return false;
            }
        }

        return char.IsAsciiLetter((char)text[0]);
    }
}
