using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Wspy;

/// <summary>The header of a frame (RFC 6455 §5.2): parse and pack, nothing judged beyond what makes it unreadable.</summary>
/// <remarks>
/// <code>
///  0               1               2               3
///  0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7 0 1 2 3 4 5 6 7
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// |F|R|R|R| opcode|M| length      | extended length               |
/// |I|S|S|S| (4)   |A| 0-125, or   | 126: 16 bits                  |
/// |N|V|V|V|       |S| 126, 127    | 127: 64 bits, the first one 0 |
/// | |1|2|3|       |K|             |                               |
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// | extended length, continued    | masking key (if MASK)         |
/// +-------------------------------+-------------------------------+
/// | masking key, continued        | payload ...                   |
/// +-------------------------------+-------------------------------+
/// </code>
/// All numbers are in network byte order. An immutable value, safe from any thread.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FrameHeader
{
    /// <summary>The size of the longest header in bytes: 2, an 8-byte length and a 4-byte key.</summary>
    public const int MaxSize = 2 + 8 + 4;

    private const byte FinBit = 0x80;
    private const byte MaskBit = 0x80;
    private const byte OpcodeBits = 0x0F;
    private const byte LengthBits = 0x7F;

    /// <summary>Lengths above this one take two more bytes.</summary>
    private const int MaxLength7 = 125;

    /// <summary>In the place of the length: it follows in 16 bits.</summary>
    private const int Length16 = 126;

    /// <summary>In the place of the length: it follows in 64 bits.</summary>
    private const int Length64 = 127;

    private readonly byte _first;

    /// <summary>Creates a header.</summary>
    /// <param name="opcode">0x0–0xF, reserved ones included.</param>
    /// <param name="payloadLength">In bytes, 0 to 2^63-1.</param>
    /// <param name="fin">Whether this is the last fragment of its message.</param>
    /// <param name="reserved">The reserved bits to set.</param>
    /// <param name="maskingKey">The key in wire order, its first octet lowest; <see langword="null"/> for an unmasked frame.</param>
    /// <exception cref="ArgumentOutOfRangeException">The opcode does not fit four bits, a bit is no reserved bit, or the length is negative.</exception>
    public FrameHeader(Opcode opcode, long payloadLength, bool fin = true, ReservedBits reserved = ReservedBits.None, uint? maskingKey = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((byte)opcode, OpcodeBits, nameof(opcode));
        ArgumentOutOfRangeException.ThrowIfNotEqual((byte)(reserved & ~ReservedBits.All), 0, nameof(reserved));
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        _first = (byte)((fin ? FinBit : 0) | (byte)reserved | (byte)opcode);
        PayloadLength = payloadLength;
        IsMasked = maskingKey.HasValue;
        MaskingKey = maskingKey.GetValueOrDefault();
        IsMinimal = true;
    }

    private FrameHeader(byte first, long payloadLength, bool masked, uint maskingKey, bool minimal)
    {
        _first = first;
        PayloadLength = payloadLength;
        IsMasked = masked;
        MaskingKey = maskingKey;
        IsMinimal = minimal;
    }

    /// <summary>Whether this frame is the last fragment of its message (FIN).</summary>
    public bool Fin => (_first & FinBit) != 0;

    /// <summary>The reserved bits that are set.</summary>
    public ReservedBits Reserved => (ReservedBits)_first & ReservedBits.All;

    /// <summary>What the frame carries; may be a reserved opcode.</summary>
    public Opcode Opcode => (Opcode)(_first & OpcodeBits);

    /// <summary>The size of the payload in bytes, 0 to 2^63-1.</summary>
    public long PayloadLength { get; }

    /// <summary>Whether the payload is masked (MASK), as every frame of a client is (§5.3).</summary>
    public bool IsMasked { get; }

    /// <summary>The masking key in wire order, its first octet in the lowest byte; 0 when not masked.</summary>
    public uint MaskingKey { get; }

    /// <summary>Whether the length was written in the fewest bytes, which §5.2 demands; true for a header built here.</summary>
    public bool IsMinimal { get; }

    /// <summary>The size in bytes of this header when written.</summary>
    public int Size => SizeOf(PayloadLength, IsMasked);

    /// <summary>The size in bytes of a header for a payload of <paramref name="payloadLength"/> bytes.</summary>
    public static int SizeOf(long payloadLength, bool masked) =>
        2 + (payloadLength <= MaxLength7 ? 0 : payloadLength <= ushort.MaxValue ? 2 : 8) + (masked ? 4 : 0);

    /// <summary>Reads a header from the start of <paramref name="source"/>.</summary>
    /// <param name="source">Bytes as received.</param>
    /// <param name="header">The header, when the result is <see cref="OperationStatus.Done"/>.</param>
    /// <param name="consumed">The size of the header in bytes, when the result is <see cref="OperationStatus.Done"/>, else 0.</param>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>; <see cref="OperationStatus.NeedMoreData"/> when the header is not complete;
    /// <see cref="OperationStatus.InvalidData"/> when the highest bit of a 64-bit length is set (§5.2), known as soon as its first byte is there.
    /// </returns>
    public static OperationStatus TryParse(ReadOnlySpan<byte> source, out FrameHeader header, out int consumed)
    {
        header = default;
        consumed = 0;
        if (source.Length < 2)
        {
            return OperationStatus.NeedMoreData;
        }

        byte second = source[1];
        bool masked = (second & MaskBit) != 0;
        long length = second & LengthBits;
        int position = 2;
        bool minimal = true;
        if (length == Length16)
        {
            if (source.Length < 4)
            {
                return OperationStatus.NeedMoreData;
            }

            length = BinaryPrimitives.ReadUInt16BigEndian(source[2..]);
            minimal = length > MaxLength7;
            position = 4;
        }
        else if (length == Length64)
        {
            // RFC 6455 §5.2: the most significant bit must be 0.
            if (source.Length > 2 && (source[2] & 0x80) != 0)
            {
                return OperationStatus.InvalidData;
            }

            if (source.Length < 10)
            {
                return OperationStatus.NeedMoreData;
            }

            length = BinaryPrimitives.ReadInt64BigEndian(source[2..]);
            minimal = length > ushort.MaxValue;
            position = 10;
        }

        uint key = 0;
        if (masked)
        {
            if (source.Length < position + 4)
            {
                return OperationStatus.NeedMoreData;
            }

            key = BinaryPrimitives.ReadUInt32LittleEndian(source[position..]);
            position += 4;
        }

        header = new FrameHeader(source[0], length, masked, key, minimal);
        consumed = position;
        return OperationStatus.Done;
    }

    /// <summary>Writes the header to the start of <paramref name="destination"/>, its length in the fewest bytes.</summary>
    /// <returns>The number of bytes written: <see cref="Size"/>.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than <see cref="Size"/>.</exception>
    public int Write(Span<byte> destination)
    {
        int size = Size;
        if (destination.Length < size)
        {
            ThrowTooShort(size, destination.Length, nameof(destination));
        }

        int maskBit = IsMasked ? MaskBit : 0;
        destination[0] = _first;
        int position = 2;
        if (PayloadLength <= MaxLength7)
        {
            destination[1] = (byte)(maskBit | (int)PayloadLength);
        }
        else if (PayloadLength <= ushort.MaxValue)
        {
            destination[1] = (byte)(maskBit | Length16);
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)PayloadLength);
            position = 4;
        }
        else
        {
            destination[1] = (byte)(maskBit | Length64);
            BinaryPrimitives.WriteInt64BigEndian(destination[2..], PayloadLength);
            position = 10;
        }

        if (IsMasked)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[position..], MaskingKey);
        }

        return size;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowTooShort(int size, int actual, string parameter) =>
        throw new ArgumentException($"A header of {size} bytes does not fit a destination of {actual} bytes.", parameter);
}
