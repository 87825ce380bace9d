using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Wspy.Conformance.Engine;

/// <summary>
/// The request that a client under test opened a connection with. Read by hand and leniently, so that each case of a client
/// with one mistake in its request can still run; the cases about requests judge it.
/// </summary>
internal sealed class ClientRequest
{
    /// <summary>More than this is no opening handshake.</summary>
    private const int MaxHead = 64 * 1024;

    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private ClientRequest(string head)
    {
        Head = head;
        string[] lines = head.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        string[] words = lines[0].Split(' ');
        Line = lines[0];
        Target = words.Length > 1 ? words[1] : "";
        int query = Target.IndexOf('?', StringComparison.Ordinal);
        (Path, Query) = query < 0 ? (Target, "") : (Target[..query], Target[query..]);
        Headers = [.. lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => (pair[0], pair.Length > 1 ? pair[1].Trim(' ', '\t') : ""))];
    }

    /// <summary>All of it, the empty line included.</summary>
    public string Head { get; }

    /// <summary>The request line.</summary>
    public string Line { get; }

    /// <summary>The second word of the request line.</summary>
    public string Target { get; }

    /// <summary>The target up to the question mark.</summary>
    public string Path { get; }

    /// <summary>The question mark and what follows it.</summary>
    public string Query { get; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; }

    /// <summary>Whether no connection before had the same key.</summary>
    public bool HasFreshKey { get; set; }

    /// <summary>The first key, or nothing.</summary>
    public string Key => All("Sec-WebSocket-Key") is [var first, ..] ? first : "";

    /// <summary>What a server answers to the key, whether it is a good one or not (RFC 6455 §4.2.2).</summary>
    public string Accept => AcceptOf(Key);

    public IReadOnlyList<string> All(string name) =>
        [.. Headers.Where(header => header.Name.Trim().Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];

    /// <summary>The items of a header that is a list, of all its lines.</summary>
    public IReadOnlyList<string> Tokens(string name) =>
        [.. All(name).SelectMany(value => value.Split(',')).Select(item => item.Trim(' ', '\t')).Where(item => item.Length > 0)];

    /// <summary>The answer to a key.</summary>
    public static string AcceptOf(string key) => HashOf(key + Guid);

    /// <summary>The SHA-1 hash of a text, in base64.</summary>
#pragma warning disable CA5350 // RFC 6455 §4.2.2 fixes SHA-1; it guards no secret.
    public static string HashOf(string text) => Convert.ToBase64String(SHA1.HashData(Encoding.Latin1.GetBytes(text)));
#pragma warning restore CA5350

    /// <summary>Reads a request.</summary>
    /// <returns>The request and the bytes that came behind it; <see langword="null"/> when the connection ended before.</returns>
    public static async Task<(ClientRequest Request, byte[] Behind)?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaxHead];
        int count = 0;
        while (count < buffer.Length)
        {
            int read;
            try
            {
                read = await stream.ReadAsync(buffer.AsMemory(count), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                return null;
            }

            count += read;
            int end = EndOfHead(buffer.AsSpan(0, count));
            if (end > 0)
            {
                return (new ClientRequest(Encoding.Latin1.GetString(buffer, 0, end)), buffer[end..count]);
            }

            if (read == 0)
            {
                return null;
            }
        }

        return null;
    }

    private static int EndOfHead(ReadOnlySpan<byte> bytes)
    {
        int strict = bytes.IndexOf("\r\n\r\n"u8);
        int bare = bytes.IndexOf("\n\n"u8);
        return strict >= 0 && (bare < 0 || strict < bare) ? strict + 4 : bare >= 0 ? bare + 2 : -1;
    }
}
