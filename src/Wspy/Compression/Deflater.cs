using System.Buffers;

namespace Wspy.Compression;

/// <summary>Compresses one stream of raw deflate (RFC 1951), piece by piece: spans in, spans out.</summary>
/// <remarks>Not thread-safe, except that <see cref="Dispose"/> may come at any time. Holds native memory until it is disposed.</remarks>
internal abstract class Deflater : IDisposable
{
    // Enough that a flush rarely needs a second span, and little enough for any writer.
    private const int SpanSize = 512;

    public static Deflater Create(DeflateSettings settings) => Create(settings, CompressionSupport.Backend);

    /// <exception cref="NotSupportedException">The back-end cannot keep to that window.</exception>
    public static Deflater Create(DeflateSettings settings, CompressionBackend backend)
    {
        if (settings.WindowBits < CompressionSupport.MinDeflateWindowBits(backend))
        {
            throw new NotSupportedException($"{backend} cannot keep to a window of {settings.WindowBits} bits; {CompressionSupport.MinDeflateWindowBits(backend)} are its least.");
        }

        return backend == CompressionBackend.Zlib ? new ZlibDeflater(settings) : new StreamDeflater(settings);
    }

    /// <summary>Compresses what is there, as far as the output reaches.</summary>
    /// <param name="input">On return, what was not taken yet.</param>
    /// <param name="output">Where the compressed bytes go; of any size.</param>
    /// <param name="written">How many of them there are.</param>
    /// <param name="flush">How far to go once all input is taken. A flush without input since the last one may write nothing.</param>
    /// <returns>Whether all is done; if not, the call is to be repeated with more output, the rest of the input, and the same flush.</returns>
    public abstract bool Deflate(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, DeflateFlush flush);

    /// <summary>Compresses all of the input.</summary>
    public void Deflate(ReadOnlySpan<byte> input, IBufferWriter<byte> output, DeflateFlush flush)
    {
        bool done;
        do
        {
            done = Deflate(ref input, output.GetSpan(SpanSize), out int written, flush);
            output.Advance(written);
        }
        while (!done);
    }

    /// <summary>Begins a new stream, whatever became of the last one.</summary>
    public abstract void Reset();

    public abstract void Dispose();
}
