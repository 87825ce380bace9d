using System.Runtime.InteropServices;
using Wspy.Compression;

namespace Wspy.Benchmarks.Compression;

/// <summary>How much native memory a deflater or an inflater takes, asked of the C library (glibc only).</summary>
internal static partial class NativeMemory
{
    public const string Command = "native-memory";

    private const int Instances = 16;

    /// <summary>Prints two tables in Markdown: bytes per instance, after it has worked.</summary>
    public static void Print()
    {
        Console.WriteLine("| deflater: memory level | " + string.Join(" | ", Enumerable.Range(8, 8).Select(window => $"window {window}")) + " |");
        Console.WriteLine("| --- |" + string.Concat(Enumerable.Repeat(" --- |", 8)));
        for (int memory = 1; memory <= 9; memory++)
        {
            Console.WriteLine($"| {memory} | " + string.Join(" | ", Enumerable.Range(8, 8).Select(window => Kilobytes(() => Used(
                Deflater.Create(new DeflateSettings { MemoryLevel = memory, WindowBits = window }, CompressionBackend.Zlib))))) + " |");
        }

        Console.WriteLine();
        Console.WriteLine("| inflater | " + string.Join(" | ", Enumerable.Range(8, 8).Select(window => Kilobytes(() => Used(Inflater.Create(window, CompressionBackend.Zlib))))) + " |");
    }

    private static Deflater Used(Deflater deflater)
    {
        ReadOnlySpan<byte> input = new byte[100_000];
        deflater.Deflate(ref input, new byte[10_000], out _, DeflateFlush.Sync);
        return deflater;
    }

    private static Inflater Used(Inflater inflater)
    {
        // "Hello", and then the same again, from the window.
        ReadOnlySpan<byte> input = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xF2, 0x00, 0x11, 0x00];
        inflater.Inflate(ref input, new byte[100], out _);
        return inflater;
    }

    /// <summary>The median of three, for the rest of the process uses the heap as well.</summary>
    private static string Kilobytes(Func<IDisposable> make)
    {
        double[] each = [Measure(make), Measure(make), Measure(make)];
        Array.Sort(each);
        return each[1].ToString("F1", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static double Measure(Func<IDisposable> make)
    {
        var kept = new IDisposable[Instances];
        nuint before = InUse();
        for (int i = 0; i < Instances; i++)
        {
            kept[i] = make();
        }

        double each = (long)(InUse() - before) / (double)Instances / 1024;
        foreach (IDisposable one in kept)
        {
            one.Dispose();
        }

        return each;
    }

    private static nuint InUse()
    {
        MallocInfo info = MallInfo2();
        return info.SmallInUse + info.Mapped;
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial MallocInfo MallInfo2();

    /// <summary>glibc's <c>struct mallinfo2</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MallocInfo
    {
        public nuint Arena;
        public nuint FreeChunks;
        public nuint FastChunks;
        public nuint MappedRegions;
        public nuint Mapped;
        public nuint Unused;
        public nuint FastFree;
        public nuint SmallInUse;
        public nuint Free;
        public nuint Trimmable;
    }
}
