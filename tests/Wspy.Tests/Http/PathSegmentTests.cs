namespace Wspy.Tests.Http;

public sealed class PathSegmentTests
{
    // RFC 3986 §2.1: percent-encoding, decoded once.
    [Theory]
    [InlineData("a", "a")]
    [InlineData("%61", "a")]
    [InlineData("a+b", "a+b")]
    [InlineData("a%20b", "a b")]
    [InlineData("%C3%A9", "é")]
    [InlineData("%c3%a9", "é")]
    [InlineData("%F0%9F%98%80", "😀")]
    [InlineData("%2541", "%41")]
    [InlineData("%252e%252e", "%2e%2e")]
    [InlineData("...", "...")]
    [InlineData("a:b;c=d,e", "a:b;c=d,e")]
    public void A_segment_is_decoded_once(string segment, string decoded)
    {
        Assert.True(PathSegment.TryDecode(segment, out string value));
        Assert.Equal(decoded, value);
    }

    // What would be another path once it is decoded, or no name at all.
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("%2e")]
    [InlineData("%2E%2e")]
    [InlineData(".%2e")]
    [InlineData("a%2fb")]
    [InlineData("%2F")]
    [InlineData("..%5c..")]
    [InlineData("a\\b")]
    [InlineData("%00")]
    [InlineData("%0d%0aSet-Cookie:")]
    [InlineData("%7f")]
    [InlineData("%C2%85")]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("a%")]
    [InlineData("%ff")]
    [InlineData("%C0%AE%C0%AE")]
    [InlineData("%ED%A0%80")]
    public void What_is_no_name_is_refused(string segment) => Assert.False(PathSegment.TryDecode(segment, out _));

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a/b%20c/", "a/b c/")]
    public void A_rest_is_decoded_segment_by_segment(string rest, string decoded)
    {
        Assert.True(PathSegment.TryDecodeRest(rest, out string value));
        Assert.Equal(decoded, value);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("a/%2e%2e/b")]
    [InlineData("a%2f..%2fb")]
    [InlineData("a/.")]
    public void A_rest_never_leads_elsewhere(string rest) => Assert.False(PathSegment.TryDecodeRest(rest, out _));

    [Fact]
    public void A_segment_may_be_as_long_as_a_head()
    {
        string segment = string.Concat(Enumerable.Repeat("%C3%A9", 5000));
        Assert.True(PathSegment.TryDecode(segment, out string value));
        Assert.Equal(new string('é', 5000), value);
    }
}
