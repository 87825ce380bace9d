using System.Globalization;
using System.Text;

namespace Wspy.Handshake;

/// <summary>How a list in a header relates to a token.</summary>
internal enum TokenMatch
{
    Missing,
    Malformed,
    Absent,
    Among,
    Only,
}

/// <summary>The rules of RFC 6455 §4 that are the same for requests and responses.</summary>
internal static class HandshakeRules
{
    /// <summary>Looks for <c>websocket</c> in Upgrade, whose elements may have versions (RFC 9110 §7.8).</summary>
    public static TokenMatch MatchUpgrade(HttpReceivedHeaders headers) => Match(headers, "Upgrade"u8, "websocket"u8, versioned: true);

    /// <summary>Looks for <c>Upgrade</c> in Connection (RFC 9110 §7.6.1).</summary>
    public static TokenMatch MatchConnection(HttpReceivedHeaders headers) => Match(headers, "Connection"u8, "Upgrade"u8, versioned: false);

    /// <summary>Whether the connection is to end after the answer (RFC 9112 §9.3).</summary>
    public static bool AsksForClose(HttpReceivedHeaders headers) =>
        Match(headers, "Connection"u8, "close"u8, versioned: false) is TokenMatch.Only or TokenMatch.Among or TokenMatch.Malformed;

    /// <summary>Looks for a token in a list of tokens that may be spread over several lines (RFC 9110 §5.3), ignoring case.</summary>
    private static TokenMatch Match(HttpReceivedHeaders headers, ReadOnlySpan<byte> name, ReadOnlySpan<byte> token, bool versioned)
    {
        int line = headers.IndexOf(name, 0);
        if (line < 0)
        {
            return TokenMatch.Missing;
        }

        bool found = false;
        bool others = false;
        for (; line >= 0; line = headers.IndexOf(name, line + 1))
        {
            var list = new HttpListReader(headers.Value(line));
            while (list.TryRead(out ReadOnlySpan<byte> element))
            {
                if (!(versioned ? IsProtocol(element) : HttpGrammar.IsToken(element)))
                {
                    return TokenMatch.Malformed;
                }

                bool match = Ascii.EqualsIgnoreCase(element, token);
                found |= match;
                others |= !match;
            }
        }

        return found ? others ? TokenMatch.Among : TokenMatch.Only : TokenMatch.Absent;
    }

    /// <summary>Reads Sec-WebSocket-Extensions of all lines (RFC 6455 §9.1).</summary>
    public static bool TryParseExtensions(HttpReceivedHeaders headers, out IReadOnlyList<Extensions.ExtensionOffer> offers)
    {
        offers = [];
        int line = headers.IndexOf("Sec-WebSocket-Extensions"u8, 0);
        if (line < 0)
        {
            return true;
        }

        var list = new List<Extensions.ExtensionOffer>();
        for (; line >= 0; line = headers.IndexOf("Sec-WebSocket-Extensions"u8, line + 1))
        {
            if (!Extensions.ExtensionHeader.TryParse(headers.Value(line), list))
            {
                return false;
            }
        }

        offers = list;
        return list.Count > 0;
    }

    /// <summary>A sentence for people about a head that is refused.</summary>
    /// <param name="violation">What is wrong with it.</param>
    /// <param name="kind"><c>request</c> or <c>response</c>.</param>
    /// <param name="maxHeadSize">The limit in bytes.</param>
    /// <param name="maxHeaderCount">The limit in lines.</param>
    public static string Describe(HttpViolation violation, string kind, int maxHeadSize, int maxHeaderCount)
    {
        return violation switch
        {
            HttpViolation.HeadTooLarge => $"The head of the {kind} exceeds {Format(maxHeadSize)} bytes.",
            HttpViolation.TargetTooLong => $"The first line of the {kind} exceeds {Format(maxHeadSize)} bytes.",
            HttpViolation.TooManyHeaders => $"The {kind} has more than {Format(maxHeaderCount)} headers.",
            HttpViolation.BareLf => $"A line of the {kind} ends in LF without CR (RFC 9112 §2.2).",
            HttpViolation.BareCr => $"A line of the {kind} holds a CR (RFC 9112 §2.2).",
            HttpViolation.ObsoleteFolding => $"A header of the {kind} is folded (RFC 9112 §5.2).",
            HttpViolation.WhitespaceBeforeColon => $"A header of the {kind} has whitespace before its colon (RFC 9112 §5.1).",
            HttpViolation.InvalidName => $"A header of the {kind} has a malformed name (RFC 9110 §5.1).",
            HttpViolation.InvalidValue => $"A header of the {kind} has a control character in its value (RFC 9110 §5.5).",
            HttpViolation.InvalidRequestLine => "The request line is malformed (RFC 9112 §3).",
            HttpViolation.InvalidTarget => "The target of the request is malformed (RFC 9112 §3.2).",
            HttpViolation.InvalidStatusLine => "The status line is malformed (RFC 9112 §4).",
            HttpViolation.UnsupportedVersion => $"The {kind} is not of HTTP/1 (RFC 9112 §2.3).",
            _ => $"The end of the body of the {kind} is not certain (RFC 9112 §6.3).",
        };
    }

    private static string Format(int limit) => limit.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A token, or two with a slash between: a protocol with its version (RFC 9110 §7.8).</summary>
    private static bool IsProtocol(ReadOnlySpan<byte> element)
    {
        int slash = element.IndexOf((byte)'/');
        return slash < 0
            ? HttpGrammar.IsToken(element)
            : HttpGrammar.IsToken(element[..slash]) && HttpGrammar.IsToken(element[(slash + 1)..]);
    }
}
