namespace Wspy.Tests;

/// <summary>Masking keys (RFC 6455 §5.3, §10.3).</summary>
public class MaskingKeysTests
{
    [Fact]
    public void Section_5_3_keys_are_fresh_and_cover_the_range()
    {
        const int Keys = 100_000;
        var seen = new HashSet<uint>();
        int[,] counts = new int[4, 256];
        for (int i = 0; i < Keys; i++)
        {
            uint key = MaskingKeys.Next();
            seen.Add(key);
            for (int octet = 0; octet < 4; octet++)
            {
                counts[octet, key >> (8 * octet) & 0xFF]++;
            }
        }

        // n²/2^33 = 1.2 keys repeat by chance; each value of each octet comes 391 ± 20 times, here within 8 deviations.
        Assert.InRange(seen.Count, Keys - 20, Keys);
        foreach (int count in counts)
        {
            Assert.InRange(count, 391 - 160, 391 + 160);
        }
    }

    [Fact]
    public void Threads_draw_different_keys()
    {
        HashSet<uint>[] drawn = [.. Enumerable.Range(0, 4).Select(_ => new HashSet<uint>())];
        Thread[] threads = [.. drawn.Select(set => new Thread(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                set.Add(MaskingKeys.Next());
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.InRange(drawn.SelectMany(set => set).Distinct().Count(), 3990, 4000);
    }
}
