using System.Buffers;
using CsCheck;
using Wspy.Compression;
using Wspy.Conformance.Deflate;
using Wspy.Extensions;
using Wspy.Tests.Compression;
using Judge = Wspy.Conformance.Deflate.Inflater;

namespace Wspy.Tests.Extensions;

public class DeflateInstanceTests
{
    public static TheoryData<bool> Backends => Codec.Backends;

    // RFC 7692 §7.2: what one end makes the other takes back, and the RFC's judge as well

    [Theory]
    [MemberData(nameof(Backends))]
    public void What_is_sent_is_what_is_received_however_it_is_cut_RFC7692_7_2(bool zlib) =>
        Gen.Select(Gen.OneOf(Codec.Messages).Array[1, 4], Gen.Bool, Gen.Int[8, 15], Gen.Int[0, 9], Gen.Int[1, 9], Gen.UInt).Sample((messages, takeover, bits, level, memory, seed) =>
        {
            var random = new Random((int)seed);
            int window = zlib ? bits : 15;
            using DeflateInstance sender = Create(zlib, window, takeover, keeps: true, level, memory);
            using DeflateInstance receiver = Create(zlib, window, takeover, keeps: true);
            var judge = new Judge(window, takeover);
            foreach (byte[] message in messages.Where(message => message.Length <= 5000))
            {
                byte[] sent = Send(sender, message, random.Next(1, 5));

                Assert.Equal(message, judge.Inflate(sent).Bytes);
                Assert.Equal((ExtensionStatus.NeedsInput, Convert.ToHexString(message)), Receive(receiver, sent, random));
            }
        }, iter: 150);

    [Theory]
    [MemberData(nameof(Backends))]
    public void An_empty_message_in_fragments_is_one_byte_RFC7692_7_2_3_6(bool zlib)
    {
        using DeflateInstance sender = Create(zlib, 15, takeover: true, keeps: true);
        var judge = new Judge(15, takeover: true);
        for (int i = 0; i < 3; i++)
        {
            byte[] sent = Send(sender, [], 2);

            Assert.Equal([0x00], sent);
            Assert.Empty(judge.Inflate(sent).Bytes);
        }
    }

    [Fact]
    public void What_is_short_is_left_as_it_is()
    {
        using DeflateInstance instance = Create(zlib: true, 15, takeover: true, keeps: false);

        Assert.Equal(ReservedBits.None, instance.BeginSend(Opcode.Text, new byte[63], end: true));
        Assert.Equal(ReservedBits.None, instance.BeginSend(Opcode.Text, [], end: true));
        Assert.Equal(ReservedBits.Rsv1, instance.BeginSend(Opcode.Text, new byte[64], end: true));
        Assert.Equal(ReservedBits.Rsv1, instance.BeginSend(Opcode.Text, [], end: false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_message_may_be_left_out_and_what_is_short_needs_no_asking_RFC7692_6(bool takeover)
    {
        var memory = new DeflateMemory(1 << 20);
        List<(Opcode, int)> asked = [];
        var options = new DeflateMessageOptions
        {
            Memory = memory,
            Choice = (opcode, payload) =>
            {
                asked.Add((opcode, payload.Length));
                return payload.IndexOf("secret"u8) < 0;
            },
        };
        using var instance = new DeflateInstance(new DeflateMessage(options), ExtensionUnit.Message, options, 15, takeover, 15, takeover);
        byte[] secret = [.. new byte[100], .. "secret"u8];

        Assert.Equal(ReservedBits.None, instance.BeginSend(Opcode.Text, secret, end: true));
        Assert.Equal(ReservedBits.None, instance.BeginSend(Opcode.Binary, secret.AsSpan(90), end: false));
        Assert.Equal(ReservedBits.None, instance.BeginSend(Opcode.Text, new byte[63], end: true));
        Assert.Equal([(Opcode.Text, 106), (Opcode.Binary, 16)], asked);
        Assert.Equal(0, memory.Used);

        Assert.Equal(ReservedBits.Rsv1, instance.BeginSend(Opcode.Text, new byte[64], end: true));
        Assert.Equal(ReservedBits.Rsv1, instance.BeginSend(Opcode.Binary, new byte[3], end: false));
        Assert.NotEqual(0, memory.Used);
    }

    // A prepared message is compressed once for all connections of equal forms.
    [Fact]
    public void Who_chooses_otherwise_shares_nothing()
    {
        DeflateChoice texts = static (opcode, _) => opcode == Opcode.Text;
        object? plain = FormOf(null);
        object? chosen = FormOf(texts);

        Assert.Equal(plain, FormOf(null));
        Assert.Equal(chosen, FormOf(texts));
        Assert.NotEqual(plain, chosen);
        Assert.NotEqual(chosen, FormOf(static (_, _) => true));

        static object? FormOf(DeflateChoice? choice)
        {
            var options = new DeflateMessageOptions { Choice = choice };
            using var instance = new DeflateInstance(new DeflateMessage(options), ExtensionUnit.Message, options, 15, takeover: false, 15, peerTakeover: false);
            return instance.SharedForm;
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_result_that_is_not_sent_is_not_referred_to(bool zlib)
    {
        byte[] noise = Samples.Random(2000, 1).ToArray();
        using DeflateInstance sender = Create(zlib, 15, takeover: true, keeps: false);
        using DeflateInstance receiver = Create(zlib, 15, takeover: true, keeps: false);

        Assert.False(sender.KeepsResult(noise.Length, Send(sender, noise, 1).Length));
        byte[] sent = Send(sender, noise, 1);
        Assert.Equal((ExtensionStatus.NeedsInput, Convert.ToHexString(noise)), Receive(receiver, sent, new Random(1)));
        Assert.True(Create(zlib, 15, takeover: true, keeps: true).KeepsResult(10, 20));
        Assert.True(sender.KeepsResult(10, 9));
    }

    private static readonly (string What, byte[] Payload)[] WrongData =
        [.. CorruptData.Invalid, .. CorruptData.InvalidAtFirst, .. CorruptData.Truncated, .. CorruptData.Trailing];

    public static TheoryData<int, string> Wrong => new(WrongData.Select((one, i) => (i, one.What)));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_corrupt_cut_off_or_goes_on_wrongly_is_invalid_RFC7692_7_2_2(int index, string what)
    {
        byte[] payload = WrongData[index].Payload;
        Assert.Equal(WrongData[index].What, what);
        for (int seed = 0; seed < 10; seed++)
        {
            using DeflateInstance receiver = Create(zlib: true, 15, takeover: true, keeps: false);

            Assert.Equal(ExtensionStatus.InvalidData, Receive(receiver, payload, new Random(seed)).Status);
        }
    }

    // Each begins a stream anew, which costs a hundred times its two bytes.
    [Theory]
    [MemberData(nameof(Backends))]
    public void Final_blocks_are_limited(bool zlib)
    {
        foreach ((int blocks, int padding, ExtensionStatus expected) in ((int, int, ExtensionStatus)[])[
            (64, 0, ExtensionStatus.NeedsInput), (80, 0, ExtensionStatus.LimitExceeded), (80, 10, ExtensionStatus.NeedsInput), (1000, 64, ExtensionStatus.NeedsInput)])
        {
            // Stored blocks of some bytes, each of them final (RFC 1951 §3.2.4).
            byte[] one = [0x01, (byte)padding, 0x00, (byte)~padding, 0xFF, .. new byte[padding]];
            byte[] message = [.. Enumerable.Repeat(one, blocks).SelectMany(block => block), 0x00];
            using ExtensionInstance receiver = new DeflateMessage(new DeflateMessageOptions { Backend = Codec.Backend(zlib) }).Accept(new ExtensionOffer("permessage-deflate"))!.Instance;
            for (int round = 0; round < 2; round++)
            {
                Assert.True(receiver.BeginReceive(Opcode.Binary, ReservedBits.Rsv1));
                ReadOnlySpan<byte> input = message;
                ExtensionStatus status = receiver.Receive(ref input, new byte[100_000], out _, end: true);
                Assert.Equal((expected, blocks, padding), (status, blocks, padding));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_ratio_is_a_limit_from_64_KiB_on(bool zlib)
    {
        var extension = new DeflateMessage(new DeflateMessageOptions { MaxRatio = 20, Backend = Codec.Backend(zlib) });
        using var receiver = (DeflateInstance)extension.Accept(new ExtensionOffer("permessage-deflate"))!.Instance;
        using DeflateInstance sender = Create(zlib, 15, takeover: false, keeps: true);

        Assert.Equal(ExtensionStatus.NeedsInput, Receive(receiver, Send(sender, new byte[60_000], 1), new Random(1)).Status);
        (ExtensionStatus status, string data) = Receive(receiver, Send(sender, new byte[10_000_000], 1), new Random(1));
        Assert.Equal(ExtensionStatus.LimitExceeded, status);
        Assert.InRange(data.Length / 2, 64 * 1024, 1_000_000);
    }

    private static DeflateInstance Create(bool zlib, int window, bool takeover, bool keeps, int level = 6, int memory = 8)
    {
        var options = new DeflateMessageOptions { Backend = Codec.Backend(zlib), KeepsGrownResults = keeps, Level = level, MemoryLevel = memory };
        return new DeflateInstance(new DeflateMessage(options), ExtensionUnit.Message, options, window, takeover, window, takeover);
    }

    private static byte[] Send(DeflateInstance sender, byte[] message, int parts)
    {
        var output = new ArrayBufferWriter<byte>();
        int size = (message.Length / parts) + 1;
        for (int i = 0; i < parts; i++)
        {
            int start = Math.Min(i * size, message.Length);
            sender.Send(message.AsSpan(start, Math.Min(size, message.Length - start)), output, end: i == parts - 1);
        }

        return output.WrittenSpan.ToArray();
    }

    private static (ExtensionStatus Status, string Data) Receive(DeflateInstance receiver, byte[] sent, Random random)
    {
        List<byte> all = [];
        Assert.True(receiver.BeginReceive(Opcode.Text, ReservedBits.Rsv1));
        int most = random.Next(1, 600);
        int start = 0;
        ExtensionStatus status;
        do
        {
            int length = Math.Min(random.Next(0, most + 1), sent.Length - start);
            ReadOnlySpan<byte> piece = sent.AsSpan(start, length);
            start += length;
            do
            {
                byte[] output = new byte[random.Next(0, (most * 10) + 1)];
                status = receiver.Receive(ref piece, output, out int written, end: start == sent.Length);
                all.AddRange(output.AsSpan(0, written));
            }
            while (status == ExtensionStatus.NeedsOutput);
        }
        while (status == ExtensionStatus.NeedsInput && start < sent.Length);
        return (status, Convert.ToHexString([.. all]));
    }
}
