namespace Wspy.Protocol;

/// <summary>The rules that a frame's header alone can break, in the order in which they are judged.</summary>
internal static class FrameRules
{
    /// <summary>The rules that do not depend on the frames before.</summary>
    /// <param name="header">The frame.</param>
    /// <param name="receiver">Who judges.</param>
    /// <param name="options">The limits and liberties.</param>
    /// <param name="claimed">The reserved bits that extensions claim on this frame.</param>
    /// <param name="opcodes">The opcodes that extensions claim, a bit for each.</param>
    public static Violation Judge(in FrameHeader header, WebSocketRole receiver, ProtocolOptions options, ReservedBits claimed = ReservedBits.None, int opcodes = 0)
    {
        // RFC 6455 §5.2: reserved bits are 0 unless an extension gives them a meaning.
        ReservedBits unexpected = header.Reserved & ~(options.AllowedReservedBits | claimed);
        if (unexpected != 0)
        {
            return new Violation(ProtocolViolation.ReservedBits, (long)unexpected);
        }

        if (header.Opcode.IsReserved() && !options.AllowReservedOpcodes && (opcodes & (1 << (int)header.Opcode)) == 0)
        {
            return new Violation(ProtocolViolation.ReservedOpcode, (long)header.Opcode);
        }

        // §5.1: a client masks every frame, a server none.
        if (header.IsMasked != (receiver == WebSocketRole.Server))
        {
            return new Violation(header.IsMasked ? ProtocolViolation.MaskedServerFrame : ProtocolViolation.UnmaskedClientFrame);
        }

        // §5.2: the minimal number of bytes must be used to encode the length.
        if (!header.IsMinimal)
        {
            return new Violation(ProtocolViolation.LengthNotMinimal, header.PayloadLength);
        }

        if (header.Opcode.IsControl())
        {
            // §5.5: control frames are not fragmented and have at most 125 bytes.
            if (!header.Fin)
            {
                return new Violation(ProtocolViolation.FragmentedControlFrame);
            }

            if (header.PayloadLength > ControlFrame.MaxPayloadSize)
            {
                return new Violation(ProtocolViolation.ControlFrameTooLong, header.PayloadLength, ControlFrame.MaxPayloadSize);
            }
        }
        else if (header.PayloadLength > options.MaxFrameSize)
        {
            return new Violation(ProtocolViolation.FrameTooLarge, header.PayloadLength, options.MaxFrameSize);
        }

        return default;
    }

    /// <summary>The rules of fragmentation (§5.4) and the limits of a message, for a data frame.</summary>
    /// <param name="header">The frame.</param>
    /// <param name="inMessage">Whether a message has begun and not ended.</param>
    /// <param name="size">The bytes of that message so far.</param>
    /// <param name="fragments">The fragments of that message so far.</param>
    /// <param name="options">The limits.</param>
    /// <param name="transformed">Whether extensions make something else of the payload, whose size is judged then.</param>
    public static Violation JudgeSequence(in FrameHeader header, bool inMessage, long size, int fragments, ProtocolOptions options, bool transformed = false)
    {
        if ((header.Opcode == Opcode.Continuation) != inMessage)
        {
            return new Violation(inMessage ? ProtocolViolation.ExpectedContinuation : ProtocolViolation.UnexpectedContinuation);
        }

        // An array is the largest thing that a message or frame can be delivered in; parts have no such bound.
        long limit = options.Delivery == DeliveryUnit.Message ? Math.Min(options.MaxMessageSize, Array.MaxLength) : options.MaxMessageSize;

        // Written as a difference, since the sum may exceed 2^63-1.
        if (!transformed && header.PayloadLength > limit - size)
        {
            long actual = header.PayloadLength > long.MaxValue - size ? long.MaxValue : size + header.PayloadLength;
            return new Violation(ProtocolViolation.MessageTooLarge, actual, limit);
        }

        if (options.Delivery == DeliveryUnit.Frame && header.PayloadLength > Array.MaxLength)
        {
            return new Violation(ProtocolViolation.FrameTooLarge, header.PayloadLength, Array.MaxLength);
        }

        return fragments >= options.MaxFragments
            ? new Violation(ProtocolViolation.TooManyFragments, fragments + 1L, options.MaxFragments)
            : default;
    }
}
