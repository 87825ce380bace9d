namespace Wspy.Tests.Http;

public class HttpResponseHeadTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK", "200 OK")]
    [InlineData("HTTP/1.1 200", "200")]
    public void Reads_as_status_and_reason(string line, string text) => Assert.Equal(text, Heads.Response(line + "\r\n\r\n").ToString());
}
