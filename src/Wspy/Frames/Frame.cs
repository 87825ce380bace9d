using System.Buffers;
using System.Text;

namespace Wspy;

/// <summary>One frame: the unit of the wire (RFC 6455 §5.2), built to be sent or parsed from bytes.</summary>
/// <remarks>
/// Immutable, and safe from any thread as long as nobody changes the payload's memory: a frame that is built refers to the
/// caller's memory, a frame that is parsed owns a copy. The payload is never masked in memory; masking happens while packing.
/// </remarks>
public class Frame
{
    /// <summary>Creates a frame.</summary>
    /// <param name="opcode">0x0–0xF, reserved ones included.</param>
    /// <param name="payload">The payload; not copied.</param>
    /// <param name="fin">Whether this is the last fragment of its message.</param>
    /// <param name="reserved">The reserved bits to set; a peer accepts only those of a negotiated extension.</param>
    /// <exception cref="ArgumentOutOfRangeException">The opcode does not fit four bits, or a bit is no reserved bit.</exception>
    public Frame(Opcode opcode, ReadOnlyMemory<byte> payload, bool fin = true, ReservedBits reserved = ReservedBits.None)
    {
        Header = new FrameHeader(opcode, payload.Length, fin, reserved);
        Payload = payload;
    }

    internal Frame(in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        Header = header;
        Payload = payload;
    }

    /// <summary>The header: as received for a parsed frame, unmasked for one that was built.</summary>
    public FrameHeader Header { get; }

    /// <summary>What the frame carries.</summary>
    public Opcode Opcode => Header.Opcode;

    /// <summary>Whether this is the last fragment of its message.</summary>
    public bool Fin => Header.Fin;

    /// <summary>The reserved bits that are set.</summary>
    public ReservedBits Reserved => Header.Reserved;

    /// <summary>The payload, unmasked.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The payload as text.</summary>
    /// <exception cref="DecoderFallbackException">The payload is not UTF-8, as the fragments of a text need not be one by one.</exception>
    public string GetText() => Message.StrictUtf8.GetString(Payload.Span);

    /// <summary>A text frame.</summary>
    /// <exception cref="EncoderFallbackException">The text has a lone surrogate.</exception>
    public static Frame Text(string text, bool fin = true) => new(Opcode.Text, Message.StrictUtf8.GetBytes(text), fin);

    /// <summary>A binary frame.</summary>
    /// <param name="payload">The payload; not copied.</param>
    /// <param name="fin">Whether this is the last fragment of its message.</param>
    public static Frame Binary(ReadOnlyMemory<byte> payload, bool fin = true) => new(Opcode.Binary, payload, fin);

    /// <summary>Splits this frame into fragments of at most <paramref name="fragmentSize"/> bytes (RFC 6455 §5.4).</summary>
    /// <returns>
    /// This frame alone when it fits. Otherwise the first fragment has this frame's opcode and reserved bits, the others are
    /// continuations, and the last one has this frame's <see cref="Fin"/>. The payload is not copied.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    /// <exception cref="InvalidOperationException">This is a control frame, which is never fragmented (§5.5).</exception>
    public IReadOnlyList<Frame> Fragment(int fragmentSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fragmentSize);
        if (Opcode.IsControl())
        {
            throw new InvalidOperationException("A control frame cannot be fragmented (RFC 6455 §5.5).");
        }

        if (Payload.Length <= fragmentSize)
        {
            return [this];
        }

        var fragments = new Frame[(Payload.Length - 1) / fragmentSize + 1];
        for (int i = 0; i < fragments.Length; i++)
        {
            int start = i * fragmentSize;
            ReadOnlyMemory<byte> part = Payload.Slice(start, Math.Min(fragmentSize, Payload.Length - start));
            bool last = i == fragments.Length - 1;
            fragments[i] = i == 0
                ? new Frame(Opcode, part, fin: false, Reserved)
                : new Frame(Opcode.Continuation, part, last && Fin);
        }

        return fragments;
    }

    /// <summary>The size in bytes of this frame on the wire.</summary>
    public long PackedSize(bool masked) => FrameHeader.SizeOf(Payload.Length, masked) + (long)Payload.Length;

    /// <summary>Writes header and payload to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">At least <see cref="PackedSize"/> bytes.</param>
    /// <param name="maskingKey">The key to mask with, its first octet lowest, as a client must; <see langword="null"/> to send unmasked, as a server must.</param>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int Pack(Span<byte> destination, uint? maskingKey = null)
    {
        var header = new FrameHeader(Opcode, Payload.Length, Fin, Reserved, maskingKey);
        if (destination.Length - header.Size < Payload.Length)
        {
            throw new ArgumentException($"A frame of {PackedSize(header.IsMasked)} bytes does not fit a destination of {destination.Length} bytes.", nameof(destination));
        }

        int size = header.Write(destination);
        Span<byte> body = destination.Slice(size, Payload.Length);
        if (header.IsMasked)
        {
            Masking.Apply(Payload.Span, body, header.MaskingKey);
        }
        else
        {
            Payload.Span.CopyTo(body);
        }

        return size + Payload.Length;
    }

    /// <summary>Writes header and payload to <paramref name="output"/>.</summary>
    /// <param name="output">Where the bytes go.</param>
    /// <param name="maskingKey">The key to mask with; <see langword="null"/> to send unmasked.</param>
    public void WriteTo(IBufferWriter<byte> output, uint? maskingKey = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        output.Advance(Pack(output.GetSpan(checked((int)PackedSize(maskingKey.HasValue))), maskingKey));
    }

    /// <summary>The frame's bytes as they stand on the wire.</summary>
    /// <param name="maskingKey">The key to mask with; <see langword="null"/> to send unmasked.</param>
    public byte[] ToArray(uint? maskingKey = null)
    {
        byte[] bytes = new byte[checked((int)PackedSize(maskingKey.HasValue))];
        Pack(bytes, maskingKey);
        return bytes;
    }

    /// <summary>Reads a whole frame from the start of <paramref name="source"/>; judges nothing beyond what makes it unreadable.</summary>
    /// <param name="source">Bytes as received; not altered.</param>
    /// <param name="frame">The frame with a payload of its own, unmasked; a <see cref="ControlFrame"/> when its opcode is one of control and it keeps §5.5.</param>
    /// <param name="consumed">The number of bytes that the frame took.</param>
    /// <returns><see cref="OperationStatus.Done"/>, <see cref="OperationStatus.NeedMoreData"/>, or
    /// <see cref="OperationStatus.InvalidData"/> when the length has its highest bit set.</returns>
    public static OperationStatus TryParse(ReadOnlySpan<byte> source, out Frame? frame, out int consumed)
    {
        frame = null;
        consumed = 0;
        OperationStatus status = FrameHeader.TryParse(source, out FrameHeader header, out int headerSize);
        if (status != OperationStatus.Done)
        {
            return status;
        }

        if (source.Length - headerSize < header.PayloadLength)
        {
            return OperationStatus.NeedMoreData;
        }

        byte[] payload = source.Slice(headerSize, (int)header.PayloadLength).ToArray();
        if (header.IsMasked)
        {
            Masking.Apply(payload, header.MaskingKey);
        }

        frame = FromParts(header, payload);
        consumed = headerSize + payload.Length;
        return OperationStatus.Done;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Opcode}{(Fin ? "" : " fragment")}{(Reserved == 0 ? "" : $" {Reserved}")}, {Payload.Length} bytes";

    internal static Frame FromParts(in FrameHeader header, ReadOnlyMemory<byte> payload) =>
        header.Opcode.IsControl() && header.Fin && payload.Length <= ControlFrame.MaxPayloadSize
            ? new ControlFrame(header, payload)
            : new Frame(header, payload);
}
