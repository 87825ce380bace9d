using System.Text;

namespace Wspy;

/// <summary>The head of a received response (RFC 9112 §4): status line and headers.</summary>
/// <remarks>Immutable, and safe from any thread.</remarks>
public sealed class HttpResponseHead
{
    internal HttpResponseHead(int statusCode, string reasonPhrase, int version, HttpReceivedHeaders headers)
    {
        StatusCode = statusCode;
        ReasonPhrase = reasonPhrase;
        Version = version;
        Headers = headers;
    }

    /// <summary>The status, 100–999.</summary>
    public int StatusCode { get; }

    /// <summary>The text after the status, for people only; may be empty.</summary>
    public string ReasonPhrase { get; }

    /// <summary>The minor version: 1 for HTTP/1.1. The major one is always 1.</summary>
    public int Version { get; }

    /// <summary>The header fields.</summary>
    public HttpReceivedHeaders Headers { get; }

    /// <summary>The size of the body in bytes, or <see langword="null"/> where no Content-Length tells it (RFC 9112 §6.2).</summary>
    public long? ContentLength => HttpFraming.TryGetContentLength(Headers, out long? length) ? length : null;

    /// <summary>
    /// Whether the body comes in chunks (RFC 9112 §7.1): <c>chunked</c> is the last transfer coding. If it does not and
    /// <see cref="ContentLength"/> is <see langword="null"/>, the body ends with the connection (RFC 9112 §6.3).
    /// </summary>
    public bool IsChunked => HttpFraming.IsChunked(Headers);

    /// <summary>Status and reason phrase: <c>403 Forbidden</c>.</summary>
    public override string ToString() => ReasonPhrase.Length == 0 ? $"{StatusCode}" : $"{StatusCode} {ReasonPhrase}";

    internal static HttpResponseHead Create(int statusCode, ReadOnlySpan<byte> reason, int version, HttpReceivedHeaders headers) =>
        new(statusCode, Encoding.Latin1.GetString(reason), version, headers);
}
