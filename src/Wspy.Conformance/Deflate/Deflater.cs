using System.IO.Compression;
using static Wspy.Conformance.Deflate.DeflateTables;

namespace Wspy.Conformance.Deflate;

/// <summary>
/// Compresses the messages of one direction by plan. Of its own making, for no compressor of the platform has a window of 256
/// bytes, or can be told which blocks to write; only where a plan asks for zlib does that do it.
/// </summary>
internal sealed class Deflater(int windowBits, bool takeover)
{
    private const int MaxStored = 0xFFFF;

    private byte[] _history = [];

    /// <summary>The payload for a message.</summary>
    public byte[] Deflate(ReadOnlySpan<byte> message, DeflatePlan plan)
    {
        byte[] history = takeover && plan.RefersBack ? _history : [];
        byte[] payload = plan.Level is { } level ? ByZlib(message, level, plan.Final) : Write([.. history, .. message], history.Length, plan);
        if (takeover)
        {
            byte[] all = [.. _history, .. message];
            _history = all[Math.Max(0, all.Length - (1 << 15))..];
        }

        return payload;
    }

    /// <summary>What zlib makes of a message, ended as RFC 7692 §7.2.1 has it.</summary>
    public static byte[] ByZlib(ReadOnlySpan<byte> message, int level, bool final)
    {
        using var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
        {
            deflate.Write(message);
            if (!final)
            {
                deflate.Flush();
                return message.IsEmpty ? [0x00] : output.ToArray()[..^Tail.Length];
            }
        }

        return message.IsEmpty ? [0x03, 0x00, 0x00] : [.. output.ToArray(), 0x00];
    }

    private byte[] Write(byte[] data, int start, DeflatePlan plan)
    {
        var output = new BitWriter();
        int window = 1 << (plan.IgnoresWindow ? 15 : Math.Min(plan.WindowBits, windowBits));
        var matches = new Matches(data, window);
        int at = start;
        for (int index = 0; at < data.Length; index++)
        {
            BlockKind kind = plan.Kinds[index % plan.Kinds.Count];
            int end = at + Math.Min(data.Length - at, kind == BlockKind.Stored ? Math.Min(plan.BlockSize, MaxStored) : plan.BlockSize);
            bool final = plan.EachFinal || (plan.Final && end == data.Length);
            if (kind == BlockKind.Stored)
            {
                output.Stored(data.AsSpan(at, end - at), final);
            }
            else
            {
                List<Token> tokens = plan.Isolated ? new Matches(data[at..end], window).Find(0, end - at) : matches.Find(at, end);
                BlockWriter.Write(output, kind, tokens, final);
            }

            if (final)
            {
                output.Align();
            }

            for (int i = 0; end < data.Length && i < plan.Flushes; i++)
            {
                output.Stored([]);
            }

            if (end < data.Length && plan.PartialFlush)
            {
                BlockWriter.Write(output, BlockKind.Fixed, [], final: false);
            }

            at = end;
        }

        // The flush at the end: its empty stored block loses all but the bits of its header.
        return output.Stored([]).ToArray()[..^Tail.Length];
    }
}
