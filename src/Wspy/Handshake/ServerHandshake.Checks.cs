namespace Wspy.Handshake;

/// <content>The checks of a request (RFC 6455 §4.2.1), in the order of the RFC.</content>
public sealed partial class ServerHandshake
{
    private ServerHandshakeStatus Judge(HttpRequestHead request)
    {
        HttpReceivedHeaders headers = request.Headers;

        // RFC 9112 §3.2: a request without Host, or with more than one, gets 400, whatever else it asks for.
        int host = headers.IndexOfSingle("Host"u8);
        if (host == HttpReceivedHeaders.Repeated || (host < 0 && request.Version > 0)
            || (host >= 0 && !HttpAuthority.TryParse(headers.Value(host), out _)))
        {
            return Refuse(400, HandshakeViolation.InvalidHost, "The request needs exactly one Host header with host[:port] (RFC 9112 §3.2).");
        }

        if (_router?.TryRoute(request, ref _options) == false)
        {
            return Refuse(400, HandshakeViolation.InvalidPath, "The path holds a dot segment, an empty one, an encoded slash, a backslash or a malformed escape.");
        }

        TokenMatch upgrade = HandshakeRules.MatchUpgrade(headers);
        return upgrade switch
        {
            TokenMatch.Malformed => Refuse(400, HandshakeViolation.InvalidUpgrade, "The Upgrade header is malformed (RFC 9110 §7.8)."),
            TokenMatch.Missing or TokenMatch.Absent => ServerHandshakeStatus.PlainRequest,
            _ => JudgeUpgrade(request),
        };
    }

    private ServerHandshakeStatus JudgeUpgrade(HttpRequestHead request)
    {
        // RFC 6455 §4.2.1 (1): GET, and HTTP/1.1 or higher.
        if (!request.MethodBytes.SequenceEqual("GET"u8))
        {
            return Refuse(405, HandshakeViolation.MethodNotAllowed, "The method of an opening handshake is GET (RFC 6455 §4.2.1).");
        }

        if (request.Version == 0)
        {
            return Refuse(505, HandshakeViolation.HttpVersionTooLow, "An opening handshake needs HTTP/1.1 (RFC 6455 §4.2.1).");
        }

        // RFC 9110 §9.3.1: a GET has no use for a body, and after an upgrade its bytes would be taken for frames.
        if (HttpFraming.HasBody(request.Headers))
        {
            return Refuse(400, HandshakeViolation.UnexpectedBody, "An opening handshake has no body.");
        }

        // §4.2.1 (4)
        if (HandshakeRules.MatchConnection(request.Headers) is not (TokenMatch.Only or TokenMatch.Among))
        {
            return Refuse(400, HandshakeViolation.InvalidConnection, "The Connection header must be a list with Upgrade in it (RFC 6455 §4.2.1).");
        }

        return JudgeWebSocket(request);
    }

    private ServerHandshakeStatus JudgeWebSocket(HttpRequestHead request)
    {
        HttpReceivedHeaders headers = request.Headers;

        // §4.2.1 (6), §4.4: before the key, so that a client of another version learns of it.
        int version = headers.IndexOfSingle("Sec-WebSocket-Version"u8);
        if (version == HttpReceivedHeaders.Repeated)
        {
            return Refuse(400, HandshakeViolation.RepeatedHeader, "There is more than one Sec-WebSocket-Version header (RFC 6455 §11.3.5).");
        }

        if (version < 0 || !headers.Value(version).SequenceEqual("13"u8))
        {
            return Refuse(426, HandshakeViolation.UnsupportedVersion, "Sec-WebSocket-Version must be 13 (RFC 6455 §4.2.1).");
        }

        // §4.2.1 (5)
        int key = headers.IndexOfSingle("Sec-WebSocket-Key"u8);
        if (key == HttpReceivedHeaders.Repeated)
        {
            return Refuse(400, HandshakeViolation.RepeatedHeader, "There is more than one Sec-WebSocket-Key header (RFC 6455 §11.3.1).");
        }

        if (key < 0 || !HandshakeKey.IsValid(headers.Value(key)))
        {
            return Refuse(400, HandshakeViolation.InvalidKey, "Sec-WebSocket-Key must be the base64 of 16 bytes (RFC 6455 §4.2.1).");
        }

        // §4.2.1 (8), §4.1 (10)
        if (!SubprotocolList.TryParse(headers, out IReadOnlyList<string> subprotocols))
        {
            return Refuse(400, HandshakeViolation.InvalidSubprotocol, "Sec-WebSocket-Protocol must be a list of different tokens (RFC 6455 §4.1).");
        }

        // §4.2.1 (9), §9.1
        if (!HandshakeRules.TryParseExtensions(headers, out IReadOnlyList<Extensions.ExtensionOffer> extensions))
        {
            return Refuse(400, HandshakeViolation.InvalidExtensions, "Sec-WebSocket-Extensions is malformed (RFC 6455 §9.1).");
        }

        RequestedSubprotocols = subprotocols;
        OfferedExtensions = extensions;
        return JudgePolicy(request);
    }

    /// <summary>RFC 6455 §4.2.2 (4): what the server itself asks for.</summary>
    private ServerHandshakeStatus JudgePolicy(HttpRequestHead request)
    {
        _ = HttpAuthority.TryParse(request.Authority, out HttpAuthority host); // was judged with the target, or as the Host header
        if (_options.LocationPolicy?.Serves(request.PathBytes, host) == false)
        {
            return Refuse(404, HandshakeViolation.UnknownLocation, "No WebSocket is served here.");
        }

        int origin = request.Headers.IndexOfSingle("Origin"u8);
        if (origin == HttpReceivedHeaders.Repeated)
        {
            return Refuse(400, HandshakeViolation.RepeatedHeader, "There is more than one Origin header (RFC 6454 §7.3).");
        }

        if (origin < 0)
        {
            return _options.RequireOrigin
                ? Refuse(403, HandshakeViolation.OriginRequired, "The request needs an Origin header.")
                : ServerHandshakeStatus.Upgrade;
        }

        return _options.OriginPolicy.Allows(request.Headers.Value(origin), host)
            ? ServerHandshakeStatus.Upgrade
            : Refuse(403, HandshakeViolation.OriginNotAllowed, "Pages of this origin may not connect (RFC 6455 §10.2).");
    }
}
