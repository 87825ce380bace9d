namespace Wspy.Tests.Http;

public class HttpListReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData(" \t", "")]
    [InlineData(",, ,", "")]
    [InlineData("a", "a")]
    [InlineData("a,b", "a|b")]
    [InlineData(" a\t,\t b c ,", "a|b c")]
    [InlineData(",a, ,b", "a|b")]
    public void Elements_are_trimmed_and_empty_ones_skipped_RFC9110_5_6_1_2(string value, string elements)
    {
        var reader = new HttpListReader(Splits.Latin1(value));
        var read = new List<string>();
        while (reader.TryRead(out ReadOnlySpan<byte> element))
        {
            read.Add(Splits.Latin1(element));
        }

        Assert.Equal(elements, string.Join('|', read));
        Assert.False(reader.TryRead(out _));
    }
}
