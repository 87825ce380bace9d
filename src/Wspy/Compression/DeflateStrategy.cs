namespace Wspy.Compression;

/// <summary>What a deflater looks for; the values are zlib's.</summary>
internal enum DeflateStrategy
{
    /// <summary>Whatever the level allows.</summary>
    Default = 0,

    /// <summary>For small values with a random distribution: fewer matches.</summary>
    Filtered = 1,

    /// <summary>No matches: nothing refers back at all.</summary>
    HuffmanOnly = 2,

    /// <summary>Matches of distance 1 only.</summary>
    RunLength = 3,

    /// <summary>No codes of its own, which are dear in short messages.</summary>
    Fixed = 4,
}
