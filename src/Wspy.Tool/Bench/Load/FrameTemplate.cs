namespace Wspy.Tool.Bench.Load;

/// <summary>The messages that are sent over and over, masked and framed once, before the measurement.</summary>
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

    // Where the frames of the period end.
    private readonly int[] _ends;

    private FrameTemplate(Workload workload)
    {
        Opcode = workload.Payload == PayloadKind.Binary ? Opcode.Binary : Opcode.Text;
        Size = workload.Size;
        Deflate = new LoadDeflate(workload.Deflate);
        Payloads = Load.Payloads.Create(workload);
        if (Payloads.Length == 1)
        {
            int repeated = Math.Clamp(MaxRepeated / (Size + FrameHeader.MaxSize), 1, workload.Window);
            Payloads = [.. Enumerable.Repeat(Payloads[0], repeated)];
        }

        byte[][] wire = IsDeflated ? Deflate.Compress(Payloads, Opcode) : Payloads;
        FrameHeader[] headers = [.. wire.Select(payload =>
            new FrameHeader(Opcode, payload.Length, reserved: IsDeflated ? ReservedBits.Rsv1 : ReservedBits.None, maskingKey: MaskingKey))];

        // Pinned: its address goes to the system in every send.
        Stream = GC.AllocateUninitializedArray<byte>(headers.Sum(header => header.Size) + wire.Sum(payload => payload.Length), pinned: true);
        _ends = new int[wire.Length];
        int end = 0;
        for (int i = 0; i < wire.Length; i++)
        {
            end += headers[i].Write(Stream.AsSpan(end));
            Masking.Apply(wire[i], Stream.AsSpan(end, wire[i].Length), MaskingKey);
            end += wire[i].Length;
            _ends[i] = end;
        }
    }

    public Opcode Opcode { get; }

    /// <summary>Bytes of payload in each message.</summary>
    public int Size { get; }

    /// <summary>The payloads of the period, unmasked and inflated: what comes back.</summary>
    public byte[][] Payloads { get; }

    public LoadDeflate Deflate { get; }

    /// <summary>Whether the frames are compressed, and their echoes may be.</summary>
    public bool IsDeflated => Deflate.Extensions.Count > 0;

    /// <summary>A whole number of frames, in pinned memory; behind its end it begins anew.</summary>
    public byte[] Stream { get; }

    /// <summary>Frames of the period.</summary>
    public int Count => _ends.Length;

    public static FrameTemplate Create(Workload workload) => new(workload);

    /// <summary>Bytes of the next frames.</summary>
    /// <param name="next">The number of the first of them in the period; on return, of the one behind them.</param>
    /// <param name="count">How many.</param>
    public long Take(ref int next, int count)
    {
        long whole = Math.DivRem(next + (long)count, Count, out long end);
        long bytes = (whole * Stream.Length) + StartOf((int)end) - StartOf(next);
        next = (int)end;
        return bytes;
    }

    /// <summary>Bytes from a place in the stream to the end of its frame; 0 where a frame begins.</summary>
    public int RestOfFrame(int offset)
    {
        int found = offset == 0 ? 0 : Array.BinarySearch(_ends, offset);
        return found >= 0 ? 0 : _ends[~found] - offset;
    }

    private int StartOf(int number) => number == 0 ? 0 : _ends[number - 1];
}
