using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Wspy.Benchmarks.Compression;

/// <summary>Messages as applications send them, the same in every run.</summary>
internal static class Corpus
{
    private const int Count = 300;

    private static readonly string[] Words =
        "the a and of to is that it was for on are with as at be this have from or had by word but what some we can out other were all there when up use your how said each she which do their time will way about many then them write would like so these her long make thing see him two has look more day could go come did number sound no most people my over know water than call first who may down side been now find".Split(' ');

    private static readonly string[] Names = ["ada", "grace", "edsger", "barbara", "donald", "leslie", "tony", "margaret"];

    private static readonly string[] Symbols = ["EURUSD", "USDJPY", "GBPUSD", "USDCHF", "AUDUSD", "XAUUSD"];

    private static readonly (string Name, int Seed, Func<Random, int, byte[]> Message)[] Kinds =
    [
        ("chat lines", 1, Chat),
        ("JSON", 2, Json),
        ("ticks", 3, Tick),
        ("tagged binary", 4, Tagged),
    ];

    // Order matters to static fields: what the kinds are made of comes first.
    public static IReadOnlyList<(string Name, byte[][] Messages)> All { get; } = [.. Kinds.Select(kind => (kind.Name, Make(kind.Seed, kind.Message)))];

    /// <summary>Messages of one kind in a row, with this many bytes in all, for those who cut their own messages from them.</summary>
    public static byte[] Bytes(string name, int size)
    {
        (_, int seed, Func<Random, int, byte[]> message) = Kinds.Single(kind => kind.Name == name);
        var random = new Random(seed);
        var output = new ArrayBufferWriter<byte>(size);
        for (int i = 0; output.WrittenCount < size; i++)
        {
            output.Write(message(random, i));
        }

        return output.WrittenSpan[..size].ToArray();
    }

    private static byte[][] Make(int seed, Func<Random, int, byte[]> message)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Count).Select(i => message(random, i))];
    }

    private static string Sentence(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[(int)(Words.Length * Math.Pow(random.NextDouble(), 2))]));

    private static byte[] Chat(Random random, int index) => Encoding.UTF8.GetBytes($"{Names[random.Next(Names.Length)]}: {Sentence(random, random.Next(8, 40))}");

    private static byte[] Json(Random random, int index)
    {
        IEnumerable<string> items = Enumerable.Range(0, random.Next(2, 12)).Select(item => string.Create(CultureInfo.InvariantCulture,
            $$"""{"sku":"{{random.Next(100_000, 999_999)}}","title":"{{Sentence(random, 4)}}","quantity":{{random.Next(1, 9)}},"price":{"amount":{{random.Next(100, 99_999)}},"currency":"EUR"},"inStock":{{(random.Next(4) > 0 ? "true" : "false")}}}"""));
        return Encoding.UTF8.GetBytes($$"""{"type":"order","id":{{100_000 + index}},"customer":{"name":"{{Names[random.Next(Names.Length)]}}","note":"{{Sentence(random, 6)}}"},"items":[{{string.Join(',', items)}}]}""");
    }

    private static byte[] Tick(Random random, int index) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""{"e":"tick","s":"{{Symbols[random.Next(Symbols.Length)]}}","t":{{1_700_000_000_000 + (index * 250L) + random.Next(250)}},"b":{{1.08 + (random.Next(1000) / 100_000.0):F5}},"a":{{1.09 + (random.Next(1000) / 100_000.0):F5}},"v":{{random.Next(1, 500)}}}"""));

    // Fields as a tag and a number of variable length, a text, or eight bytes.
    private static byte[] Tagged(Random random, int index)
    {
        var output = new ArrayBufferWriter<byte>();
        Span<byte> position = stackalloc byte[16];
        for (int entity = 0; entity < 20; entity++)
        {
            Number(output, 1, (uint)((index * 20) + entity));
            Number(output, 2, (uint)random.Next(1 << random.Next(4, 20)));
            byte[] name = Encoding.UTF8.GetBytes(Names[random.Next(Names.Length)]);
            Number(output, 3, (uint)name.Length);
            output.Write(name);
            BinaryPrimitives.WriteDoubleLittleEndian(position, Math.Round(random.NextDouble() * 1000, 1));
            BinaryPrimitives.WriteDoubleLittleEndian(position[8..], Math.Round(random.NextDouble() * 1000, 1));
            output.Write(position);
        }

        return output.WrittenSpan.ToArray();
    }

    private static void Number(ArrayBufferWriter<byte> output, byte tag, uint value)
    {
        output.Write([(byte)(tag << 3)]);
        for (; value > 127; value >>= 7)
        {
            output.Write([(byte)(value | 128)]);
        }

        output.Write([(byte)value]);
    }
}
