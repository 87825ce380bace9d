using Wspy.Protocol;

namespace Wspy;

/// <summary>How a connection ended; each connection ends exactly once.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public sealed record CloseInfo
{
    /// <summary>
    /// The code of the Close frame that began the closing: the peer's, <see cref="CloseCode.NoStatusReceived"/> (1005) when it
    /// had none, or ours. <see cref="CloseCode.AbnormalClosure"/> (1006) when the connection was lost without a Close frame of
    /// the peer, unless this end failed it because of a violation.
    /// </summary>
    public required CloseCode Code { get; init; }

    /// <summary>The reason that belongs to the code; may be empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who began to close.</summary>
    public CloseInitiator Initiator { get; init; }

    /// <summary>Whether both ends sent their Close frames (RFC 6455 §7.1.4).</summary>
    public bool WasClean { get; init; }

    /// <summary>What caused the end, when it was no ordinary close: the violation, the I/O error, the handler's exception.</summary>
    public Exception? Exception { get; init; }

    /// <summary>Such as "1000 NormalClosure, closed by Peer: bye".</summary>
    public override string ToString() =>
        $"{(int)Code} {(Enum.IsDefined(Code) ? Code.ToString() : "")}".TrimEnd() +
        (Initiator == CloseInitiator.Transport ? ", connection lost" : $", closed by {Initiator}") +
        (WasClean || Initiator == CloseInitiator.Transport ? "" : " without a complete closing handshake") +
        (Reason.Length > 0 ? $": {Reason}" : "");
}
