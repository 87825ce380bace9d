using System.Runtime.InteropServices;

namespace Wspy.Compression;

/// <summary>The entry points of the runtime's zlib that <c>System.IO.Compression</c> itself is built on.</summary>
/// <remarks>
/// They are no public interface, so they are probed before they are relied on. Native ahead-of-time compilation links the library
/// into the program, under the same name.
/// </remarks>
internal static unsafe partial class ZlibNative
{
    // zlib's results, of which the others cannot come from a raw stream.
    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int DataError = -3;
    public const int MemoryError = -4;
    public const int NoProgress = -5;

    /// <summary>The method "deflate", the only one there is.</summary>
    public const int Deflated = 8;

    /// <summary>As much output as possible at once; what inflating in pieces asks for.</summary>
    public const int SyncFlush = 2;

    /// <summary>As <see cref="SyncFlush"/>, but stops where a block ends.</summary>
    public const int StopAtBlock = 5;

    private const string Library = "libSystem.IO.Compression.Native";

    /// <summary>Whether everything needed is there and does what it should, in both directions.</summary>
    public static bool Probe()
    {
        try
        {
            ReadOnlySpan<byte> text = "zlib, zlib, zlib"u8;
            Span<byte> compressed = stackalloc byte[64];
            Span<byte> inflated = stackalloc byte[64];
            using var deflater = new ZlibDeflater(new DeflateSettings { WindowBits = CompressionSupport.SmallestWindowBits });
            using var inflater = new ZlibInflater(CompressionSupport.SmallestWindowBits);
            inflater.Reset();
            ReadOnlySpan<byte> input = text;
            bool done = deflater.Deflate(ref input, compressed, out int size, DeflateFlush.Sync);
            ReadOnlySpan<byte> rest = compressed[..size];
            return done && inflater.Inflate(ref rest, inflated, out int count) == InflateStatus.NeedsInput && inflated[..count].SequenceEqual(text);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or NotSupportedException)
        {
            return false;
        }
    }

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateInit2_")]
    public static partial int DeflateInit2(ZlibStream* stream, int level, int method, int windowBits, int memLevel, int strategy);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Deflate")]
    public static partial int Deflate(ZlibStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateEnd")]
    public static partial int DeflateEnd(ZlibStream* stream);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateInit2_")]
    public static partial int InflateInit2(ZlibStream* stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Inflate")]
    public static partial int Inflate(ZlibStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateReset2_")]
    public static partial int InflateReset2(ZlibStream* stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateEnd")]
    public static partial int InflateEnd(ZlibStream* stream);
}
