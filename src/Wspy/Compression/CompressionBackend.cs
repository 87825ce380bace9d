namespace Wspy.Compression;

/// <summary>What does the work of raw deflate (RFC 1951).</summary>
internal enum CompressionBackend
{
    /// <summary>The runtime's own zlib, by its entry points: every window, nothing allocated per call.</summary>
    Zlib,

    /// <summary>
    /// <c>System.IO.Compression.DeflateStream</c>, where the entry points are missing: it compresses with a window of 15 bits only,
    /// and inflates byte by byte, for it does not tell how much it took of what follows a final block.
    /// </summary>
    DeflateStream,
}
