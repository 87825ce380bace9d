using System.Buffers;
using System.Globalization;
using System.Text;

namespace Wspy;

/// <summary>A response to be sent in place of an upgrade (RFC 9112 §4); the connection ends after it.</summary>
/// <remarks>
/// <see cref="Write"/> adds Content-Length and <c>Connection: close</c>, and no Date, for there is no clock at this layer.
/// Not thread-safe while it is changed; once it is not, any number of threads may write it.
/// </remarks>
public sealed class HttpResponse
{
    /// <summary>Creates a response without a body.</summary>
    /// <param name="statusCode">200–599: a final status.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is no final one.</exception>
    public HttpResponse(int statusCode)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 599);
        StatusCode = statusCode;
        ReasonPhrase = HttpStatus.ReasonPhrase(statusCode);
    }

    /// <summary>The status, 200–599.</summary>
    public int StatusCode { get; }

    /// <summary>The text after the status, for people only.</summary>
    /// <value>By default the registered text of the status, empty for one that is not registered.</value>
    /// <exception cref="ArgumentException">The text holds a control character, such as a line break, or one above Latin-1.</exception>
    public string ReasonPhrase
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            int wrong = HttpGrammar.IndexOfNonFieldValue(value);
            if (wrong >= 0)
            {
                throw new ArgumentException(
                    $"ReasonPhrase holds U+{(int)value[wrong]:X4} at index {wrong}, which may not be sent (RFC 9112 §4).", nameof(value));
            }

            field = value;
        }
    }

    /// <summary>The header fields, without Content-Length and Transfer-Encoding. A Connection header's options are sent beside <c>close</c>.</summary>
    public HttpHeaders Headers { get; } = [];

    /// <summary>The body, sent as it is. The memory is the caller's and must not change until the response has been written.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>A response with a body of plain text in UTF-8.</summary>
    /// <inheritdoc cref="HttpResponse(int)"/>
    public static HttpResponse Text(int statusCode, string text) => Create(statusCode, text, "text/plain; charset=utf-8");

    /// <summary>A response with a body of HTML in UTF-8.</summary>
    /// <inheritdoc cref="HttpResponse(int)"/>
    public static HttpResponse Html(int statusCode, string html) => Create(statusCode, html, "text/html; charset=utf-8");

    /// <summary>A response with a body of JSON.</summary>
    /// <inheritdoc cref="HttpResponse(int)"/>
    public static HttpResponse Json(int statusCode, string json) => Create(statusCode, json, "application/json");

    /// <summary>A response that sends the client elsewhere: an upgrade can be answered with it as well as a page.</summary>
    /// <param name="statusCode">301, 302, 303, 307 or 308: 308 for good, 307 for now.</param>
    /// <param name="location">A URL, such as <c>wss://example.com/chat</c>, or a part of one, such as <c>/chat</c>; percent-encoded where it holds anything but ASCII (RFC 3986).</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is another one.</exception>
    /// <exception cref="ArgumentException">The location is empty, or holds a character that no URL has, such as a space or a line break.</exception>
    public static HttpResponse Redirect(int statusCode, string location)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        if (statusCode is not (301 or 302 or 303 or 307 or 308))
        {
            throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "A redirect has status 301, 302, 303, 307 or 308 (RFC 9110 §15.4).");
        }

        int wrong = location.AsSpan().IndexOfAnyExceptInRange('\x21', '\x7E');
        return wrong < 0
            ? new HttpResponse(statusCode) { Headers = { { "Location", location } } }
            : throw new ArgumentException($"The location holds U+{(int)location[wrong]:X4} at index {wrong}, which no URL has (RFC 3986 §2).", nameof(location));
    }

    /// <summary>Writes the response: status line, headers, Content-Length (none for 204 and 304, RFC 9110 §8.6), <c>Connection: close</c> and body.</summary>
    /// <param name="output">Gets the bytes.</param>
    /// <param name="omitBody">True for the answer to a HEAD request: the headers tell the body's size, and the body stays away (RFC 9110 §9.3.2).</param>
    /// <exception cref="InvalidOperationException">The headers hold Content-Length or Transfer-Encoding, or a status without body has one; nothing is written.</exception>
    public void Write(IBufferWriter<byte> output, bool omitBody = false) => WriteAnd(output, omitBody, keepsConnection: false);

    /// <summary>Whether the application has the connection end after it.</summary>
    internal bool AsksForClose
    {
        get
        {
            foreach (KeyValuePair<string, string> header in Headers)
            {
                if (header.Key.Equals("Connection", StringComparison.OrdinalIgnoreCase) && header.Value.Contains("close", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>As above; with <paramref name="keepsConnection"/> another request may follow on the connection.</summary>
    internal void WriteAnd(IBufferWriter<byte> output, bool omitBody, bool keepsConnection)
    {
        ArgumentNullException.ThrowIfNull(output);
        bool bodiless = StatusCode is 204 or 304;
        Validate(bodiless);
        Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {StatusCode} {ReasonPhrase}\r\n"), output);
        string connection = keepsConnection ? "keep-alive" : "close";
        foreach (KeyValuePair<string, string> header in Headers)
        {
            if (header.Key.Equals("Connection", StringComparison.OrdinalIgnoreCase))
            {
                connection = Combine(header.Value, connection);
                continue;
            }

            output.WriteHeader(header.Key, header.Value);
        }

        if (!bodiless)
        {
            output.WriteHeader("Content-Length", Body.Length.ToString(CultureInfo.InvariantCulture));
        }

        output.WriteHeader("Connection", connection);
        output.Write("\r\n"u8);
        if (!omitBody)
        {
            output.Write(Body.Span);
        }
    }

    private static HttpResponse Create(int statusCode, string text, string type)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new HttpResponse(statusCode) { Headers = { { "Content-Type", type } }, Body = Encoding.UTF8.GetBytes(text) };
    }

    /// <summary>The options in the order given, <c>close</c> last and once.</summary>
    private static string Combine(string options, string connection) =>
        options.Length == 0 || options.Equals("close", StringComparison.OrdinalIgnoreCase) ? connection : $"{options}, {connection}";

    private void Validate(bool bodiless)
    {
        foreach (string name in (ReadOnlySpan<string>)["Content-Length", "Transfer-Encoding"])
        {
            if (Headers.Contains(name))
            {
                throw new InvalidOperationException($"The headers of the response hold {name}, which is written from Body.");
            }
        }

        if (bodiless && !Body.IsEmpty)
        {
            throw new InvalidOperationException($"A response of status {StatusCode} has no body (RFC 9110 §15), and this one has {Body.Length} bytes.");
        }
    }
}
