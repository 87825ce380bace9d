using System.Buffers.Binary;
using System.Text;

namespace Wspy.Tests.Protocol;

/// <summary>Writes what a peer of the given role sends, byte by byte after RFC 6455 §5.2 and with nothing of the library, right or wrong.</summary>
internal sealed class Wire(WebSocketRole sender)
{
    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];

    public WebSocketRole Sender => sender;

    public bool Masks { get; init; } = sender == WebSocketRole.Client;

    public byte[] Text(string text, bool fin = true) => Frame(Opcode.Text, Encoding.UTF8.GetBytes(text), fin);

    public byte[] Binary(ReadOnlySpan<byte> payload, bool fin = true) => Frame(Opcode.Binary, payload, fin);

    public byte[] More(string text, bool fin = true) => Frame(Opcode.Continuation, Encoding.UTF8.GetBytes(text), fin);

    public byte[] More(ReadOnlySpan<byte> payload, bool fin = true) => Frame(Opcode.Continuation, payload, fin);

    public byte[] Ping(string text = "") => Frame(Opcode.Ping, Encoding.UTF8.GetBytes(text));

    public byte[] Pong(string text = "") => Frame(Opcode.Pong, Encoding.UTF8.GetBytes(text));

    public byte[] Close() => Frame(Opcode.Close, []);

    public byte[] Close(int code, string reason = "") => Close(code, Encoding.UTF8.GetBytes(reason));

    public byte[] Close(int code, ReadOnlySpan<byte> reason) => Frame(Opcode.Close, [(byte)(code >> 8), (byte)code, .. reason]);

    public byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload, bool fin = true, ReservedBits reserved = ReservedBits.None)
    {
        byte[] header = Header(opcode, payload.Length, fin, reserved);
        byte[] frame = [.. header, .. payload];
        for (int i = 0; Masks && i < payload.Length; i++)
        {
            frame[header.Length + i] ^= Key[i % 4];
        }

        return frame;
    }

    /// <summary>The header alone, as of a frame whose payload has not come yet.</summary>
    public byte[] Header(Opcode opcode, long length, bool fin = true, ReservedBits reserved = ReservedBits.None) =>
        RawHeader(opcode, (ulong)length, length <= 125 ? 0 : length <= 65535 ? 2 : 8, fin, reserved);

    /// <summary>A header whose length stands in the given number of extra bytes, fewest or not.</summary>
    public byte[] RawHeader(Opcode opcode, ulong length, int lengthBytes, bool fin = true, ReservedBits reserved = ReservedBits.None)
    {
        byte first = (byte)((fin ? 0x80 : 0) | (byte)reserved | (byte)opcode);
        byte second = (byte)((Masks ? 0x80 : 0) | (lengthBytes == 0 ? (int)length : lengthBytes == 2 ? 126 : 127));
        byte[] number = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, length);
        return [first, second, .. number[(8 - lengthBytes)..], .. Masks ? Key : []];
    }
}
