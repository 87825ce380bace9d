namespace Wspy.Handshake;

/// <summary>What is wrong with an opening handshake (RFC 6455 §4); the same reasons in both roles.</summary>
public enum HandshakeViolation
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The head is no valid HTTP, or too large; an <see cref="HttpViolation"/> beside this value says how. A server answers 400, 414, 431 or 505.</summary>
    InvalidHead,

    /// <summary>The method of an upgrade is not GET (§4.2.1). A server answers 405.</summary>
    MethodNotAllowed,

    /// <summary>The version is lower than HTTP/1.1 (§4.1, §4.2.1). A server answers 505.</summary>
    HttpVersionTooLow,

    /// <summary>The Host header is missing, repeated or no <c>host[:port]</c> (§4.2.1, RFC 9112 §3.2). A server answers 400.</summary>
    InvalidHost,

    /// <summary>The Upgrade header is missing, malformed or does not say <c>websocket</c> (§4.1, §4.2.1). A server answers 400.</summary>
    InvalidUpgrade,

    /// <summary>The Connection header is missing, malformed or has no <c>Upgrade</c> (§4.1, §4.2.1). A server answers 400.</summary>
    InvalidConnection,

    /// <summary>Sec-WebSocket-Version is missing or not 13 (§4.2.2, §4.4). A server answers 426 and names its version.</summary>
    UnsupportedVersion,

    /// <summary>Sec-WebSocket-Key is missing or not the canonical base64 of 16 bytes (§4.2.1). A server answers 400.</summary>
    InvalidKey,

    /// <summary>A header that may be there once is there several times (§11.3). A server answers 400.</summary>
    RepeatedHeader,

    /// <summary>Sec-WebSocket-Protocol is not a list of tokens, or has one twice (§4.1), or a response's is not one token (§4.2.2). A server answers 400.</summary>
    InvalidSubprotocol,

    /// <summary>Sec-WebSocket-Extensions does not follow its grammar (§9.1). A server answers 400.</summary>
    InvalidExtensions,

    /// <summary>A head that switches protocols announces a body (RFC 9110 §8.6, RFC 9112 §6.1), behind which a request could be smuggled. A server answers 400.</summary>
    UnexpectedBody,

    /// <summary>Nothing is served at this path or host (§4.2.2). A server answers 404.</summary>
    UnknownLocation,

    /// <summary>The Origin header is missing where it is required (§10.2). A server answers 403.</summary>
    OriginRequired,

    /// <summary>The origin is none of those that are allowed (§4.2.2, §10.2). A server answers 403.</summary>
    OriginNotAllowed,

    /// <summary>The server's status is not 101 (§4.1): it refuses, redirects or asks for credentials. Seen by clients.</summary>
    UnexpectedStatus,

    /// <summary>Sec-WebSocket-Accept is missing or is not the answer to the key (§4.1). Seen by clients.</summary>
    InvalidAccept,

    /// <summary>The server chose a subprotocol that was not asked for (§4.1). Seen by clients.</summary>
    UnrequestedSubprotocol,

    /// <summary>The server chose an extension that was not offered (§4.1). Seen by clients.</summary>
    UnofferedExtension,

    /// <summary>The server sent more interim responses than any has reason to (RFC 9110 §15.2). Seen by clients.</summary>
    TooManyInterimResponses,

    /// <summary>The request asks for no upgrade, and was answered as plain HTTP. Reported by those who drive the handshake.</summary>
    PlainRequest,

    /// <summary>The application refused the request. Reported by those who drive the handshake.</summary>
    RefusedByApplication,

    /// <summary>The handshake did not complete in time. Reported by those who drive the handshake.</summary>
    TimedOut,

    /// <summary>The TLS handshake below failed. Reported by those who drive the handshake.</summary>
    TlsFailed,

    /// <summary>The connection ended before the handshake did. Reported by those who drive the handshake.</summary>
    ConnectionLost,

    /// <summary>The server's answer for an extension does not fit the offer, or two answers exclude each other (§9.1). Seen by clients.</summary>
    UnacceptableExtension,

    /// <summary>The request has no credentials of a scheme that is offered. A server answers 401.</summary>
    CredentialsRequired,

    /// <summary>The credentials are wrong or malformed. A server answers 401 or 400.</summary>
    InvalidCredentials,

    /// <summary>The credentials are right and do not suffice. A server answers 403.</summary>
    NotAuthorized,

    /// <summary>The address has sent too many wrong credentials. A server answers 429.</summary>
    TooManyAttempts,

    /// <summary>One end speaks TLS and the other does not: <c>wss:</c> to a port of <c>ws:</c>, or the reverse. A server answers 400. Reported by those who drive the handshake.</summary>
    WrongScheme,

    /// <summary>The header fields in which a trusted proxy tells for whom it asks are malformed, or too many (RFC 7239). A server answers 400.</summary>
    InvalidForwarding,

    /// <summary>The connection does not begin with a header of the PROXY protocol, or not from a trusted proxy, and the server's options want that. Reported by those who drive the handshake.</summary>
    InvalidProxyHeader,

    /// <summary>The path holds a dot segment, an encoded slash or a malformed escape where a route has a parameter. A server answers 400.</summary>
    InvalidPath,

    /// <summary>There is no way through the proxy; a <see cref="ProxyFailure"/> beside this value says why. Reported by those who drive the handshake.</summary>
    ProxyFailed,

    /// <summary>The server redirects more often than is allowed, or in a circle (RFC 9110 §15.4). Seen by clients.</summary>
    TooManyRedirects,

    /// <summary>The server redirects to something that is no URL to connect to (RFC 9110 §10.2.2). Seen by clients.</summary>
    InvalidRedirect,

    /// <summary>The server redirects from wss to ws. Seen by clients.</summary>
    InsecureRedirect,
}
