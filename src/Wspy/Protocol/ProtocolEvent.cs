namespace Wspy.Protocol;

/// <summary>What a <see cref="WebSocketProtocol"/> found in the received bytes.</summary>
/// <remarks>
/// A view: <see cref="Payload"/> lies in the caller's input or in the engine's memory and is valid until the next call that
/// gives the engine input. It may be altered by whoever holds it.
/// </remarks>
public readonly ref struct ProtocolEvent
{
    internal ProtocolEvent(ProtocolEventKind kind)
    {
        Kind = kind;
    }

    internal ProtocolEvent(ProtocolEventKind kind, Opcode opcode, Span<byte> payload, bool fin, ReservedBits reserved, bool isStart = true)
    {
        Kind = kind;
        Opcode = opcode;
        Payload = payload;
        Fin = fin;
        Reserved = reserved;
        IsStart = isStart;
    }

    /// <summary>What happened.</summary>
    public ProtocolEventKind Kind { get; }

    /// <summary>The frame's opcode when frames are delivered; otherwise for data the message's.</summary>
    public Opcode Opcode { get; }

    /// <summary>The payload, unmasked: of the message, frame, part or control frame.</summary>
    public Span<byte> Payload { get; }

    /// <summary>Whether the message ends here.</summary>
    public bool Fin { get; }

    /// <summary>Whether the message begins here; always so for whole messages and control frames.</summary>
    public bool IsStart { get; }

    /// <summary>The reserved bits: of the frame when frames are delivered; otherwise of the message's first frame.</summary>
    public ReservedBits Reserved { get; }
}

/// <summary>The kinds of <see cref="ProtocolEvent"/>.</summary>
public enum ProtocolEventKind
{
    /// <summary>Nothing yet: all input was taken, more is needed.</summary>
    None,

    /// <summary>A message, frame or part of data, as <see cref="ProtocolOptions.Delivery"/> says.</summary>
    Data,

    /// <summary>A ping; its answer is pending when the engine answers control frames.</summary>
    Ping,

    /// <summary>A pong, asked for or not (RFC 6455 §5.5.3).</summary>
    Pong,

    /// <summary>A control frame with a reserved opcode, which the options allow.</summary>
    ReservedControl,

    /// <summary>The peer's Close frame; everything after it is discarded.</summary>
    Close,

    /// <summary>The peer broke a rule, see <see cref="WebSocketProtocol.Violation"/>; a Close frame is pending, and everything after it is discarded.</summary>
    Failed,
}
