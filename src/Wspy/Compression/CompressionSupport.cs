namespace Wspy.Compression;

/// <summary>Which back-end this process uses, and what that can do.</summary>
/// <remarks>Safe from any thread; decided once, at the first use.</remarks>
internal static class CompressionSupport
{
    /// <summary>The switch of <see cref="AppContext"/> that forces <see cref="CompressionBackend.DeflateStream"/>.</summary>
    public const string Switch = "Wspy.Compression.UseDeflateStream";

    /// <summary>The smallest window of RFC 7692 §7.1.2, 256 bytes.</summary>
    public const int SmallestWindowBits = 8;

    /// <summary>The largest window of RFC 1951, 32 KiB.</summary>
    public const int LargestWindowBits = 15;

    public static CompressionBackend Backend { get; } =
        Choose(AppContext.TryGetSwitch(Switch, out bool forced) && forced, ZlibNative.Probe);

    public static CompressionBackend Choose(bool forced, Func<bool> probe) =>
        !forced && probe() ? CompressionBackend.Zlib : CompressionBackend.DeflateStream;

    /// <summary>
    /// The smallest window that a deflater can be told to stay within; the largest is always 15 bits. An inflater needs no such bound:
    /// one with a larger window than the sender's reads the same.
    /// </summary>
    public static int MinDeflateWindowBits(CompressionBackend backend) =>
        backend == CompressionBackend.Zlib ? SmallestWindowBits : LargestWindowBits;
}
