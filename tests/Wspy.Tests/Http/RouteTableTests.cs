namespace Wspy.Tests.Http;

public sealed class RouteTableTests
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/room", "/room")]
    [InlineData("/room/", "/room/*")]
    [InlineData("/room/1", "/room/{id}")]
    [InlineData("/room/new", "/room/new")]
    [InlineData("/room/new/edit", "/room/{id}/edit")]
    [InlineData("/room/new/x", "/room/*")]
    [InlineData("/room/1/x", "/room/*")]
    [InlineData("/ROOM", null)]
    [InlineData("/ro%6Fm", null)]
    [InlineData("/roo", null)]
    [InlineData("/rooms", null)]
    [InlineData("//room", null)]
    [InlineData("", null)]
    [InlineData("*", null)]
    public void What_is_written_out_goes_before_a_parameter_and_that_before_a_star(string path, string? pattern)
    {
        RouteTable<string> table = Create("/", "/room", "/room/new", "/room/{id}", "/room/{id}/edit", "/room/*");
        Assert.Equal(pattern, table.Match(path, out RoutePattern? found));
        Assert.Equal(pattern, found?.Text);
    }

    [Fact]
    public void A_star_at_the_top_takes_the_rest()
    {
        RouteTable<string> table = Create("/*", "/a/b");
        Assert.Equal("/a/b", table.Match("/a/b", out _));
        foreach (string path in new[] { "/", "/a", "/a/c", "//", "/b/c/d" })
        {
            Assert.Equal("/*", table.Match(path, out _));
        }
    }

    [Fact]
    public void Patterns_of_the_same_form_are_found_whatever_their_parameters_are_called()
    {
        RouteTable<string> table = Create("/room/{id}");
        Assert.Equal("/room/{id}", table.Find(new RoutePattern("/room/{name}"), out _));
        Assert.Null(table.Find(new RoutePattern("/room/{id}/x"), out _));
        Assert.Null(table.Find(new RoutePattern("/room/*"), out _));
    }

    [Fact]
    public void Thousands_of_routes_are_told_apart_and_matching_allocates_nothing()
    {
        RouteTable<string> table = Create([.. from i in Enumerable.Range(0, 5000) select $"/area{i % 70}/item{i}/{{id}}"]);
        string[] paths = [.. from i in Enumerable.Range(0, 5000) select $"/area{i % 70}/item{i}/7"];
        Assert.Equal("/area3/item3/{id}", table.Match(paths[3], out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int found = 0;
        foreach (string path in paths)
        {
            found += table.Match(path, out _) is null ? 0 : 1;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(5000, found);
    }

    // A place in the tree is looked at once, however often a segment could be a parameter as well.
    [Fact]
    public void Routes_that_differ_at_their_ends_only_do_not_multiply()
    {
        RouteTable<string> table = Create("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/x", "/a/a/a/a/a/a/a/a/y", "/a/{b}/a/{d}/a/{f}/a/{h}/z");
        Assert.Equal("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/x", table.Match("/a/a/a/a/a/a/a/a/x", out _));
        Assert.Equal("/a/{b}/a/{d}/a/{f}/a/{h}/z", table.Match("/a/a/a/a/a/a/a/a/z", out _));
        Assert.Null(table.Match("/a/a/a/a/a/a/a/a/w", out _));
        Assert.Null(table.Match("/" + new string('/', 100_000), out _));
        Assert.Null(table.Match(string.Concat(Enumerable.Repeat("/a", 50_000)), out _));
    }

    private static RouteTable<string> Create(params string[] patterns)
    {
        var table = new RouteTable<string>();
        foreach (string pattern in patterns)
        {
            table.Set(new RoutePattern(pattern), pattern);
        }

        return table;
    }
}
