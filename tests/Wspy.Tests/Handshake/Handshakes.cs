using System.Buffers;
using Wspy.Handshake;
using Wspy.Tests.Http;

namespace Wspy.Tests.Handshake;

/// <summary>What came of a handshake, in a form that can be compared.</summary>
internal sealed record HandshakeResult(string Status, HandshakeViolation Reason, HttpViolation HeadViolation, int Consumed, int StatusCode, string Details);

/// <summary>Requests and responses for tests, and their verdicts at all splits.</summary>
internal static class Handshakes
{
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    public const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    public static readonly string[] RequestLines =
    [
        "Host: example.com", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + Key,
    ];

    public static readonly string[] ResponseLines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: " + Accept];

    /// <summary>A valid request with these lines added.</summary>
    public static string Request(params string[] more) => Head("GET /chat HTTP/1.1", [.. RequestLines, .. more]);

    /// <summary>A valid response with these lines added.</summary>
    public static string Response(params string[] more) => Head("HTTP/1.1 101 Switching Protocols", [.. ResponseLines, .. more]);

    public static string Head(string first, params string[] lines) => $"{first}\r\n{string.Concat(lines.Select(line => line + "\r\n"))}\r\n";

    /// <summary>The lines without those of that name, and with the given ones in their place.</summary>
    public static string[] With(this string[] lines, string name, params string[] others) =>
        [.. lines.Where(line => !line.StartsWith(name + ":", StringComparison.Ordinal)), .. others];

    public static ServerHandshake Receive(string request, ServerHandshakeOptions? options = null)
    {
        var handshake = new ServerHandshake(options ?? new());
        ReadOnlySpan<byte> input = Splits.Latin1(request);
        handshake.Receive(ref input);
        return handshake;
    }

    public static HandshakeResult Judge(string request, ServerHandshakeOptions? options = null) => Splits.Same<HandshakeResult>(Splits.Latin1(request), () =>
    {
        var handshake = new ServerHandshake(options ?? new());
        return (
            (ref input) => handshake.Receive(ref input) == ServerHandshakeStatus.NeedMoreData,
            consumed =>
            {
                ReadOnlySpan<byte> none = [];
                return new HandshakeResult(
                    handshake.Receive(ref none).ToString(),
                    handshake.Refusal?.Reason ?? HandshakeViolation.None,
                    handshake.Refusal?.HeadViolation ?? HttpViolation.None,
                    consumed,
                    handshake.Refusal?.Response.StatusCode ?? 0,
                    $"{string.Join(',', handshake.RequestedSubprotocols)}|{string.Join(',', handshake.OfferedExtensions)}");
            });
    });

    public static HandshakeResult JudgeResponse(string response, ClientHandshakeOptions? options = null) => Splits.Same<HandshakeResult>(Splits.Latin1(response), () =>
    {
        var handshake = new ClientHandshake(new Uri("ws://example.com/chat"), options ?? new(), Key);
        return (
            (ref input) => handshake.Receive(ref input) == ClientHandshakeStatus.NeedMoreData,
            consumed =>
            {
                ReadOnlySpan<byte> none = [];
                return new HandshakeResult(
                    handshake.Receive(ref none).ToString(),
                    handshake.Failure?.Reason ?? HandshakeViolation.None,
                    handshake.Failure?.HeadViolation ?? HttpViolation.None,
                    consumed,
                    handshake.Response?.StatusCode ?? 0,
                    handshake.Subprotocol ?? "");
            });
    });

    public static string Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Splits.Latin1(output.WrittenSpan);
    }
}
