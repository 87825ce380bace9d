using System.Diagnostics;
using CsCheck;
using Wspy.Extensions;
using Wspy.Tests.Http;

namespace Wspy.Tests.Extensions;

public class ExtensionHeaderTests
{
    // RFC 6455 §9.1: the grammar

    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate")]
    [InlineData("a, b", "a, b")]
    [InlineData("a;b=c, d", "a; b=c, d")]
    [InlineData("a; b; c=1; b", "a; b; c=1; b")]
    [InlineData("a; b=\"c\"", "a; b=c")]
    [InlineData("a; b=\"\\c\\d\"", "a; b=cd")]
    [InlineData(" a\t;  b = \"c\" ,\td ", "a; b=c, d")]
    [InlineData(",, a,, b ,", "a, b")]
    [InlineData("a, a; x", "a, a; x")]
    [InlineData("!#$%&'*+-.^_`|~", "!#$%&'*+-.^_`|~")]
    public void Extensions_with_parameters_in_order_RFC6455_9_1(string value, string formatted)
    {
        Assert.True(ExtensionHeader.TryParse([value], out IReadOnlyList<ExtensionOffer> offers));
        Assert.Equal(formatted, ExtensionHeader.Format(offers));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData("a;")]
    [InlineData("a;;b")]
    [InlineData("a; =b")]
    [InlineData("a; b=")]
    [InlineData("a; b=,")]
    [InlineData("a; b==c")]
    [InlineData("a b")]
    [InlineData("a=b")]
    [InlineData("; a")]
    [InlineData("\"a\"")]
    [InlineData("a; \"b\"")]
    [InlineData("a; b=c d")]
    [InlineData("a; b=\"c\"d")]
    [InlineData("a; b=\"\"")]
    [InlineData("a; b=\"c")]
    [InlineData("a; b=\"c\\")]
    [InlineData("a; b=\"c\\\"")]
    [InlineData("a; b=\"c d\"")]
    [InlineData("a; b=\"c,d\"")]
    [InlineData("a; b=\"c\\\"d\"")]
    [InlineData("a; b=\"")]
    [InlineData("a(b)")]
    [InlineData("ä")]
    [InlineData("a; b=\u0100")]
    [InlineData("a\0")]
    [InlineData("a,\r\nb")]
    public void Anything_else_is_refused_RFC6455_9_1(string value)
    {
        Assert.False(ExtensionHeader.TryParse([value], out IReadOnlyList<ExtensionOffer> offers));
        Assert.Empty(offers);
    }

    [Fact]
    public void Several_lines_are_one_list_RFC6455_9_1()
    {
        Assert.True(ExtensionHeader.TryParse(["a; b", "", "c,", "d"], out IReadOnlyList<ExtensionOffer> offers));
        Assert.Equal(["a; b", "c", "d"], offers.Select(offer => offer.ToString()));
        Assert.False(ExtensionHeader.TryParse(["a; b=\"c", "d\""], out _));
        Assert.False(ExtensionHeader.TryParse(["a", "b;"], out _));
    }

    [Fact]
    public void Without_lines_there_are_no_extensions()
    {
        Assert.True(ExtensionHeader.TryParse([], out IReadOnlyList<ExtensionOffer> offers));
        Assert.Empty(offers);
        Assert.Equal("", ExtensionHeader.Format(offers));
    }

    [Fact]
    public void Arguments_are_needed()
    {
        Assert.Throws<ArgumentNullException>(() => ExtensionHeader.TryParse(null!, out _));
        Assert.Throws<ArgumentNullException>(() => ExtensionHeader.Format(null!));
    }

    // Properties

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(HttpHeadParserTests.Names, Gen.Select(HttpHeadParserTests.Names, Gen.Bool).Array[0, 4]).Array[1, 4].Sample(extensions =>
        {
            string text = ExtensionHeader.Format(extensions.Select(extension => new ExtensionOffer(
                extension.Item1, [.. extension.Item2.Select(p => new ExtensionParameter(p.Item1, p.Item2 ? p.Item1 : null))])));
            Assert.True(ExtensionHeader.TryParse([text], out IReadOnlyList<ExtensionOffer> read));
            Assert.Equal(text, ExtensionHeader.Format(read));
        });

    [Fact]
    public void Garbage_never_throws() =>
        Gen.Char["a;=,\"\\ \t\u00E4"].Array[0, 30].Sample(chars =>
        {
            string text = new(chars);
            bool valid = ExtensionHeader.TryParse([text], out IReadOnlyList<ExtensionOffer> offers);
            Assert.Equal(valid, offers.Count > 0);
        });

    /// <summary>At this size quadratic time would be 5·10^11 steps and more: minutes.</summary>
    [Theory]
    [InlineData("a,")]
    [InlineData(",")]
    [InlineData(" ")]
    [InlineData("a;b=\"\\c\",")]
    [InlineData("a; b=\"\\")]
    [InlineData("\\")]
    [InlineData("a;a")]
    [InlineData("\t,\t")]
    public void Hostile_values_take_linear_time(string repeated)
    {
        string value = string.Concat(Enumerable.Repeat(repeated, 1_000_000 / repeated.Length));
        foreach (string prefix in new[] { "", "x; a=\"", "x; a=", "x; " })
        {
            var clock = Stopwatch.StartNew();
            bool valid = ExtensionHeader.TryParse([prefix + value], out IReadOnlyList<ExtensionOffer> offers);
            Assert.Equal(valid, offers.Count > 0);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30));
        }
    }
}
