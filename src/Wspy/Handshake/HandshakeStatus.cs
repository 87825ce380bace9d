namespace Wspy.Handshake;

/// <summary>How far a server's handshake is.</summary>
public enum ServerHandshakeStatus
{
    /// <summary>The request goes on; nothing is wrong so far.</summary>
    NeedMoreData,

    /// <summary>A valid request for an upgrade: call <see cref="ServerHandshake.Accept"/>, or send a response of your own and end the connection.</summary>
    Upgrade,

    /// <summary>A valid request that asks for no upgrade to WebSocket: send a response such as <see cref="ServerHandshake.UpgradeRequired"/>.</summary>
    PlainRequest,

    /// <summary>The request is refused: send the response of <see cref="ServerHandshake.Refusal"/> and end the connection.</summary>
    Refused,
}

/// <summary>How far a client's handshake is.</summary>
public enum ClientHandshakeStatus
{
    /// <summary>The response goes on; nothing is wrong so far.</summary>
    NeedMoreData,

    /// <summary>The connection is a WebSocket; what follows in the input are frames.</summary>
    Accepted,

    /// <summary>The response is not accepted: see <see cref="ClientHandshake.Failure"/>.</summary>
    Failed,
}
