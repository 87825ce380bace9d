namespace Wspy;

/// <summary>What the engine expects of the byte stream, for the driver that owns it (RFC 6455 §7.1.1).</summary>
public enum CloseExpectation
{
    /// <summary>The connection is open.</summary>
    None,

    /// <summary>This end sent its Close frame; the peer's must come within the close time.</summary>
    PeerClose,

    /// <summary>This end must still send its Close frame, in answer to the peer's.</summary>
    LocalClose,

    /// <summary>The closing handshake is complete and this is the client: the server ends the stream first, within the close time.</summary>
    EndOfStream,

    /// <summary>End the stream now: the closing handshake is complete and this is the server, or the connection failed and the Close frame is out.</summary>
    Now,
}

/// <summary>Who began to close.</summary>
public enum CloseInitiator
{
    /// <summary>Nobody: the stream ended or broke without a Close frame.</summary>
    Transport,

    /// <summary>This end: it was asked to, or it failed the connection because of a violation.</summary>
    Local,

    /// <summary>The peer.</summary>
    Peer,
}
