using System.Net;
using System.Text;

namespace Wspy.Handshake;

/// <summary>The way of a request through proxies, as its header fields tell it: the client first, and each proxy added whom it had the request from.</summary>
/// <remarks>
/// Read from the end, as far as those who wrote it are trusted: what is before the first one that is not may be made up by anybody.
/// </remarks>
internal static class ForwardedChain
{
    /// <summary>More than any request passes.</summary>
    public const int MaxElements = 32;

    /// <summary>Finds whose request it is.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="proxies">Who is trusted.</param>
    /// <param name="peer">Who has sent it to us: trusted.</param>
    /// <param name="details">What was told.</param>
    /// <returns>False when the header fields are malformed.</returns>
    public static bool TryRead(HttpReceivedHeaders headers, TrustedProxies proxies, EndPoint? peer, out ForwardedDetails details)
    {
        details = new ForwardedDetails();
        List<Element> elements = [];
        bool isForwarded = proxies.Headers == ForwardedHeaders.Forwarded;
        if (!(isForwarded ? TryReadForwarded(headers, elements) : TryReadXForwarded(headers, elements)))
        {
            return false;
        }

        EndPoint? from = peer;
        for (int i = elements.Count - 1; i >= 0 && proxies.Trusts(from); i--)
        {
            Element element = elements[i];
            details = new ForwardedDetails { Scheme = element.Scheme, Host = element.Host };
            if (element.For is null || !TryReadNode(element.For, out IPEndPoint? node))
            {
                // What was not told is not known; what is no address at all is a mistake.
                return element.For is null;
            }

            details = details with { For = node };
            if (node is null)
            {
                // Known to the proxy, and not told on purpose.
                break;
            }

            from = node;
        }

        return true;
    }

    // RFC 7239 §6: an address, in brackets if it is IPv6, with a port or not; "unknown"; or a name that begins with an underscore.
    private static bool TryReadNode(string text, out IPEndPoint? node)
    {
        node = null;
        if (text.Equals("unknown", StringComparison.OrdinalIgnoreCase) || (text.Length > 1 && text[0] == '_' && !text.AsSpan(1).ContainsAnyExcept(NodeCharacters)))
        {
            return true;
        }

        if (IPAddress.TryParse(text, out IPAddress? address) && (address.ToString() == text || text.Contains(':', StringComparison.Ordinal)) && !text.AsSpan().ContainsAny("[]%/"))
        {
            // X-Forwarded-For has IPv6 addresses without brackets.
            node = new IPEndPoint(TrustedProxies.Unmap(address), 0);
            return true;
        }

        int colon = text.LastIndexOf(':');
        int bracket = text.LastIndexOf(']');
        string host = colon > bracket ? text[..colon] : text;
        string port = colon > bracket ? text[(colon + 1)..] : "0";
        if (!ushort.TryParse(port, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out ushort number))
        {
            // RFC 7239 §6.3: a port may be hidden as a name may be.
            if (port.Length < 2 || port[0] != '_' || port.AsSpan(1).ContainsAnyExcept(NodeCharacters))
            {
                return false;
            }
        }

        bool isBracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        string inside = isBracketed ? host[1..^1] : host;
        if (!IPAddress.TryParse(inside, out address) || inside.AsSpan().ContainsAny("[]%/")
            || (isBracketed ? !inside.Contains(':', StringComparison.Ordinal) : address.ToString() != inside || inside.Contains(':', StringComparison.Ordinal)))
        {
            return false;
        }

        node = new IPEndPoint(TrustedProxies.Unmap(address), number);
        return true;
    }

    private static readonly System.Buffers.SearchValues<char> NodeCharacters =
        System.Buffers.SearchValues.Create("._-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // X-Forwarded-Proto and -Host are what the last proxy says, and have one value each where there is one proxy.
    private static bool TryReadXForwarded(HttpReceivedHeaders headers, List<Element> elements)
    {
        List<string> schemes = [], hosts = [], nodes = [];
        if (!TryReadList(headers, "X-Forwarded-For"u8, nodes) || !TryReadList(headers, "X-Forwarded-Proto"u8, schemes) || !TryReadList(headers, "X-Forwarded-Host"u8, hosts))
        {
            return false;
        }

        for (int i = 0; i < Math.Max(nodes.Count, 1); i++)
        {
            elements.Add(new Element(nodes.ElementAtOrDefault(i), schemes.LastOrDefault(), hosts.LastOrDefault()));
        }

        return IsScheme(schemes.LastOrDefault()) && IsHost(hosts.LastOrDefault());
    }

    private static bool TryReadList(HttpReceivedHeaders headers, ReadOnlySpan<byte> name, List<string> values)
    {
        for (int i = headers.IndexOf(name, 0); i >= 0; i = headers.IndexOf(name, i + 1))
        {
            var reader = new HttpListReader(headers.Value(i));
            while (reader.TryRead(out ReadOnlySpan<byte> element))
            {
                if (values.Count == MaxElements)
                {
                    return false;
                }

                values.Add(Encoding.Latin1.GetString(element));
            }
        }

        return true;
    }

    private static bool TryReadForwarded(HttpReceivedHeaders headers, List<Element> elements)
    {
        for (int i = headers.IndexOf("Forwarded"u8, 0); i >= 0; i = headers.IndexOf("Forwarded"u8, i + 1))
        {
            if (!TryReadForwarded(headers.Value(i), elements))
            {
                return false;
            }
        }

        return true;
    }

    // RFC 7239 §4: elements between commas, pairs between semicolons, a name once in an element; values are tokens or quoted strings.
    private static bool TryReadForwarded(ReadOnlySpan<byte> rest, List<Element> elements)
    {
        var element = new Element(null, null, null);
        bool isEmpty = true;
        while (true)
        {
            rest = rest.TrimStart(" \t"u8);
            if (rest.IsEmpty || rest[0] is (byte)',' or (byte)';')
            {
                if ((rest.IsEmpty || rest[0] == ',') && !isEmpty)
                {
                    if (elements.Count == MaxElements)
                    {
                        return false;
                    }

                    elements.Add(element);
                    element = new Element(null, null, null);
                    isEmpty = true;
                }

                if (rest.IsEmpty)
                {
                    return true;
                }

                rest = rest[1..];
                continue;
            }

            if (!TryReadPair(ref rest, out string name, out string value) || !element.TryAdd(name, value, out element))
            {
                return false;
            }

            isEmpty = false;
            rest = rest.TrimStart(" \t"u8);
            if (!rest.IsEmpty && rest[0] is not ((byte)',' or (byte)';'))
            {
                return false;
            }
        }
    }

    private static bool TryReadPair(ref ReadOnlySpan<byte> rest, out string name, out string value)
    {
        name = value = "";
        int end = HttpGrammar.IndexOfNonToken(rest);
        if (end <= 0 || rest[end] != '=')
        {
            return false;
        }

        name = Encoding.Latin1.GetString(rest[..end]).ToLowerInvariant();
        rest = rest[(end + 1)..];
        if (rest.IsEmpty || rest[0] != '"')
        {
            end = HttpGrammar.IndexOfNonToken(rest);
            end = end < 0 ? rest.Length : end;
            value = Encoding.Latin1.GetString(rest[..end]);
            rest = rest[end..];
            return value.Length > 0;
        }

        var text = new StringBuilder();
        for (int i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                value = text.ToString();
                rest = rest[(i + 1)..];
                return true;
            }

            i += rest[i] == '\\' ? 1 : 0;
            if (i < rest.Length)
            {
                text.Append((char)rest[i]);
            }
        }

        return false;
    }

    private static bool IsScheme(string? text) => text is null || Uri.CheckSchemeName(text);

    private static bool IsHost(string? text) => text is null || HttpAuthority.TryParse(Encoding.Latin1.GetBytes(text), out _);

    private readonly record struct Element(string? For, string? Scheme, string? Host)
    {
        // Names that are not known mean nothing to us; those that are may be there once.
        public bool TryAdd(string name, string value, out Element element)
        {
            element = this;
            switch (name)
            {
                case "for" when For is null:
                    element = this with { For = value };
                    return true;
                case "proto" when Scheme is null:
                    element = this with { Scheme = value };
                    return IsScheme(value);
                case "host" when Host is null:
                    element = this with { Host = value };
                    return IsHost(value);
                default:
                    return name is not ("for" or "proto" or "host");
            }
        }
    }
}
