using System.Diagnostics;

namespace Wspy.Tool.Bench.Load;

/// <summary>The one message that is sent over and over, masked and framed once, before the measurement.</summary>
/// <remarks>
/// The frames stand one behind another in a stream without end, of which one period is kept: any number of messages is then a piece
/// of memory, and a send that the system took half of goes on at an offset. All frames have the same masking key. RFC 6455
/// §5.3 asks for a fresh one each, against scripts in browsers that choose what stands on the wire; there are none here,
/// and a server unmasks what it is told to. Immutable, and shared by all connections.
/// </remarks>
internal sealed class FrameTemplate
{
    /// <summary>A period is repeated for the larger windows, but needs no more memory than this.</summary>
    private const int MaxRepeated = 1024 * 1024;

    // Four octets without symmetry, so that an octet at the wrong place shows.
    public const uint MaskingKey = 0x3D_21_FA_37;

    private FrameTemplate(PayloadKind kind, int size, int window)
    {
        Opcode = kind == PayloadKind.Binary ? Opcode.Binary : Opcode.Text;
        Payload = Fill(kind, size);
        var header = new FrameHeader(Opcode, size, maskingKey: MaskingKey);
        FrameSize = header.Size + size;
        int frames = Math.Clamp(MaxRepeated / FrameSize, 1, window);

        // Pinned: its address goes to the system in every send.
        Stream = GC.AllocateUninitializedArray<byte>(frames * FrameSize, pinned: true);
        for (int start = 0; start < Stream.Length; start += FrameSize)
        {
            Span<byte> frame = Stream.AsSpan(start, FrameSize);
            int written = header.Write(frame);
            Masking.Apply(Payload, frame[written..], MaskingKey);
        }
    }

    public Opcode Opcode { get; }

    /// <summary>The payload, unmasked: what comes back.</summary>
    public byte[] Payload { get; }

    /// <summary>Bytes of one frame, header included.</summary>
    public int FrameSize { get; }

    /// <summary>A whole number of frames, in pinned memory; behind its end it begins anew.</summary>
    public byte[] Stream { get; }

    public static FrameTemplate Create(Workload workload) => new(workload.Payload, workload.Size, workload.Window);

    private static byte[] Fill(PayloadKind kind, int size)
    {
        byte[] payload = GC.AllocateUninitializedArray<byte>(size);
        switch (kind)
        {
            case PayloadKind.Binary:
                // The same bytes in every run, so that runs can be compared.
                new Random(size).NextBytes(payload);
                break;
            case PayloadKind.Utf8:
                FillWithCharacters(payload);
                break;
            default:
                for (int i = 0; i < size; i++)
                {
                    payload[i] = (byte)('a' + (i % 26));
                }

                break;
        }

        return payload;
    }

    private static void FillWithCharacters(Span<byte> payload)
    {
        // 漢 is U+6F22.
        ReadOnlySpan<byte> character = "漢"u8;
        Debug.Assert(character.Length == 3, "This text is to have three bytes for each character.");
        while (payload.Length >= character.Length)
        {
            character.CopyTo(payload);
            payload = payload[character.Length..];
        }

        payload.Fill((byte)'a');
    }
}
