using System.Security.Cryptography;
using System.Text;

namespace Wspy.Conformance.Tests.Mistakes;

// Heads of HTTP, as both roles read and write them.
internal sealed partial class MistakenConnection
{
    private HttpHeadParser Parser(HttpHeadKind kind) =>
        Has(Mistake.ReadsHeadsWithoutALimit) ? new(kind) { MaxHeadSize = int.MaxValue, MaxHeaderCount = int.MaxValue } : new(kind);

    /// <summary>Reads a head.</summary>
    /// <returns><see cref="HttpHeadStatus.NeedMoreData"/> when the stream ended before it was complete.</returns>
    private async Task<HttpHeadStatus> HeadAsync(HttpHeadParser parser)
    {
        while (_start < _end || await MoreAsync())
        {
            HttpHeadStatus status = Parse(parser);
            if (status == HttpHeadStatus.Complete && Has(Mistake.DropsBytesBehindTheHead))
            {
                _start = _end;
            }

            if (status != HttpHeadStatus.NeedMoreData || Has(Mistake.ReadsTheHeadWithOneRead))
            {
                return status;
            }
        }

        return HttpHeadStatus.NeedMoreData;
    }

    private HttpHeadStatus Parse(HttpHeadParser parser)
    {
        ReadOnlySpan<byte> rest = _input.AsSpan(_start, _end - _start);
        HttpHeadStatus status = parser.Receive(ref rest);
        _start = _end - rest.Length;
        return status;
    }

    // RFC 6455 §4.2.2 fixes SHA-1, which guards no secret here.
#pragma warning disable CA5350
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes($"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private async Task WriteAsync(string head) => await socket.SendAsync(Encoding.Latin1.GetBytes(head), stopping);

    private static string First(HttpReceivedHeaders headers, string name) => headers[name] ?? "";

    private static int Count(HttpReceivedHeaders headers, string name) => headers.GetValues(name).Count;

    private static bool HasToken(HttpReceivedHeaders headers, string name, string token, bool byCase) =>
        headers.GetValues(name).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)).Contains(token, byCase ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
}
