using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Deflate;

/// <summary>Messages like those that people send, the same ones in each run.</summary>
internal static class Samples
{
    private static readonly string[] Words =
        ["the", "wire", "carries", "a", "message", "from", "one", "peer", "to", "another", "and", "each", "Zeichen", "κόσμε", "naïve", "日本語", "🌍", "window", "of", "many", "bytes", "is", "slid", "over"];

    /// <summary>The kinds of samples.</summary>
    public static IReadOnlyList<(string Name, Opcode Kind, Func<int, int, Payload> Make)> All { get; } =
    [
        ("prose", Opcode.Text, Prose),
        ("JSON", Opcode.Text, Json),
        ("one phrase over and over", Opcode.Text, Repetitive),
        ("binary records", Opcode.Binary, Records),
        ("an image", Opcode.Binary, Image),
        ("random bytes", Opcode.Binary, Random),
    ];

    /// <summary>Words in several scripts.</summary>
    public static Payload Prose(int size, int seed) => Text(size, seed, "prose", static (text, next) => text.Append(Words[next(Words.Length)]).Append(next(9) == 0 ? ". " : " "));

    public static Payload Json(int size, int seed) => Text(size, seed, "JSON", static (text, next) =>
        text.Append(CultureInfo.InvariantCulture, $"{{\"id\":{next(1_000_000)},\"symbol\":\"{Words[next(8)].ToUpperInvariant()}\",\"bid\":{next(10_000)}.{next(100):00},\"live\":{(next(2) == 0 ? "true" : "false")}}},"));

    public static Payload Repetitive(int size, int seed) => Text(size, seed, "one phrase over and over", static (text, _) => text.Append("Again and again. "));

    /// <summary>Records of numbers, some of which grow and some of which vary.</summary>
    public static Payload Records(int size, int seed) => Bytes(size, seed, "binary records", static (bytes, next) =>
    {
        for (int i = 0; i + 16 <= bytes.Length; i += 16)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[i..], i / 16);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[(i + 4)..], 1_700_000_000_000 + (i * 250) + next(50));
            BinaryPrimitives.WriteInt16BigEndian(bytes[(i + 12)..], (short)next(300));
        }
    });

    /// <summary>Pixels of a gradient with a little noise.</summary>
    public static Payload Image(int size, int seed) => Bytes(size, seed, "an image", static (bytes, next) =>
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)((i % 3 * 40) + (i / 3 % 128) + (next(8) == 0 ? next(4) : 0));
        }
    });

    /// <summary>Bytes that cannot be compressed.</summary>
    public static Payload Random(int size, int seed) => Bytes(size, seed, "random bytes", static (bytes, next) =>
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)next(256);
        }
    });

    public static Payload Zeros(int size) => Payload.Made(size, () => new byte[size], $"{size:N0} zeros");

    private delegate void Filling(Span<byte> bytes, Func<int, int> next);

    private static Payload Bytes(int size, int seed, string name, Filling fill) => Payload.Made(
        size,
        () =>
        {
            byte[] bytes = new byte[size];
            fill(bytes, Numbers(size, seed));
            return bytes;
        },
        $"{size:N0} bytes of {name}, no. {seed}");

    private static Payload Text(int size, int seed, string name, Action<StringBuilder, Func<int, int>> add) => Payload.Made(
        size,
        () =>
        {
            Func<int, int> next = Numbers(size, seed);
            var text = new StringBuilder();
            while (text.Length <= size)
            {
                add(text, next);
            }

            // Cut between characters, and filled up to the size.
            byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
            int length = size;
            while (length > 0 && (bytes[length] & 0xC0) == 0x80)
            {
                length--;
            }

            bytes.AsSpan(length).Fill((byte)'.');
            return bytes[..size];
        },
        $"{size:N0} bytes of {name}, no. {seed}");

    /// <summary>Numbers below a limit: xorshift, and so the same on every platform for good.</summary>
    private static Func<int, int> Numbers(int size, int seed)
    {
        uint state = 2_463_534_242u ^ ((uint)size * 2_654_435_761u) ^ ((uint)seed * 40_503u);
        return limit =>
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            return (int)(state % (uint)limit);
        };
    }
}
