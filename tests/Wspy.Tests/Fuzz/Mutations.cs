using System.Globalization;

namespace Wspy.Tests.Fuzz;

/// <summary>The seeds of a file, as they are and altered at random: the same ones in every run, unless more are asked for.</summary>
internal static class Mutations
{
    /// <summary>How many alterations a test tries; see docs/testing.md.</summary>
    public const string Variable = "WSPY_FUZZ";

    private const int Usual = 4000;

    private static readonly byte[][] Pieces = [.. ((string[])[",", ";", "=", "\"", "\\", " ", "\t", "8", "15", "16", "0", "permessage-deflate", "server_max_window_bits", "client_max_window_bits=", "; server_no_context_takeover", "\0", "\u007f", "ÿ"]).Select(System.Text.Encoding.Latin1.GetBytes)];

    public static int Count { get; } = int.Parse(Environment.GetEnvironmentVariable(Variable) ?? $"{Usual}", CultureInfo.InvariantCulture);

    /// <summary>The lines of a file beside this one's seeds, without comments.</summary>
    public static string[] Lines(string file) =>
        [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Fuzz", "Seeds", file)).Where(line => !line.StartsWith('#'))];

    /// <summary>Each seed itself, then alterations with what they come from drawn by a fixed random number.</summary>
    public static IEnumerable<byte[]> Of(byte[][] seeds, int seed)
    {
        foreach (byte[] one in seeds)
        {
            yield return one;
        }

        var random = new Random(seed);
        for (int i = 0; i < Count; i++)
        {
            List<byte> bytes = [.. seeds[random.Next(seeds.Length)]];
            for (int steps = random.Next(1, 5); steps > 0; steps--)
            {
                Alter(bytes, random, seeds);
            }

            yield return [.. bytes];
        }
    }

    private static void Alter(List<byte> bytes, Random random, byte[][] seeds)
    {
        int at = random.Next(bytes.Count + 1);
        switch (random.Next(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2 when at < bytes.Count:
                bytes.RemoveRange(at, random.Next(bytes.Count - at) + 1);
                break;
            case 3:
                bytes.InsertRange(at, Pieces[random.Next(Pieces.Length)]);
                break;
            case 4:
                bytes.InsertRange(at, seeds[random.Next(seeds.Length)]);
                break;
            default:
                bytes.InsertRange(at, bytes.GetRange(at, bytes.Count - at));
                break;
        }
    }
}
