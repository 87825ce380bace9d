namespace Wspy.Tests.Http;

public sealed class RoutePatternTests
{
    [Theory]
    [InlineData("/room/{id}", "/room/7", "id=7")]
    [InlineData("/{a}/x/{b}", "/1%20/x/2", "a=1 ;b=2")]
    [InlineData("/files/*", "/files/a/b%2Bc", "*=a/b+c")]
    [InlineData("/files/*", "/files/", "*=")]
    [InlineData("/{user}/*", "/ada/x/", "user=ada;*=x/")]
    [InlineData("/chat", "/chat", "")]
    public void Parameters_are_read_from_a_path_that_matches(string pattern, string path, string expected)
    {
        Assert.True(new RoutePattern(pattern).TryRead(path, out RouteParameters parameters));
        Assert.Equal(expected, string.Join(';', parameters.Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Theory]
    [InlineData("/room/{id}", "/room/..")]
    [InlineData("/room/{id}", "/room/%2e%2e")]
    [InlineData("/room/{id}/x", "/room/a%2fb/x")]
    [InlineData("/files/*", "/files/a/../../b")]
    public void A_parameter_that_may_not_be_is_told(string pattern, string path) => Assert.False(new RoutePattern(pattern).TryRead(path, out _));

    [Theory]
    [InlineData("", "does not begin with a slash")]
    [InlineData("room", "does not begin with a slash")]
    [InlineData("/{id}/{id}", "two parameters 'id'")]
    [InlineData("/*/a", "a star may only be its last segment")]
    [InlineData("/room{id}", "only a part of a segment")]
    [InlineData("/a*", "only a part of a segment")]
    [InlineData("/{}", "only a part of a segment")]
    [InlineData("/{a b}", "holds something else than letters")]
    [InlineData("/{*rest}", "holds something else than letters")]
    [InlineData("/café", "write it percent-encoded")]
    [InlineData("/a?b", "write it percent-encoded")]
    [InlineData("/a/../b", "dot segment")]
    [InlineData("/a%2fb", "dot segment")]
    [InlineData("/a%zz", "dot segment")]
    public void A_wrong_pattern_is_refused_and_the_message_says_why(string pattern, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new RoutePattern(pattern)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parameters_are_found_by_name_and_unknown_names_are_told()
    {
        Assert.True(new RoutePattern("/{a}/{b}").TryRead("/1/2", out RouteParameters parameters));
        Assert.Equal(("1", "2", 2), (parameters["a"], parameters["b"], parameters.Count));
        Assert.False(parameters.TryGetValue("c", out _));
        Assert.Contains("'c'", Assert.Throws<KeyNotFoundException>(() => parameters["c"]).Message, StringComparison.Ordinal);
    }
}
