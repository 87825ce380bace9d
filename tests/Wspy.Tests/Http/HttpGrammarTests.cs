namespace Wspy.Tests.Http;

public class HttpGrammarTests
{
    [Fact]
    public void Tokens_are_the_77_characters_of_RFC9110_5_6_2()
    {
        for (int c = 0; c < 256; c++)
        {
            bool expected = char.IsAsciiLetterOrDigit((char)c) || "!#$%&'*+-.^_`|~".Contains((char)c, StringComparison.Ordinal);
            Assert.Equal(expected, HttpGrammar.IsToken([(byte)c]));
            Assert.Equal(expected, HttpGrammar.IsToken([(char)c]));
            Assert.Equal(expected, HttpGrammar.IsTokenByte((byte)c));
            Assert.Equal(expected ? -1 : 0, HttpGrammar.IndexOfNonToken([(byte)c]));
        }

        Assert.False(HttpGrammar.IsToken(ReadOnlySpan<byte>.Empty));
        Assert.False(HttpGrammar.IsToken(""));
    }

    [Fact]
    public void Values_hold_no_control_but_HTAB_RFC9110_5_5()
    {
        for (int c = 0; c < 256; c++)
        {
            bool expected = c is '\t' or (>= 0x20 and not 0x7F);
            Assert.Equal(expected, HttpGrammar.IsFieldValue([(byte)c]));
            Assert.Equal(expected ? -1 : 0, HttpGrammar.IndexOfNonFieldValue([(char)c]));
        }

        Assert.Equal(1, HttpGrammar.IndexOfNonFieldValue("a\u0100"));
    }
}
