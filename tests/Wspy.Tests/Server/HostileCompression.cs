using System.Buffers;
using Wspy.Compression;
using Wspy.Protocol;
using Wspy.Tests.Protocol;
using Deflater = Wspy.Compression.Deflater;

namespace Wspy.Tests.ServerTests;

/// <summary>What a hostile peer that has negotiated permessage-deflate may send, and the code of the Close frame that it gets.</summary>
internal static class HostileCompression
{
    public const int MaxMessageSize = 100_000;
    public const int MaxFragments = 1000;

    private static readonly byte[] Final = [0x03, 0x00];

    public static TheoryData<string> Kinds =>
    [
        "a bomb in one frame", "a bomb in fragments", "a ratio", "empty fragments", "final blocks", "final blocks in fragments", "a bit on a continuation", "a bit on a ping",
        "another bit", "a distance too far", "garbage behind a final block", "what is cut off", "text that is none", "a block of no type",
    ];

    /// <summary>Its bytes, with a good message behind them that nobody may see.</summary>
    public static (byte[] Bytes, CloseCode Code) Make(string kind, WebSocketRole sender)
    {
        var wire = new Wire(sender);
        (byte[] bytes, CloseCode code) = kind switch
        {
            "a bomb in one frame" => (Message(wire, Deflated(new byte[MaxMessageSize + 1])), CloseCode.MessageTooBig),
            "a bomb in fragments" => (Fragments(wire, Deflated(new byte[64 << 20]), 100), CloseCode.MessageTooBig),

            // Of more than deflate reaches there is nothing, so the extension of the test has a smaller limit.
            "a ratio" => (Message(wire, Deflated(new byte[90_000])), CloseCode.MessageTooBig),
            "empty fragments" => ([.. wire.Frame(Opcode.Binary, [], fin: false, ReservedBits.Rsv1), .. Repeat(wire.More([], fin: false), 2 * MaxFragments)], CloseCode.PolicyViolation),
            "final blocks" => (Message(wire, Repeat(Final, 50_000)), CloseCode.MessageTooBig),
            "final blocks in fragments" => (Fragments(wire, Repeat(Final, 50_000), 500), CloseCode.MessageTooBig),
            "a bit on a continuation" => ([.. wire.Frame(Opcode.Binary, Deflated(new byte[9]), fin: false, ReservedBits.Rsv1), .. wire.Frame(Opcode.Continuation, Deflated(new byte[9]), reserved: ReservedBits.Rsv1)], CloseCode.ProtocolError),
            "a bit on a ping" => (wire.Frame(Opcode.Ping, Deflated(new byte[9]), reserved: ReservedBits.Rsv1), CloseCode.ProtocolError),
            "another bit" => (wire.Frame(Opcode.Binary, [0], reserved: ReservedBits.Rsv2), CloseCode.ProtocolError),
            "a distance too far" => (Message(wire, [0x4B, 0x04, 0x00, 0x00, 0xFF]), CloseCode.InvalidPayloadData),
            "garbage behind a final block" => (Message(wire, [.. Final, 0xFF, 0xFF, 0xFF]), CloseCode.InvalidPayloadData),
            "what is cut off" => (Message(wire, Deflated(DeflateSamples.Payload(1000)).AsSpan(..^20)), CloseCode.InvalidPayloadData),
            "text that is none" => (wire.Frame(Opcode.Text, Deflated([0x61, 0x80]), reserved: ReservedBits.Rsv1), CloseCode.InvalidPayloadData),
            _ => (Message(wire, [0x06]), CloseCode.InvalidPayloadData),
        };
        return ([.. bytes, .. Message(wire, Deflated("unseen"u8.ToArray()))], code);
    }

    private static byte[] Message(Wire wire, ReadOnlySpan<byte> deflated) => wire.Frame(Opcode.Binary, deflated, reserved: ReservedBits.Rsv1);

    private static byte[] Fragments(Wire wire, byte[] deflated, int size)
    {
        List<byte> all = [];
        for (int i = 0; i < deflated.Length; i += size)
        {
            all.AddRange(wire.Frame(i == 0 ? Opcode.Binary : Opcode.Continuation, deflated.AsSpan(i, Math.Min(size, deflated.Length - i)), i + size >= deflated.Length, i == 0 ? ReservedBits.Rsv1 : ReservedBits.None));
        }

        return [.. all];
    }

    private static byte[] Repeat(byte[] bytes, int times) => [.. Enumerable.Repeat(bytes, times).SelectMany(one => one)];

    private static byte[] Deflated(ReadOnlySpan<byte> data)
    {
        using Deflater deflater = Deflater.Create(new DeflateSettings());
        var output = new ArrayBufferWriter<byte>();
        deflater.Deflate(data, output, DeflateFlush.Sync);
        return output.WrittenSpan[..^4].ToArray();
    }
}
