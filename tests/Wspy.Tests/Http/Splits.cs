using System.Text;

namespace Wspy.Tests.Http;

/// <summary>Takes a chunk and cuts off what it consumed; returns whether it wants more.</summary>
internal delegate bool Feed(ref ReadOnlySpan<byte> input);

/// <summary>Runs an incremental parser over one input whole, byte by byte and at random splits, and demands identical results.</summary>
internal static class Splits
{
    private const int RandomRuns = 12;

    public static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    public static string Latin1(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <param name="input">The bytes.</param>
    /// <param name="create">Makes a parser: how to feed it, and what came of it, given the number of bytes that it consumed.</param>
    /// <returns>The result that all runs have in common.</returns>
    public static T Same<T>(byte[] input, Func<(Feed Feed, Func<int, T> Result)> create)
    {
        T whole = Run(input, input.Length, create);
        Assert.Equal(whole, Run(input, 1, create));
        var random = new Random(input.Length);
        for (int i = 0; i < RandomRuns; i++)
        {
            Assert.Equal(whole, Run(input, 0, create, random));
        }

        return whole;
    }

    private static T Run<T>(byte[] input, int size, Func<(Feed Feed, Func<int, T> Result)> create, Random? random = null)
    {
        (Feed feed, Func<int, T> result) = create();
        int consumed = 0;
        for (int start = 0; start < input.Length;)
        {
            int length = Math.Min(random?.Next(1, 40) ?? size, input.Length - start);
            ReadOnlySpan<byte> chunk = input.AsSpan(start, length);
            bool more = feed(ref chunk);
            consumed += length - chunk.Length;
            if (!more)
            {
                break;
            }

            Assert.True(chunk.IsEmpty, "a parser that wants more has taken all");
            start += length;
        }

        return result(consumed);
    }
}
