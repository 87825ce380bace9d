namespace Wspy.Tests.Http;

/// <summary>What came of a head, in a form that can be compared.</summary>
internal sealed record HeadResult(HttpHeadStatus Status, HttpViolation Violation, int Consumed, string Head);

/// <summary>Parses heads for tests, at all splits.</summary>
internal static class Heads
{
    public static HeadResult Parse(HttpHeadKind kind, string text, int maxHeadSize = 16384, int maxHeaderCount = 100) =>
        Parse(kind, Splits.Latin1(text), maxHeadSize, maxHeaderCount);

    public static HeadResult Parse(HttpHeadKind kind, byte[] bytes, int maxHeadSize = 16384, int maxHeaderCount = 100) => Splits.Same<HeadResult>(bytes, () =>
    {
        var parser = new HttpHeadParser(kind) { MaxHeadSize = maxHeadSize, MaxHeaderCount = maxHeaderCount };
        return (
            (ref input) => parser.Receive(ref input) == HttpHeadStatus.NeedMoreData,
            consumed =>
            {
                ReadOnlySpan<byte> none = [];
                return new HeadResult(parser.Receive(ref none), parser.Violation, consumed, Describe(parser));
            });
    });

    public static HttpRequestHead Request(string text)
    {
        var parser = new HttpHeadParser(HttpHeadKind.Request);
        ReadOnlySpan<byte> input = Splits.Latin1(text);
        Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref input));
        return parser.Request!;
    }

    public static HttpResponseHead Response(string text)
    {
        var parser = new HttpHeadParser(HttpHeadKind.Response);
        ReadOnlySpan<byte> input = Splits.Latin1(text);
        Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref input));
        return parser.Response!;
    }

    private static string Describe(HttpHeadParser parser)
    {
        string start = parser.Request is { } request ? $"{request.Method}|{request.Target}|{request.Version}"
            : parser.Response is { } response ? $"{response.StatusCode}|{response.ReasonPhrase}|{response.Version}" : "";
        HttpReceivedHeaders? headers = parser.Request?.Headers ?? parser.Response?.Headers;
        return headers is null ? start : start + string.Concat(headers.Select(header => $"|{header.Key}={header.Value}"));
    }
}
