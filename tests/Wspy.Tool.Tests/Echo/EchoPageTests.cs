using System.Net;

namespace Wspy.Tool.Tests.Echo;

public sealed class EchoPageTests : IDisposable
{
    private readonly EchoServerFixture _server = new();
    private readonly HttpClient _http;

    public EchoPageTests() => _http = new HttpClient { BaseAddress = _server.Page };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_is_html_and_may_load_nothing_from_elsewhere()
    {
        using HttpResponseMessage response = await _http.GetAsync("/", Cancelled);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html>", await response.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/favicon.ico", HttpStatusCode.NotFound)]
    [InlineData("GET", "/index.html", HttpStatusCode.NotFound)]
    [InlineData("HEAD", "/", HttpStatusCode.OK)]
    [InlineData("DELETE", "/", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/events", HttpStatusCode.UpgradeRequired)]
    public async Task Everything_else_gets_its_status(string method, string path, HttpStatusCode expected)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await _http.SendAsync(request, Cancelled);

        Assert.Equal(expected, response.StatusCode);
    }

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
    }
}
