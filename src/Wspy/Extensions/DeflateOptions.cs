using Wspy.Compression;

namespace Wspy.Extensions;

/// <summary>How the extensions compress, and what they take.</summary>
/// <remarks>Immutable and safe from any thread. Values are judged when they are set.</remarks>
public abstract record DeflateOptions
{
    private protected DeflateOptions()
    {
    }

    /// <summary>How hard to try.</summary>
    /// <value>0 (not at all) to 9 (smallest, slowest); default 4. zlib's own default, 6, saves up to 5 % more and takes up to twice the time.</value>
    public int Level { get; init => field = InRange(value, 0, 9, nameof(Level)); } = DeflateSettings.DefaultLevel;

    /// <summary>How much memory a compressor takes for it, besides its window. A hint.</summary>
    /// <value>1 (least) to 9 (most); default 8.</value>
    public int MemoryLevel { get; init => field = InRange(value, 1, 9, nameof(MemoryLevel)); } = DeflateSettings.DefaultMemoryLevel;

    /// <summary>What is shorter goes out as it is.</summary>
    /// <value>Bytes; default 64.</value>
    public int Threshold { get; init => field = InRange(value, 0, int.MaxValue, nameof(Threshold)); } = 64;

    /// <summary>
    /// Asked for each message that is not shorter than <see cref="Threshold"/> whether to compress it. The same choice is to be made wherever the same is asked, for
    /// of a <see cref="PreparedMessage"/> it is asked once. Called from any thread while the message is sent, so it must not block, nor call the connection; what it
    /// throws fails the connection with 1011.
    /// </summary>
    /// <value>Default <see langword="null"/>: all of them are compressed.</value>
    public DeflateChoice? Choice { get; init; }

    /// <summary>Whether a result that is not smaller than the original goes out all the same. If not, the compressor forgets its window then.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool KeepsGrownResults { get; init; }

    /// <summary>
    /// How many times larger what is received may become, judged from 64 KiB on; more fails the connection with 1009. What bounds memory
    /// is the limit of messages, which holds for the inflated message.
    /// </summary>
    /// <value>Default 1,100: more than deflate can make, so no limit of its own.</value>
    public int MaxRatio { get; init => field = InRange(value, 1, int.MaxValue, nameof(MaxRatio)); } = 1100;

    /// <summary>Where native memory is taken from, and its limit; options that share it share the limit.</summary>
    /// <value>Default <see cref="DeflateMemory.Shared"/>.</value>
    public DeflateMemory Memory { get; init => field = value ?? throw new ArgumentNullException(nameof(Memory)); } = DeflateMemory.Shared;

    /// <summary>
    /// After how long without sending a connection gives up the memory with which it compresses in context; the next message begins a new context, and is
    /// larger for it. Without context nothing is held between messages.
    /// </summary>
    /// <value>Default a minute; <see cref="Timeout.InfiniteTimeSpan"/> to hold it as long as the connection lasts.</value>
    public TimeSpan ReleaseAfter { get; init => field = IsTimeOrInfinite(value) ? value : throw new ArgumentOutOfRangeException(nameof(ReleaseAfter), value, "A time is positive and at most 24 days, or infinite."); } = TimeSpan.FromMinutes(1);

    /// <summary>Who does it; for tests.</summary>
    internal CompressionBackend Backend { get; init; } = CompressionSupport.Backend;

    internal int MinDeflateWindowBits => CompressionSupport.MinDeflateWindowBits(Backend);

    private protected static int WindowBits(int value, string property) =>
        InRange(value, CompressionSupport.SmallestWindowBits, CompressionSupport.LargestWindowBits, property);

    // What a timer takes.
    private static bool IsTimeOrInfinite(TimeSpan value) => value == Timeout.InfiniteTimeSpan || (value > TimeSpan.Zero && value <= TimeSpan.FromDays(24));

    private static int InRange(int value, int least, int most, string property)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, property);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, property);
        return value;
    }
}
