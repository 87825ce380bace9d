namespace Wspy.Tests.Http;

public class HttpRequestHeadTests
{
    [Fact]
    public void The_strings_of_the_target_and_the_path_are_made_once()
    {
        HttpRequestHead head = Heads.Request("GET /a?b HTTP/1.1\r\nHost: h:1\r\n\r\n");
        Assert.Equal("GET", head.Method);
        Assert.Same(head.Target, head.Target);
        Assert.Same(head.Path, head.Path);
        Assert.Equal("b", head.Query);
        Assert.Equal("h:1", head.Host);
    }

    [Fact]
    public void The_host_of_an_absolute_target_goes_before_the_header_RFC9112_3_2_2() =>
        Assert.Equal("target:1", Heads.Request("GET http://target:1/ HTTP/1.1\r\nHost: header\r\n\r\n").Host);

    [Fact]
    public void Without_a_host_there_is_none() => Assert.Null(Heads.Request("GET / HTTP/1.0\r\n\r\n").Host);
}
