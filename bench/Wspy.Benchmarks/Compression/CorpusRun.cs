using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Wspy.Compression;

namespace Wspy.Benchmarks.Compression;

/// <summary>Ratio and time of compressing the corpus, by level, window and memory level, with and without context.</summary>
internal static class CorpusRun
{
    public const string Command = "corpus";

    // The least of these is what the machine can do when it is left alone.
    private const int Passes = 7;

    private static readonly (int Level, int Window, int Memory)[] Settings =
        [(1, 15, 8), (4, 15, 8), (6, 15, 8), (9, 15, 8), (6, 12, 8), (6, 9, 8), (6, 15, 9), (6, 15, 5), (6, 15, 1), (6, 12, 5), (6, 9, 1), (1, 9, 1)];

    private const int BatchSize = 16 * 1024;

    // Messages that are long, as when orders are sent many at a time.
    private static readonly (string Name, byte[][] Messages) s_batches = ("JSON", [.. Corpus.Bytes("JSON", 32 * BatchSize).Chunk(BatchSize)]);

    /// <summary>Prints a table in Markdown, and draws the levels into a file.</summary>
    public static void Print(string plot)
    {
        Console.WriteLine("| level | window | memory level | context | " + string.Join(" | ", Kinds.Select(one => $"{one.Name}, {one.Messages.Average(message => message.Length):N0} B")) + " |");
        Console.WriteLine("| --- | --- | --- | --- |" + string.Concat(Enumerable.Repeat(" --- |", Kinds.Count())));
        List<CorpusPoint> points = [];
        foreach ((int level, int window, int memory) in Settings)
        {
            foreach (bool context in new[] { true, false })
            {
                List<string> cells = [];
                foreach ((string name, byte[][] messages) in Kinds)
                {
                    (double ratio, double microseconds) = Measure(messages, new DeflateSettings { Level = level, WindowBits = window, MemoryLevel = memory }, context);
                    cells.Add(string.Create(CultureInfo.InvariantCulture, $"{ratio:F1} × in {microseconds:F1} µs"));
                    if (window == 15 && memory == 8 && messages != s_batches.Messages)
                    {
                        points.Add(new CorpusPoint(name, level, context, ratio, microseconds));
                    }
                }

                Console.WriteLine($"| {level} | {window} | {memory} | {(context ? "yes" : "no")} | {string.Join(" | ", cells)} |");
            }
        }

        File.WriteAllText(plot, CorpusPlot.Draw(points));
    }

    private static IEnumerable<(string Name, byte[][] Messages)> Kinds => Corpus.All.Append(s_batches);

    private static (double Ratio, double Microseconds) Measure(byte[][] messages, DeflateSettings settings, bool context)
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        long plain = messages.Sum(message => (long)message.Length);
        long packed = 0;
        long least = long.MaxValue;
        using Deflater deflater = Deflater.Create(settings);
        for (int pass = 0; pass < Passes; pass++)
        {
            deflater.Reset();
            packed = 0;
            long start = Stopwatch.GetTimestamp();
            foreach (byte[] message in messages)
            {
                output.ResetWrittenCount();
                deflater.Deflate(message, output, context ? DeflateFlush.Sync : DeflateFlush.Full);

                // The mark of the flush is not sent (RFC 7692 §7.2.1).
                packed += output.WrittenCount - 4;
            }

            least = Math.Min(least, Stopwatch.GetTimestamp() - start);
        }

        return ((double)plain / packed, Stopwatch.GetElapsedTime(0, least).TotalMicroseconds / messages.Length);
    }
}
