using System.Text;

namespace Wspy.Handshake;

/// <summary>Lists of subprotocols (RFC 6455 §1.9, §4.1): tokens, compared with case, none of them twice.</summary>
internal static class SubprotocolList
{
    /// <summary>A copy of a list that a user gives.</summary>
    /// <exception cref="ArgumentException">A name is no token or is there twice.</exception>
    public static IReadOnlyList<string> Validate(IReadOnlyList<string> names, string property)
    {
        ArgumentNullException.ThrowIfNull(names, property);
        string[] copy = [.. names];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < copy.Length; i++)
        {
            if (!HttpGrammar.IsToken(copy[i]))
            {
                throw new ArgumentException($"{property}[{i}] is no token, as a subprotocol must be (RFC 6455 §4.1).", property);
            }

            if (!seen.Add(copy[i]))
            {
                throw new ArgumentException($"{property} has '{copy[i]}' twice (RFC 6455 §4.1).", property);
            }
        }

        return copy;
    }

    /// <summary>Reads Sec-WebSocket-Protocol of all lines; false if one is no token, one is there twice, or a line is there and none in it.</summary>
    public static bool TryParse(HttpReceivedHeaders headers, out IReadOnlyList<string> names)
    {
        names = [];
        int line = headers.IndexOf("Sec-WebSocket-Protocol"u8, 0);
        if (line < 0)
        {
            return true;
        }

        var list = new List<string>();
        HashSet<string>? seen = null;
        for (; line >= 0; line = headers.IndexOf("Sec-WebSocket-Protocol"u8, line + 1))
        {
            var reader = new HttpListReader(headers.Value(line));
            while (reader.TryRead(out ReadOnlySpan<byte> element))
            {
                if (!HttpGrammar.IsToken(element))
                {
                    return false;
                }

                string name = Encoding.ASCII.GetString(element);

                // A set, lest thousands of short names be compared each with each.
                if (list.Count > 0 && !(seen ??= new HashSet<string>(list, StringComparer.Ordinal)).Add(name))
                {
                    return false;
                }

                list.Add(name);
            }
        }

        names = list;
        return list.Count > 0;
    }
}
