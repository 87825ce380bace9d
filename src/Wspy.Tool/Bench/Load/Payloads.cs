using System.Diagnostics;

namespace Wspy.Tool.Bench.Load;

/// <summary>What the messages consist of.</summary>
internal static class Payloads
{
    /// <summary>Messages from data: enough that no window of a compressor (32 KiB) sees the same one twice without need, and no more.</summary>
    private const int LeastData = 256 * 1024;

    private const int MostMessages = 4096;

    /// <summary>The payloads of a period, all of the same size.</summary>
    public static byte[][] Create(Workload workload) => workload.Data is { } data ? Cut(data.Span, workload.Size) : [Fill(workload.Payload, workload.Size)];

    private static byte[][] Cut(ReadOnlySpan<byte> data, int size)
    {
        int count = (int)Math.Clamp(((long)Math.Max(data.Length, LeastData) + size - 1) / Math.Max(size, 1), 1, MostMessages);
        byte[][] payloads = new byte[count][];
        int from = 0;
        for (int i = 0; i < count; i++)
        {
            payloads[i] = GC.AllocateUninitializedArray<byte>(size);
            for (int filled = 0; filled < size;)
            {
                int part = Math.Min(size - filled, data.Length - from);
                data.Slice(from, part).CopyTo(payloads[i].AsSpan(filled));
                filled += part;
                from = (from + part) % data.Length;
            }
        }

        return payloads;
    }

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
