using System.Buffers.Text;
using System.Text;

namespace Wspy;

/// <summary>Where the body of a message ends (RFC 9112 §6): the headers that say so, and their conflicts.</summary>
internal static class HttpFraming
{
    /// <summary>
    /// RFC 9112 §6.3: a message with both Transfer-Encoding and Content-Length, or a Content-Length that is no single number, must be
    /// taken for an attempt at smuggling. Repeated equal lengths may be tolerated; here they are not.
    /// </summary>
    public static bool IsCertain(HttpReceivedHeaders headers) =>
        TryGetContentLength(headers, out long? length)
        && (length is null || headers.IndexOf("Transfer-Encoding"u8, 0) < 0);

    /// <summary>Whether a body follows, or may follow.</summary>
    public static bool HasBody(HttpReceivedHeaders headers) =>
        headers.IndexOf("Transfer-Encoding"u8, 0) >= 0 || !TryGetContentLength(headers, out long? length) || length > 0;

    /// <summary>False if Content-Length is malformed or repeated.</summary>
    public static bool TryGetContentLength(HttpReceivedHeaders headers, out long? length)
    {
        length = null;
        int index = headers.IndexOfSingle("Content-Length"u8);
        if (index < 0)
        {
            return index != HttpReceivedHeaders.Repeated;
        }

        // The digits are checked first, as the parser of numbers would take a sign. More than 19 of them overflow, and fail.
        ReadOnlySpan<byte> value = headers.Value(index);
        if (!HttpGrammar.IsDigits(value) || !Utf8Parser.TryParse(value, out long number, out _))
        {
            return false;
        }

        length = number;
        return true;
    }

    public static bool IsChunked(HttpReceivedHeaders headers)
    {
        bool chunked = false;
        for (int i = headers.IndexOf("Transfer-Encoding"u8, 0); i >= 0; i = headers.IndexOf("Transfer-Encoding"u8, i + 1))
        {
            var list = new HttpListReader(headers.Value(i));
            while (list.TryRead(out ReadOnlySpan<byte> coding))
            {
                chunked = Ascii.EqualsIgnoreCase(coding, "chunked"u8);
            }
        }

        return chunked;
    }
}
