using Wspy.Compression;

namespace Wspy.Extensions;

/// <summary>All that the result depends on when a message is compressed without context.</summary>
internal sealed record DeflateForm(int WindowBits, int Level, int MemoryLevel, int Threshold, DeflateChoice? Choice, bool KeepsGrownResults, CompressionBackend Backend)
{
    public static DeflateForm Of(DeflateOptions options, int windowBits) =>
        new(windowBits, options.Level, options.MemoryLevel, options.Threshold, options.Choice, options.KeepsGrownResults, options.Backend);
}
