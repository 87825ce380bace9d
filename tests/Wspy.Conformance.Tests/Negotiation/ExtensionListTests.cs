using Wspy.Conformance.Negotiation;

namespace Wspy.Conformance.Tests.Negotiation;

// RFC 6455 §9.1
public sealed class ExtensionListTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData(" a ; b ; c = d ,, e;f=\"g\" ,", "a; b; c=d, e; f=g")]
    [InlineData("a;b=\"c\\d\"", "a; b=cd")]
    [InlineData("a\t;\tb", "a; b")]
    [InlineData("a;b=1;b=2", "a; b=1; b=2")]
    public void Reads_lists(string text, string expected) => Assert.Equal(expected, string.Join(", ", ExtensionList.Parse([text])!));

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("a;")]
    [InlineData("a;;b")]
    [InlineData("a;=b")]
    [InlineData("a;b=")]
    [InlineData("a;b=\"\"")]
    [InlineData("a;b=\"c d\"")]
    [InlineData("a;b=\"c")]
    [InlineData("a;b=c\"")]
    [InlineData("a;b=\"c\"d")]
    [InlineData("a;b=\"c\\")]
    [InlineData("a b")]
    [InlineData("a=b")]
    [InlineData("\"a\"")]
    [InlineData("a;b=c=d")]
    [InlineData("a/b")]
    [InlineData("\u00e9")]
    [InlineData("a,;")]
    public void Refuses_what_is_no_list(string text) => Assert.Null(ExtensionList.Parse([text]));

    [Fact]
    public void Lines_are_one_list() => Assert.Equal(["a", "b; c"], ExtensionList.Parse(["a", "", "b;c"])!.Select(item => item.ToString()));
}
