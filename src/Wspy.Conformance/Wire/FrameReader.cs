using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Wspy.Conformance.Wire;

/// <summary>
/// Reads what the peer under test sends, and judges it by the RFC. It shares no code with the library's engine: a suite that
/// asked the library about the library would prove nothing.
/// </summary>
/// <param name="role">The role of the peer under test: a client masks its frames, a server does not.</param>
internal sealed class FrameReader(PeerRole role)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ArrayBufferWriter<byte> _message = new();
    private Opcode _kind;
    private ReservedBits _messageReserved;
    private int _fragments;

    /// <summary>The reserved bits that an extension gave a meaning, on the first frame of a message.</summary>
    public ReservedBits Allowed { get; set; }

    /// <summary>Whether the first fragment of a message has come, and not the last one.</summary>
    public bool InMessage => _fragments > 0;

    /// <summary>The keys of the frames so far, in order, for cases about masking.</summary>
    public List<uint> Keys { get; } = [];

    /// <summary>Takes one frame.</summary>
    /// <returns>What it completes, an <see cref="OffenceEvent"/>, or <see langword="null"/> for a fragment.</returns>
    public WireEvent? Take(in FrameHeader header, byte[] payload, TimeSpan at)
    {
        if (Offence(header) is { } offence)
        {
            return new OffenceEvent(at, $"{offence}: {Show.Frame(header, payload)}");
        }

        if (header.IsMasked)
        {
            Keys.Add(header.MaskingKey);
            for (int i = 0; i < payload.Length; i++)
            {
                payload[i] ^= (byte)(header.MaskingKey >> (8 * (i & 3)));
            }
        }

        return header.Opcode switch
        {
            Opcode.Ping => new PingEvent(at, payload),
            Opcode.Pong => new PongEvent(at, payload),
            Opcode.Close => Close(payload, at),
            _ => Data(header, payload, at),
        };
    }

    private string? Offence(in FrameHeader header)
    {
        bool control = header.Opcode.IsControl();
        ReservedBits allowed = control || header.Opcode == Opcode.Continuation ? ReservedBits.None : Allowed;
        return header.IsMasked != (role == PeerRole.Client) ? (header.IsMasked ? "a server masked a frame (§5.1)" : "a client did not mask a frame (§5.1)")
            : (header.Reserved & ~allowed) != 0 ? "a reserved bit without an extension (§5.2)"
            : header.Opcode.IsReserved() ? "a reserved opcode (§5.2)"
            : !header.IsMinimal ? "a length that is not written in the fewest bytes (§5.2)"
            : control && !header.Fin ? "a fragmented control frame (§5.5)"
            : control && header.PayloadLength > 125 ? "a control frame of more than 125 bytes (§5.5)"
            : header.Opcode == Opcode.Continuation && !InMessage ? "a continuation of nothing (§5.4)"
            : !control && header.Opcode != Opcode.Continuation && InMessage ? "a new message inside another one (§5.4)"
            : null;
    }

    private WireEvent? Data(in FrameHeader header, byte[] payload, TimeSpan at)
    {
        if (!InMessage)
        {
            _kind = header.Opcode;
            _messageReserved = header.Reserved;
        }

        _fragments++;
        _message.Write(payload);
        if (!header.Fin)
        {
            return null;
        }

        var message = new MessageEvent(at, _kind, _message.WrittenSpan.ToArray(), _fragments, _messageReserved);
        _message.ResetWrittenCount();
        _fragments = 0;
        return message.Kind == Opcode.Text && message.Reserved == 0 && !IsUtf8(message.Payload, out _)
            ? new OffenceEvent(at, $"a text message that is not UTF-8 (§5.6): {Show.Payload(message.Payload)}")
            : message;
    }

    private static WireEvent Close(byte[] payload, TimeSpan at)
    {
        if (payload.Length == 0)
        {
            return new CloseEvent(at, CloseEvent.NoCode, "");
        }

        int code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : 0;
        return payload.Length == 1 ? new OffenceEvent(at, "a Close frame with half a code (§5.5.1)")
            // §7.4: 1004–1006 and 1015 never stand in a frame; 1016–2999 have no meaning yet.
            : code is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)) ? new OffenceEvent(at, $"a Close frame with the code {code} (§7.4)")
            : !IsUtf8(payload.AsSpan(2), out string reason) ? new OffenceEvent(at, "a Close frame whose reason is not UTF-8 (§5.5.1)")
            : new CloseEvent(at, code, reason);
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }
}
