namespace Wspy.Compression;

/// <summary>How far a deflater goes with what it was given; the values are zlib's.</summary>
internal enum DeflateFlush
{
    /// <summary>Output comes when it pays.</summary>
    None = 0,

    /// <summary>All input is in the output, which ends at a byte with an empty stored block: <c>00 00 FF FF</c> (RFC 7692 §7.2.1).</summary>
    Sync = 2,

    /// <summary>As <see cref="Sync"/>, and what follows refers to nothing before it.</summary>
    Full = 3,

    /// <summary>The data ends with a final block; what is given after it begins a new stream.</summary>
    Finish = 4,
}
