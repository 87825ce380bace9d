namespace Wspy.Compression;

/// <summary>Inflates raw deflate (RFC 1951), piece by piece: spans in, spans out.</summary>
/// <remarks>Not thread-safe, except that <see cref="Dispose"/> may come at any time. Holds native memory until it is disposed.</remarks>
internal abstract class Inflater : IDisposable
{
    public static Inflater Create(int windowBits = CompressionSupport.LargestWindowBits) => Create(windowBits, CompressionSupport.Backend);

    /// <param name="windowBits">The sender's window, 8 to 15; how strictly it is held to it depends on how the data is cut.</param>
    /// <param name="backend">Who does it.</param>
    public static Inflater Create(int windowBits, CompressionBackend backend)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(windowBits, CompressionSupport.SmallestWindowBits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(windowBits, CompressionSupport.LargestWindowBits);
        return backend == CompressionBackend.Zlib ? new ZlibInflater(windowBits) : new StreamInflater();
    }

    /// <summary>Inflates what is there, as far as the output reaches; so what the peer can make us hold is bounded by the output.</summary>
    /// <param name="input">On return, what was not taken yet.</param>
    /// <param name="output">Where the inflated bytes go.</param>
    /// <param name="written">How many of them there are, whatever the status.</param>
    public abstract InflateStatus Inflate(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written);

    /// <summary>
    /// Takes the mark <c>00 00 FF FF</c> of a flush that the sender left out (RFC 7692 §7.2.2), once all input was taken.
    /// </summary>
    /// <returns>
    /// Whether that is what was missing. If not, the data was cut off, and nothing more can be inflated before <see cref="Reset"/>.
    /// <see cref="CompressionBackend.DeflateStream"/> finds only what yields output or is not deflate then.
    /// </returns>
    public abstract bool TakeFlushMark();

    /// <summary>Begins a new stream with an empty window, whatever became of the last one.</summary>
    public abstract void Reset();

    public abstract void Dispose();
}
