namespace Wspy.Protocol;

/// <summary>What a peer did wrong, one value per rule. The close code of each is in <see cref="Violation.CloseCode"/>.</summary>
public enum ProtocolViolation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A reserved bit is set that no extension claims (RFC 6455 §5.2).</summary>
    ReservedBits,

    /// <summary>The opcode is reserved (§5.2).</summary>
    ReservedOpcode,

    /// <summary>A control frame is fragmented (§5.5).</summary>
    FragmentedControlFrame,

    /// <summary>A control frame has more than 125 bytes of payload (§5.5).</summary>
    ControlFrameTooLong,

    /// <summary>A client sent an unmasked frame (§5.1).</summary>
    UnmaskedClientFrame,

    /// <summary>A server sent a masked frame (§5.1).</summary>
    MaskedServerFrame,

    /// <summary>The length is not written in the fewest bytes (§5.2).</summary>
    LengthNotMinimal,

    /// <summary>The highest bit of a 64-bit length is set (§5.2).</summary>
    LengthOutOfRange,

    /// <summary>A continuation frame without a message to continue (§5.4).</summary>
    UnexpectedContinuation,

    /// <summary>A new message begins before the last one ended (§5.4).</summary>
    ExpectedContinuation,

    /// <summary>The payload of a frame exceeds <see cref="ProtocolOptions.MaxFrameSize"/>.</summary>
    FrameTooLarge,

    /// <summary>A message exceeds <see cref="ProtocolOptions.MaxMessageSize"/>.</summary>
    MessageTooLarge,

    /// <summary>A message has more fragments than <see cref="ProtocolOptions.MaxFragments"/>.</summary>
    TooManyFragments,

    /// <summary>A text message is not UTF-8 (§8.1).</summary>
    InvalidUtf8,

    /// <summary>The body of a Close frame is one byte long (§5.5.1).</summary>
    ClosePayloadOfOneByte,

    /// <summary>A Close frame carries a code that may not stand on the wire (§7.4).</summary>
    InvalidCloseCode,

    /// <summary>The reason of a Close frame is not UTF-8 (§5.5.1).</summary>
    InvalidCloseReason,

    /// <summary>The payload is not what an extension that was agreed on makes, such as corrupt compressed data (RFC 7692 §7.2.2).</summary>
    InvalidExtensionData,

    /// <summary>The payload exceeds a limit of an extension, such as a ratio of compression.</summary>
    ExtensionLimit,

    /// <summary>An extension of this end threw an exception. The peer did nothing wrong.</summary>
    ExtensionFailed,
}
