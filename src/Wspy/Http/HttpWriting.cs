using System.Buffers;
using System.Text;

namespace Wspy;

/// <summary>Header lines, written.</summary>
internal static class HttpWriting
{
    /// <summary>Writes a name and a value that are known to be safe: fixed, or from <see cref="HttpHeaders"/>.</summary>
    public static void WriteHeader(this IBufferWriter<byte> output, string name, string value)
    {
        Span<byte> line = output.GetSpan(name.Length + value.Length + 4);
        int length = Encoding.Latin1.GetBytes(name, line);
        ": "u8.CopyTo(line[length..]);
        length += 2;
        length += Encoding.Latin1.GetBytes(value, line[length..]);
        "\r\n"u8.CopyTo(line[length..]);
        output.Advance(length + 2);
    }

    /// <summary>Writes header lines in order.</summary>
    public static void WriteHeaders(this IBufferWriter<byte> output, HttpHeaders headers)
    {
        foreach (KeyValuePair<string, string> header in headers)
        {
            output.WriteHeader(header.Key, header.Value);
        }
    }
}
