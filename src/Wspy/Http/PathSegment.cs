using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Wspy;

/// <summary>Percent-decoding of one segment of a path (RFC 3986 §2.1, §3.3), and the refusal of what would mean something else once it is decoded.</summary>
internal static class PathSegment
{
    /// <summary>Decodes a segment once, as UTF-8.</summary>
    /// <returns>False for what is empty, malformed, no UTF-8, a dot segment (RFC 3986 §3.3), or holds a slash, backslash or control character.</returns>
    public static bool TryDecode(ReadOnlySpan<char> segment, out string value)
    {
        value = "";
        if (segment.Contains('%'))
        {
            if (!TryUnescape(segment, out value))
            {
                return false;
            }
        }
        else
        {
            value = segment.ToString();
        }

        return value.Length > 0 && value is not ("." or "..") && !ContainsForbidden(value);
    }

    /// <summary>Decodes what a star stands for: segments with slashes between. The last may be empty; what would be an absolute path is refused with the other empty ones.</summary>
    public static bool TryDecodeRest(ReadOnlySpan<char> rest, out string value)
    {
        value = "";
        var decoded = new StringBuilder(rest.Length);
        while (!rest.IsEmpty)
        {
            int slash = rest.IndexOf('/');
            if (!TryDecode(slash < 0 ? rest : rest[..slash], out string segment))
            {
                return false;
            }

            decoded.Append(segment);
            if (slash < 0)
            {
                break;
            }

            decoded.Append('/');
            rest = rest[(slash + 1)..];
        }

        value = decoded.ToString();
        return true;
    }

    private static bool TryUnescape(ReadOnlySpan<char> segment, out string value)
    {
        value = "";
        byte[]? rented = segment.Length > 256 ? ArrayPool<byte>.Shared.Rent(segment.Length) : null;
        Span<byte> bytes = rented ?? stackalloc byte[256];
        int count = 0;
        bool isValid = true;
        for (int i = 0; i < segment.Length && isValid; i++)
        {
            char c = segment[i];
            if (c == '%')
            {
                isValid = i + 2 < segment.Length && char.IsAsciiHexDigit(segment[i + 1]) && char.IsAsciiHexDigit(segment[i + 2]);
                c = isValid ? (char)((HttpGrammar.ToHexValue(segment[i + 1]) << 4) | HttpGrammar.ToHexValue(segment[i + 2])) : default;
                i += 2;
            }

            bytes[count++] = (byte)c;
        }

        isValid = isValid && Utf8.IsValid(bytes[..count]);
        if (isValid)
        {
            value = Encoding.UTF8.GetString(bytes[..count]);
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return isValid;
    }

    private static bool ContainsForbidden(string value)
    {
        foreach (char c in value)
        {
            if (c is '/' or '\\' || char.IsControl(c))
            {
                return true;
            }
        }

        return false;
    }
}
