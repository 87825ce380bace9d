namespace Wspy;

/// <summary>
/// Why a connection was closed (RFC 6455 §7.4 and the IANA registry of WebSocket close codes).
/// Applications use 4000–4999 for themselves: <c>(CloseCode)4001</c>.
/// </summary>
public enum CloseCode : ushort
{
    /// <summary>The purpose of the connection is fulfilled.</summary>
    NormalClosure = 1000,

    /// <summary>The endpoint goes away: a server shuts down, a browser leaves the page.</summary>
    GoingAway = 1001,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError = 1002,

    /// <summary>The peer sent a kind of data that this endpoint does not take, such as binary to a text-only one.</summary>
    UnsupportedData = 1003,

    /// <summary>Never on the wire: the peer's Close frame carried no status code.</summary>
    NoStatusReceived = 1005,

    /// <summary>Never on the wire: the connection was lost without a closing handshake.</summary>
    AbnormalClosure = 1006,

    /// <summary>The data does not fit its type: text that is not UTF-8.</summary>
    InvalidPayloadData = 1007,

    /// <summary>The peer broke a policy that no other code describes.</summary>
    PolicyViolation = 1008,

    /// <summary>The message is larger than this endpoint takes.</summary>
    MessageTooBig = 1009,

    /// <summary>Sent by a client: the server did not negotiate an extension that the client needs.</summary>
    MandatoryExtension = 1010,

    /// <summary>The endpoint met a condition that prevents it from going on.</summary>
    InternalError = 1011,

    /// <summary>The server restarts; come back after a random delay.</summary>
    ServiceRestart = 1012,

    /// <summary>The server is overloaded; connect elsewhere or later.</summary>
    TryAgainLater = 1013,

    /// <summary>A gateway received an invalid answer from its upstream, like HTTP 502.</summary>
    BadGateway = 1014,

    /// <summary>Never on the wire: the TLS handshake failed.</summary>
    TlsHandshake = 1015,
}

/// <summary>What may stand in a Close frame (RFC 6455 §7.4).</summary>
public static class CloseCodeExtensions
{
    /// <summary>
    /// Whether the code may be sent and received in a Close frame: 1000–1003, 1007–1014 and 3000–4999 (RFC 6455 §7.4.1,
    /// §7.4.2). 1004 has no meaning yet; 1005, 1006 and 1015 only describe what was not sent; the rest is unassigned.
    /// </summary>
    public static bool IsValidOnWire(this CloseCode code) =>
        (ushort)code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
