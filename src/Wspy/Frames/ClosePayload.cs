using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Wspy;

/// <summary>The body of a Close frame: nothing, or a code in two bytes and a reason in UTF-8 (RFC 6455 §5.5.1).</summary>
internal static class ClosePayload
{
    /// <summary>A control frame's 125 bytes without the code.</summary>
    public const int MaxReasonSize = ControlFrame.MaxPayloadSize - 2;

    /// <summary>Writes code and reason; the destination holds at least <see cref="ControlFrame.MaxPayloadSize"/> bytes.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int Write(Span<byte> destination, CloseCode code, ReadOnlySpan<char> reason)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)code);
        return 2 + Encoding.UTF8.GetBytes(reason, destination[2..]);
    }

    /// <summary>Reads code and reason: <see cref="CloseCode.NoStatusReceived"/> for an empty body.</summary>
    public static ClosePayloadError Parse(ReadOnlySpan<byte> payload, out CloseCode code, out string reason)
    {
        code = CloseCode.NoStatusReceived;
        reason = "";
        if (payload.IsEmpty)
        {
            return ClosePayloadError.None;
        }

        if (payload.Length == 1)
        {
            return ClosePayloadError.OneByte;
        }

        code = (CloseCode)BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!code.IsValidOnWire())
        {
            return ClosePayloadError.InvalidCode;
        }

        if (!Utf8.IsValid(payload[2..]))
        {
            return ClosePayloadError.InvalidReason;
        }

        reason = Encoding.UTF8.GetString(payload[2..]);
        return ClosePayloadError.None;
    }

    /// <summary>What a user's code becomes on the wire: <see cref="CloseCode.NoStatusReceived"/> asks for a Close frame without a body.</summary>
    /// <inheritdoc cref="Validate" path="/exception"/>
    public static CloseCode? ToWire(CloseCode code, string reason)
    {
        if (code == CloseCode.NoStatusReceived && reason is "")
        {
            return null;
        }

        Validate(code, reason);
        return code;
    }

    /// <summary>Judges a code and a reason that a user wants to send.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The code may not stand on the wire.</exception>
    /// <exception cref="ArgumentException">The reason is longer than 123 bytes of UTF-8, or has a lone surrogate.</exception>
    public static void Validate(CloseCode code, string reason, string codeParameter = "code", string reasonParameter = "reason")
    {
        ArgumentNullException.ThrowIfNull(reason, reasonParameter);
        if (!code.IsValidOnWire())
        {
            ThrowInvalidCode(code, codeParameter);
        }

        // Strict: a lone surrogate is an EncoderFallbackException, which is an ArgumentException.
        int size = Message.StrictUtf8.GetByteCount(reason);
        if (size > MaxReasonSize)
        {
            throw new ArgumentException($"A close reason of {size} bytes of UTF-8 exceeds the {MaxReasonSize} bytes that a Close frame holds (RFC 6455 §5.5).", reasonParameter);
        }
    }

    [DoesNotReturn]
    private static void ThrowInvalidCode(CloseCode code, string parameter) =>
        throw new ArgumentOutOfRangeException(parameter, (int)code, "A Close frame carries 1000-1003, 1007-1014 or 3000-4999 (RFC 6455 §7.4); applications use 4000-4999.");
}

/// <summary>What is wrong with the body of a received Close frame.</summary>
internal enum ClosePayloadError
{
    None,
    OneByte,
    InvalidCode,
    InvalidReason,
}
