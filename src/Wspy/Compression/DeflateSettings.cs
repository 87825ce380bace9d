namespace Wspy.Compression;

/// <summary>How a deflater works.</summary>
internal readonly record struct DeflateSettings
{
    /// <summary>Its results are up to 5 % larger than those of level 6, in half to three quarters of the time (docs/compression.md).</summary>
    public const int DefaultLevel = 4;

    public const int DefaultMemoryLevel = 8;

    public DeflateSettings()
    {
    }

    /// <summary>0 (stored) to 9 (smallest).</summary>
    public int Level { get; init => field = InRange(value, 0, 9, nameof(Level)); } = DefaultLevel;

    /// <summary>The base-2 logarithm of the window, 8 to 15: no reference goes back further.</summary>
    public int WindowBits { get; init => field = InRange(value, CompressionSupport.SmallestWindowBits, CompressionSupport.LargestWindowBits, nameof(WindowBits)); } = CompressionSupport.LargestWindowBits;

    /// <summary>1 (least memory) to 9 (fastest and best). A hint: <see cref="CompressionBackend.DeflateStream"/> has its own.</summary>
    public int MemoryLevel { get; init => field = InRange(value, 1, 9, nameof(MemoryLevel)); } = DefaultMemoryLevel;

    public DeflateStrategy Strategy { get; init; }

    private static int InRange(int value, int least, int most, string property)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, property);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, property);
        return value;
    }
}
