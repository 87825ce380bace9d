using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Wspy.Conformance.Wire;

/// <summary>A frame to be sent, legal or not: every field of its header can be set apart from what it carries.</summary>
internal sealed record WireFrame(Opcode Opcode, Payload Payload) : WirePart
{
    public bool Fin { get; init; } = true;

    /// <summary>RSV1 is 4, RSV2 is 2, RSV3 is 1.</summary>
    public int Reserved { get; init; }

    /// <summary>Masked or not; <see langword="null"/> as the role demands.</summary>
    public bool? Masked { get; init; }

    /// <summary>Masked where the role forbids it, and not where it demands it.</summary>
    public bool WrongMasking { get; init; }

    /// <summary>The key; <see langword="null"/> for a random one.</summary>
    public uint? Key { get; init; }

    /// <summary>The bits that the length is written in: 7, 16 or 64; 0 for the fewest.</summary>
    public int LengthBits { get; init; }

    /// <summary>The length that the header tells, if it is not the payload's.</summary>
    public ulong? Declared { get; init; }

    public override bool IsClose => Opcode == Opcode.Close && Fin;

    /// <summary>The same with FIN=0: more fragments follow.</summary>
    public WireFrame More => this with { Fin = false };

    public WireFrame Rsv(int bits) => this with { Reserved = bits };

    public WireFrame LengthIn(int bits) => this with { LengthBits = bits };

    public WireFrame Declaring(ulong length) => this with { Declared = length };

    public WireFrame WithKey(uint key) => this with { Key = key };

    public WireFrame WronglyMasked => this with { WrongMasking = true };

    /// <summary>The header and the first bytes of the payload.</summary>
    public WirePart Begin(int bytes) => new FramePart(this, ..bytes, WithHeader: true);

    /// <summary>Bytes of the payload alone.</summary>
    public WirePart Body(Range bytes) => new FramePart(this, bytes, WithHeader: false);

    public override void Write(IBufferWriter<byte> output, PeerRole role)
    {
        bool masked = Masked ?? (role == PeerRole.Server) != WrongMasking;
        ulong length = Declared ?? (ulong)Payload.Length;
        int bits = LengthBits != 0 ? LengthBits : length <= 125 ? 7 : length <= ushort.MaxValue ? 16 : 64;
        Span<byte> header = output.GetSpan(FrameHeader.MaxSize);
        header[0] = (byte)((Fin ? 0x80 : 0) | (Reserved << 4) | (int)Opcode);
        header[1] = (byte)((masked ? 0x80 : 0) | (bits switch { 7 => (int)length, 16 => 126, _ => 127 }));
        int size = 2;
        if (bits == 16)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
            size = 4;
        }
        else if (bits == 64)
        {
            BinaryPrimitives.WriteUInt64BigEndian(header[2..], length);
            size = 10;
        }

        uint key = Key ?? BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        if (masked)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[size..], key);
            size += 4;
        }

        output.Advance(size);
        byte[] bytes = Payload.ToArray();
        Span<byte> body = output.GetSpan(Math.Max(1, bytes.Length));
        for (int i = 0; i < bytes.Length; i++)
        {
            // Written out, and not left to the library, which may be what is tested.
            body[i] = masked ? (byte)(bytes[i] ^ (byte)(key >> (8 * (i & 3)))) : bytes[i];
        }

        output.Advance(bytes.Length);
    }

    public override string ToString()
    {
        string text = Show.Opcode(Opcode) + (Fin ? "" : " FIN=0");
        text += (Reserved & 4) != 0 ? " RSV1" : "";
        text += (Reserved & 2) != 0 ? " RSV2" : "";
        text += (Reserved & 1) != 0 ? " RSV3" : "";
        text += WrongMasking ? " masked as it must not be" : Masked switch { true => " masked", false => " unmasked", null => "" };
        text += Key is { } key ? string.Create(CultureInfo.InvariantCulture, $" key {key:x8}") : "";
        text += LengthBits != 0 ? $" length in {LengthBits} bits" : "";
        text += Declared is { } declared ? $" declaring {declared:N0} bytes" : "";
        byte[]? close = Opcode == Opcode.Close && Payload.Length >= 2 ? Payload.ToArray() : null;
        return close is not null ? $"{text} {BinaryPrimitives.ReadUInt16BigEndian(close)}{(close.Length > 2 ? " " + Show.Payload(close.AsSpan(2)) : "")}"
            : Payload.Length == 0 ? $"{text}, empty" : $"{text} {Payload}";
    }
}
