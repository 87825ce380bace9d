using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>
/// What one end of a connection saw and said: a line per event ("Text 'Hello'"), a line per frame that it sent ("> Pong 'x'"),
/// and where that left it. Equal however the bytes were cut, and in whatever unit they were delivered.
/// </summary>
/// <param name="Lines">Events and sent frames, in order.</param>
/// <param name="Expectations">What the engine expected of the stream, in order, before the stream ended.</param>
/// <param name="Violation">The peer's mistake, if any.</param>
/// <param name="Info">How the connection ended.</param>
internal sealed record EventLog(string Lines, string Expectations, Violation Violation, CloseInfo Info)
{
    public string[] Events => Lines.Length == 0 ? [] : Lines.Split('\n');

    /// <summary>What a payload looks like in a line: text where it is some, else hexadecimal; what is long is cut down to its hash.</summary>
    public static string Render(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > 150)
        {
            return $"{payload.Length} bytes #{Convert.ToHexString(SHA256.HashData(payload))[..12]}";
        }

        return Utf8.IsValid(payload) && !payload.ContainsAnyInRange((byte)0, (byte)0x1F)
            ? $"'{Encoding.UTF8.GetString(payload)}'"
            : Convert.ToHexString(payload);
    }

    public static string Render(Opcode opcode, ReservedBits reserved, ReadOnlySpan<byte> payload) =>
        (opcode == Opcode.Close ? RenderClose(payload) : $"{opcode} {Render(payload)}") + (reserved == 0 ? "" : $" {reserved}");

    private static string RenderClose(ReadOnlySpan<byte> payload) =>
        payload.IsEmpty ? "Close" : $"Close {payload[0] << 8 | payload[1]} '{Encoding.UTF8.GetString(payload[2..])}'";
}
