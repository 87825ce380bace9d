using System.Buffers;
using Wspy.Extensions;
using Wspy.Protocol;

namespace Wspy.Tests.Fuzz;

/// <summary>Compressed messages, from seeds and altered at random, and bombs: nothing throws, and no more is inflated than MaxMessageSize and a byte.</summary>
public class InflateFuzzTests
{
    private const int MaxMessageSize = 5000;

    private static readonly byte[][] Seeds =
        [.. Mutations.Lines("deflated-payloads.txt").Concat(Mutations.Lines("deflated-valid.txt")).Select(line => Convert.FromHexString(line.Split(' ')[0])), Bomb(20_000, takeover: true)];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_any_deflate_may_make_is_delivered_however_cut_RFC7692_7_2_2(bool takeover)
    {
        foreach (string[] words in Mutations.Lines("deflated-valid.txt").Select(line => line.Split(' ')))
        {
            for (int cut = 1; cut < 2000; cut = (cut * 3) + 1)
            {
                using var receiver = new InflatingReceiver(MaxMessageSize, takeover);
                Assert.True(receiver.Take(Convert.FromHexString(words[0]), Opcode.Binary, cut), string.Join(' ', words[1..]));
                Assert.Equal(int.Parse(words[1], provider: null), receiver.MostDelivered);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whatever_comes_is_inflated_within_the_limit_or_refused_RFC7692_7_2_2(bool takeover)
    {
        int delivered = 0, refused = 0;
        int number = 0;
        foreach (byte[] payload in Mutations.Of(Seeds, seed: 3))
        {
            using var receiver = new InflatingReceiver(MaxMessageSize, takeover);

            // In the context of another one.
            Assert.True(receiver.Take(Seeds[0], Opcode.Binary, 100));
            bool open = receiver.Take(payload, number % 2 == 0 ? Opcode.Binary : Opcode.Text, 1 + (number % 37));
            number++;
            delivered += open ? 1 : 0;
            refused += open ? 0 : 1;
            Assert.InRange(receiver.MostInflated, 0, MaxMessageSize + 1);
            Assert.InRange(receiver.MostDelivered, 0, MaxMessageSize);
            Assert.Contains(receiver.Violation, (ProtocolViolation[])[
                ProtocolViolation.None, ProtocolViolation.InvalidExtensionData, ProtocolViolation.MessageTooLarge, ProtocolViolation.ExtensionLimit, ProtocolViolation.InvalidUtf8]);
            Assert.Equal(open, receiver.Violation == ProtocolViolation.None);
        }

        Assert.True(delivered > 10 && refused > 10, $"{delivered} were delivered, {refused} refused: these seeds prove little.");
    }

    // HARDENING: an inflate bomb

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_bomb_of_1000_to_1_stops_at_the_limit_with_1009(bool takeover)
    {
        const int limit = 1024 * 1024;
        byte[] bomb = Bomb(64 * limit, takeover);
        Assert.InRange(bomb.Length, 1, 64 * limit / 900);
        using var receiver = new InflatingReceiver(limit, takeover);
        Assert.True(receiver.Take(Bomb(1000, takeover), Opcode.Binary, 100));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(receiver.Take(bomb, Opcode.Binary, 64 * 1024));

        Assert.Equal(ProtocolViolation.MessageTooLarge, receiver.Violation);
        Assert.Equal(CloseCode.MessageTooBig, receiver.CloseCode);
        Assert.InRange(receiver.MostInflated, limit, limit + 1);

        // A buffer that doubles as the message grows, each time copied: 4 KiB to 2 MiB, and the frame itself.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (5 * limit) + (2 * bomb.Length));
    }

    private static byte[] Bomb(int size, bool takeover)
    {
        var extension = new DeflateMessage(new DeflateMessageOptions { ClientContextTakeover = takeover, Threshold = 0, KeepsGrownResults = true });
        using ExtensionInstance sender = extension.Confirm(new ExtensionOffer(extension.Name))!;
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(ReservedBits.Rsv1, sender.BeginSend(Opcode.Binary, new byte[size], end: true));
        sender.Send(new byte[size], output, end: true);
        return output.WrittenSpan.ToArray();
    }
}
