namespace Wspy.Tool.Echo;

/// <summary>Answers plain HTTP: the page on <c>/</c>, and nothing else.</summary>
internal static class EchoPage
{
    // All that the page is made of stands in it; it talks to WebSockets only, of any server that its user names.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; connect-src ws: wss:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly byte[] Html = Load();

    /// <returns>The answer; null for the events channel, whose path is for WebSockets: the server then answers 426.</returns>
    public static HttpResponse? Answer(HttpRequestHead request) => request.Path switch
    {
        "/" when request.Method is "GET" or "HEAD" => Page(),
        "/" => NotAllowed(),
        EventsChannel.Path => null,
        _ => HttpResponse.Text(404, "Not found. The page is at /, and a WebSocket at any path but /events is echoed.\n"),
    };

    private static HttpResponse Page() => new(200)
    {
        Headers =
        {
            { "Content-Type", "text/html; charset=utf-8" },
            { "Content-Security-Policy", ContentSecurityPolicy },
            { "X-Content-Type-Options", "nosniff" },
            { "Cache-Control", "no-cache" },
        },
        Body = Html,
    };

    private static HttpResponse NotAllowed()
    {
        HttpResponse response = HttpResponse.Text(405, "This page takes GET and HEAD.\n");
        response.Headers.Add("Allow", "GET, HEAD");
        return response;
    }

    private static byte[] Load()
    {
        using Stream resource = typeof(EchoPage).Assembly.GetManifestResourceStream("echo.html")!;
        byte[] html = new byte[resource.Length];
        resource.ReadExactly(html);
        return html;
    }
}
