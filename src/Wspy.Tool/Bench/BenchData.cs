using System.Text;

namespace Wspy.Tool.Bench;

/// <summary>The file of <c>--data</c>.</summary>
internal static class BenchData
{
    private const int MaxSize = 64 * 1024 * 1024;

    /// <summary>What is wrong with it, or <see langword="null"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isText">Whether it is cut into text.</param>
    public static string? Mistake(string path, bool isText)
    {
        try
        {
            long size = new FileInfo(path).Length;
            return size is 0 or > MaxSize ? $"--data takes a file of 1 to {MaxSize:N0} bytes, and {path} has {size:N0}."
                : isText && !Ascii.IsValid(File.ReadAllBytes(path)) ? "--data of text is a file of ASCII characters, so that it may be cut anywhere; others are sent with --binary."
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"--data cannot be read: {error.Message}";
        }
    }
}
