using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Wspy.Conformance.Wire;

/// <summary>Bytes, frames and codes in words, for reports.</summary>
internal static class Show
{
    /// <summary>How many bytes of a payload are shown in a sentence.</summary>
    private const int Shown = 24;

    public static string Payload(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "nothing";
        }

        string more = bytes.Length > Shown ? $"… ({bytes.Length:N0} bytes)" : "";
        ReadOnlySpan<byte> shown = bytes[..Math.Min(bytes.Length, Shown)];
        return IsPrintable(shown) ? $"\"{Encoding.UTF8.GetString(shown)}{more}\"" : Hex(shown) + more;
    }

    public static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 3);
        foreach (byte value in bytes)
        {
            text.Append(text.Length == 0 ? "" : " ").Append($"{value:x2}");
        }

        return text.ToString();
    }

    public static string Opcode(Opcode opcode) => opcode.IsReserved() ? $"opcode 0x{(int)opcode:X}" : opcode.ToString();

    public static string Frame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var text = new StringBuilder(Opcode(header.Opcode));
        text.Append(header.Fin ? "" : " FIN=0");
        for (int bit = 1; bit <= 3; bit++)
        {
            text.Append(((int)header.Reserved & (0x80 >> bit)) == 0 ? "" : $" RSV{bit}");
        }

        text.Append(header.IsMasked ? $" key {Hex(BitConverter.GetBytes(header.MaskingKey))}" : " unmasked");
        text.Append(header.IsMinimal ? "" : " length not minimal").Append($" {header.PayloadLength:N0} bytes");
        return payload.IsEmpty ? text.ToString() : header.Opcode == Wspy.Opcode.Close && payload.Length >= 2
            ? text.Append($": {(payload[0] << 8) | payload[1]}{(payload.Length > 2 ? " " + Payload(payload[2..]) : "")}").ToString()
            : text.Append($": {Payload(payload)}").ToString();
    }

    /// <summary>A sequence in a sentence; a long one with its middle left out.</summary>
    public static string Sequence(IReadOnlyList<string> items) => items.Count <= 6
        ? string.Join(", then ", items)
        : $"{string.Join(", then ", items.Take(3))}, then {items.Count - 5:N0} more, then {string.Join(", then ", items.TakeLast(2))}";

    public static string Time(TimeSpan time) => time.TotalSeconds >= 1 ? $"{time.TotalSeconds:0.###} s" : $"{time.TotalMilliseconds:0.###} ms";

    private static bool IsPrintable(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) && bytes.IndexOfAnyInRange((byte)0, (byte)0x1F) < 0 && !bytes.Contains((byte)0x7F);
}
