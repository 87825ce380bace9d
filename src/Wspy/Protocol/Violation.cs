using System.Globalization;

namespace Wspy.Protocol;

/// <summary>A peer's mistake as a value: which rule, and for limits what was allowed and what came.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
/// <param name="Kind">Which rule was broken.</param>
/// <param name="Actual">What came: a size, a count, a code, bits; 0 where it says nothing.</param>
/// <param name="Limit">What was allowed; 0 where it says nothing.</param>
public readonly record struct Violation(ProtocolViolation Kind, long Actual = 0, long Limit = 0)
{
    /// <summary>Whether the rule is a limit of this endpoint rather than one of the protocol.</summary>
    public bool IsLimit => Kind is ProtocolViolation.FrameTooLarge or ProtocolViolation.MessageTooLarge or ProtocolViolation.TooManyFragments;

    /// <summary>The name of the option that holds the limit; <see langword="null"/> when no limit was exceeded.</summary>
    public string? LimitName => Kind switch
    {
        ProtocolViolation.FrameTooLarge => nameof(ProtocolOptions.MaxFrameSize),
        ProtocolViolation.MessageTooLarge => nameof(ProtocolOptions.MaxMessageSize),
        ProtocolViolation.TooManyFragments => nameof(ProtocolOptions.MaxFragments),
        _ => null,
    };

    /// <summary>The code with which the connection is failed (RFC 6455 §7.4.1); the one place that maps violations to codes.</summary>
    public CloseCode CloseCode => Kind switch
    {
        ProtocolViolation.FrameTooLarge or ProtocolViolation.MessageTooLarge or ProtocolViolation.ExtensionLimit => CloseCode.MessageTooBig,
        ProtocolViolation.TooManyFragments => CloseCode.PolicyViolation,
        ProtocolViolation.InvalidUtf8 or ProtocolViolation.InvalidCloseReason or ProtocolViolation.InvalidExtensionData => CloseCode.InvalidPayloadData,
        ProtocolViolation.ExtensionFailed => CloseCode.InternalError,
        _ => CloseCode.ProtocolError,
    };

    /// <summary>What happened, in a sentence for people. ASCII of at most 123 bytes whatever the numbers are, since it is sent as the reason of the Close frame.</summary>
    public string Description => Kind switch
    {
        ProtocolViolation.None => "No violation",
        ProtocolViolation.ReservedBits => $"Reserved bits {(ReservedBits)Actual} are set without an extension that claims them",
        ProtocolViolation.ReservedOpcode => $"Opcode 0x{Actual:X} is reserved",
        ProtocolViolation.FragmentedControlFrame => "Control frame is fragmented",
        ProtocolViolation.ControlFrameTooLong => $"Control frame of {Number(Actual)} bytes exceeds {Limit}",
        ProtocolViolation.UnmaskedClientFrame => "Client frame is not masked",
        ProtocolViolation.MaskedServerFrame => "Server frame is masked",
        ProtocolViolation.LengthNotMinimal => $"Length {Number(Actual)} is not written in the fewest bytes",
        ProtocolViolation.LengthOutOfRange => "Length has its highest bit set",
        ProtocolViolation.UnexpectedContinuation => "Continuation frame without a message to continue",
        ProtocolViolation.ExpectedContinuation => "New message before the last one ended",
        ProtocolViolation.FrameTooLarge => $"Frame of {Number(Actual)} bytes exceeds {LimitName} ({Number(Limit)})",
        ProtocolViolation.MessageTooLarge => $"Message of {Number(Actual)} bytes exceeds {LimitName} ({Number(Limit)})",
        ProtocolViolation.TooManyFragments => $"Message of {Number(Actual)} fragments exceeds {LimitName} ({Number(Limit)})",
        ProtocolViolation.InvalidUtf8 => $"Text is not UTF-8 at byte {Number(Actual)} of the message",
        ProtocolViolation.ClosePayloadOfOneByte => "Close frame with a body of one byte",
        ProtocolViolation.InvalidCloseCode => $"Close code {Actual} is not allowed in a Close frame",
        ProtocolViolation.InvalidCloseReason => "Close reason is not UTF-8",
        ProtocolViolation.InvalidExtensionData => "Payload is not what the extension makes",
        ProtocolViolation.ExtensionLimit => "Payload exceeds a limit of the extension",
        ProtocolViolation.ExtensionFailed => "Extension failed",
        _ => Kind.ToString(),
    };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
