namespace Wspy.Compression;

/// <summary>Why an inflater stopped.</summary>
internal enum InflateStatus
{
    /// <summary>All input was taken, and all that it yields was written.</summary>
    NeedsInput,

    /// <summary>The output is full; there may be more.</summary>
    NeedsOutput,

    /// <summary>A final block ended. What follows it begins at a byte of its own and refers to nothing before; the next call goes on with it.</summary>
    EndOfStream,

    /// <summary>The data is not deflate. Nothing more can be inflated before <see cref="Inflater.Reset"/>.</summary>
    Corrupt,
}
