using System.Text;

namespace Wspy.Extensions;

/// <summary>The grammar of <c>Sec-WebSocket-Extensions</c> (RFC 6455 §9.1): read and written, nothing judged of what it means.</summary>
/// <remarks>
/// <code>
/// extension-list  = 1#extension
/// extension       = extension-token *( ";" extension-param )
/// extension-param = token [ "=" ( token | quoted-string ) ]   ; what is quoted must be a token, too
/// </code>
/// Whitespace may stand around every separator, and empty elements of the list are skipped (RFC 2616 §2.1, on which RFC 6455 builds).
/// Stateless, and safe from any thread.
/// </remarks>
public static class ExtensionHeader
{
    /// <summary>Reads the values of all header lines of a message, which together are one list (RFC 6455 §9.1).</summary>
    /// <param name="values">The values in the order of the lines.</param>
    /// <param name="offers">The extensions in order, when the result is true; else none.</param>
    /// <returns>False if the grammar is violated, or if the list is empty though there is a line.</returns>
    public static bool TryParse(IEnumerable<string> values, out IReadOnlyList<ExtensionOffer> offers)
    {
        ArgumentNullException.ThrowIfNull(values);
        var list = new List<ExtensionOffer>();
        bool any = false;
        offers = [];
        foreach (string value in values)
        {
            any = true;

            // UTF-8, for no byte of a character above ASCII is a token's; Latin-1 would turn some into letters that look alike.
            if (!TryParse(Encoding.UTF8.GetBytes(value), list))
            {
                return false;
            }
        }

        if (any && list.Count == 0)
        {
            return false;
        }

        offers = list;
        return true;
    }

    /// <summary>The value of one header line with these extensions.</summary>
    public static string Format(IEnumerable<ExtensionOffer> offers)
    {
        ArgumentNullException.ThrowIfNull(offers);
        var text = new StringBuilder();
        foreach (ExtensionOffer offer in offers)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(offer.Name);
            foreach (ExtensionParameter parameter in offer.Parameters)
            {
                text.Append("; ").Append(parameter.Name);
                if (parameter.Value is not null)
                {
                    text.Append('=').Append(parameter.Value);
                }
            }
        }

        return text.ToString();
    }

    /// <summary>
    /// Reads one line and adds its extensions. Lines can be read one by one, for no extension can go on in the next line:
    /// the comma that joins them ends it, and in a quoted string a comma is no token.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> line, List<ExtensionOffer> offers)
    {
        var cursor = new ExtensionCursor(line);
        while (!cursor.AtEnd)
        {
            if (cursor.TryTake(','))
            {
                continue;
            }

            if (!TryReadExtension(ref cursor, out ExtensionOffer? offer) || (!cursor.AtEnd && !cursor.TryTake(',')))
            {
                return false;
            }

            offers.Add(offer!);
        }

        return true;
    }

    private static bool TryReadExtension(ref ExtensionCursor cursor, out ExtensionOffer? offer)
    {
        offer = null;
        if (!cursor.TryReadToken(out string name))
        {
            return false;
        }

        List<ExtensionParameter>? parameters = null;
        while (cursor.TryTake(';'))
        {
            if (!cursor.TryReadToken(out string parameter))
            {
                return false;
            }

            string? value = null;
            if (cursor.TryTake('=') && !cursor.TryReadValue(out value))
            {
                return false;
            }

            (parameters ??= []).Add(new ExtensionParameter(parameter, value));
        }

        offer = new ExtensionOffer(name, parameters ?? (IReadOnlyList<ExtensionParameter>)[]);
        return true;
    }
}
