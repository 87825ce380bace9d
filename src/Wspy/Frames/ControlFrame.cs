namespace Wspy;

/// <summary>A Close, Ping or Pong frame: never fragmented, at most 125 bytes of payload (RFC 6455 §5.5).</summary>
/// <remarks>Immutable, and safe from any thread as long as nobody changes the payload's memory.</remarks>
public sealed class ControlFrame : Frame
{
    /// <summary>The largest payload of a control frame in bytes.</summary>
    public const int MaxPayloadSize = 125;

    /// <summary>Creates a control frame.</summary>
    /// <param name="opcode">A control opcode, 0x8–0xF; 0xB–0xF are reserved.</param>
    /// <param name="payload">At most 125 bytes; not copied.</param>
    /// <param name="reserved">The reserved bits to set.</param>
    /// <exception cref="ArgumentException">The opcode is no control opcode, or the payload is too long.</exception>
    public ControlFrame(Opcode opcode, ReadOnlyMemory<byte> payload = default, ReservedBits reserved = ReservedBits.None)
        : base(opcode, payload, fin: true, reserved)
    {
        if (!opcode.IsControl())
        {
            throw new ArgumentException($"Opcode 0x{(int)opcode:X} is none of a control frame (0x8-0xF).", nameof(opcode));
        }

        if (payload.Length > MaxPayloadSize)
        {
            throw new ArgumentException($"A payload of {payload.Length} bytes exceeds the {MaxPayloadSize} bytes of a control frame (RFC 6455 §5.5).", nameof(payload));
        }
    }

    internal ControlFrame(in FrameHeader header, ReadOnlyMemory<byte> payload)
        : base(header, payload)
    {
    }

    /// <summary>
    /// The code of a Close frame; <see cref="CloseCode.NoStatusReceived"/> when it has none; <see langword="null"/> for
    /// other frames and for a body that is malformed.
    /// </summary>
    public CloseCode? CloseCode => Opcode == Opcode.Close && ClosePayload.Parse(Payload.Span, out CloseCode code, out _) == ClosePayloadError.None ? code : null;

    /// <summary>The reason of a Close frame; empty when it has none, for other frames, and for a body that is malformed.</summary>
    public string CloseReason => Opcode == Opcode.Close && ClosePayload.Parse(Payload.Span, out _, out string reason) == ClosePayloadError.None ? reason : "";

    /// <summary>A Close frame without code and reason.</summary>
    public static ControlFrame Close() => new(Opcode.Close);

    /// <summary>A Close frame.</summary>
    /// <param name="code">A code that may stand on the wire (<see cref="CloseCodeExtensions.IsValidOnWire"/>).</param>
    /// <param name="reason">At most 123 bytes of UTF-8.</param>
    /// <exception cref="ArgumentOutOfRangeException">The code may not stand on the wire.</exception>
    /// <exception cref="ArgumentException">The reason is too long or has a lone surrogate.</exception>
    public static ControlFrame Close(CloseCode code, string reason = "")
    {
        ClosePayload.Validate(code, reason);
        byte[] payload = new byte[MaxPayloadSize];
        int size = ClosePayload.Write(payload, code, reason);
        return new ControlFrame(Opcode.Close, payload.AsMemory(0, size));
    }

    /// <summary>A Ping frame.</summary>
    /// <param name="payload">At most 125 bytes, which the pong brings back; not copied.</param>
    public static ControlFrame Ping(ReadOnlyMemory<byte> payload = default) => new(Opcode.Ping, payload);

    /// <summary>A Pong frame.</summary>
    /// <param name="payload">The payload of the ping that it answers, or anything of at most 125 bytes when unsolicited; not copied.</param>
    public static ControlFrame Pong(ReadOnlyMemory<byte> payload = default) => new(Opcode.Pong, payload);
}
