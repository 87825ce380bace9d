using System.Text;

namespace Wspy;

/// <summary>The parts of a request target (RFC 9112 §3.2), by where they are in its bytes: the path begins where the authority ends, and the query behind its question mark.</summary>
internal readonly record struct HttpTarget(int AuthorityStart, int PathStart, int PathEnd)
{
    public Range Authority => AuthorityStart..PathStart;

    public Range Path => PathStart..PathEnd;

    /// <summary>Whether all of it is an authority, as CONNECT has it: in absolute form a scheme comes before.</summary>
    public bool IsAuthorityForm => AuthorityStart == 0 && PathStart > 0;

    public ReadOnlySpan<byte> Query(ReadOnlySpan<byte> target) => PathEnd < target.Length ? target[(PathEnd + 1)..] : [];

    /// <summary>The form of the target; the authority is that of absolute and authority form, empty in the others.</summary>
    public static bool TryParse(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target, out HttpTarget parts)
    {
        parts = default;

        // RFC 9112 §3.2 and RFC 6455 §3: no form has a fragment. Further characters that a URI should have encoded, such as
        // the bar or the caret, are tolerated, for browsers send them.
        if (target.IsEmpty || !HttpGrammar.IsVisibleAscii(target) || target.Contains((byte)'#'))
        {
            return false;
        }

        if (method.SequenceEqual("CONNECT"u8))
        {
            parts = new HttpTarget(0, target.Length, target.Length);
            return HttpAuthority.TryParse(target, out HttpAuthority host) && host.Port >= 0;
        }

        if (target.SequenceEqual("*"u8))
        {
            parts = new HttpTarget(0, 0, target.Length);
            return method.SequenceEqual("OPTIONS"u8);
        }

        int authority = 0;
        int path = 0;
        if (target[0] != '/')
        {
            authority = SchemeLength(target);
            if (authority == 0)
            {
                return false;
            }

            int length = target[authority..].IndexOfAny((byte)'/', (byte)'?');
            path = length < 0 ? target.Length : authority + length;
            if (!HttpAuthority.TryParse(target[authority..path], out _))
            {
                return false;
            }
        }

        int query = target[path..].IndexOf((byte)'?');
        parts = new HttpTarget(authority, path, query < 0 ? target.Length : path + query);
        return true;
    }

    /// <summary>The length of <c>http://</c>, <c>https://</c>, <c>ws://</c> or <c>wss://</c> at the start, or 0.</summary>
    private static int SchemeLength(ReadOnlySpan<byte> target)
    {
        int colon = target.IndexOf("://"u8);
        if (colon < 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> scheme = target[..colon];
        bool known = Ascii.EqualsIgnoreCase(scheme, "http"u8) || Ascii.EqualsIgnoreCase(scheme, "https"u8)
            || Ascii.EqualsIgnoreCase(scheme, "ws"u8) || Ascii.EqualsIgnoreCase(scheme, "wss"u8);
        return known ? colon + 3 : 0;
    }
}
