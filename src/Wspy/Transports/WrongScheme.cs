namespace Wspy.Transports;

/// <summary>TLS spoken to who does not, and the reverse: both are told by the first bytes.</summary>
internal static class WrongScheme
{
    public const string PlainToTls = "The client speaks plain HTTP to a port of TLS: its URL should begin with wss: or https:.";

    public const string TlsToPlain = "The client speaks TLS to a port without: its URL should begin with ws: or http:.";

    /// <summary>The answer that a program which speaks plain HTTP to a port of TLS can read.</summary>
    public static HttpResponse Answer => HttpResponse.Text(400, "This port speaks TLS: use a URL that begins with wss: or https:.\n");

    /// <summary>Whether a client's first bytes are a request in plain HTTP: no TLS record begins with a letter, nor does an SSLv2 hello, and every method does.</summary>
    public static bool IsHttpRequest(ReadOnlySpan<byte> beginning) => beginning is [>= (byte)'A' and <= (byte)'Z', ..];

    /// <summary>Whether a server's first bytes are an answer in plain HTTP.</summary>
    public static bool IsHttpResponse(ReadOnlySpan<byte> beginning) => beginning.SequenceEqual("HTTP/"u8);

    /// <summary>Whether a first byte is that of a TLS record: an alert or a handshake (RFC 8446 §5.1). Nothing in HTTP begins with a control character.</summary>
    public static bool IsTls(byte first) => first is 0x15 or 0x16;
}
