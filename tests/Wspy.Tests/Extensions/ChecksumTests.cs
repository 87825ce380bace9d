using System.Buffers;
using System.Diagnostics;
using System.Text;
using Checksum;
using CsCheck;
using Wspy.Extensions;
using Wspy.Protocol;
using Wspy.Tests.Compression;
using Wspy.Tests.Docs;

namespace Wspy.Tests.Extensions;

/// <summary>The sample of an extension, which has nothing but what is public.</summary>
public class ChecksumTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_sample_tells_what_happened()
    {
        using Process program = Process.Start(SnippetProgram.Host(Path.Combine(AppContext.BaseDirectory, "Checksum.dll")))!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            Task<string> errors = program.StandardError.ReadToEndAsync(patience.Token);
            string output = await program.StandardOutput.ReadToEndAsync(patience.Token);
            await program.WaitForExitAsync(patience.Token);

            Assert.Equal((0, ""), (program.ExitCode, await errors));
            string again = string.Join(' ', Enumerable.Repeat("again", 30));
            string answers = $"  Hi!\n  {again}\n  1000 NormalClosure, closed by Local\n";
            Assert.Equal(
                $"Checksums: [x-checksum; min_size=4]\n{answers}"
                + $"Checksums, compressed: [x-checksum; min_size=10, permessage-deflate]\n{answers}"
                + $"Without: []\n{answers}"
                + "Damaged:\n  the server closes: 1007 Payload is not what the extension makes\n  and reports: Payload is not what the extension makes\n",
                output);
        }
        finally
        {
            if (!program.HasExited)
            {
                program.Kill(entireProcessTree: true);
            }
        }
    }

    [Fact]
    public void The_checksum_follows_the_message()
    {
        using ExtensionInstance instance = Agree().Client;
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(ReservedBits.Rsv2, instance.BeginSend(Opcode.Text, "123456789"u8, end: true));
        instance.Send("123456789"u8, output, end: true);

        // The check value that tables of CRCs give for CRC-32C.
        Assert.Equal([.. "123456789"u8, 0xE3, 0x06, 0x92, 0x83], output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Messages_arrive_as_they_were_sent_however_cut() =>
        Gen.Select(Gen.OneOf(Gen.OneOf(Codec.Messages), Gen.Byte.Array[0, 9]).Array[1, 5], Gen.UInt).Sample((messages, seed) =>
        {
            var random = new Random((int)seed);
            (ExtensionInstance client, ExtensionInstance server) = Agree();
            foreach (byte[] message in messages)
            {
                Assert.Equal((ExtensionStatus.NeedsInput, Convert.ToHexString(message)), Receive(server, Send(client, message), random));
                Assert.Equal((ExtensionStatus.NeedsInput, Convert.ToHexString(message)), Receive(client, Send(server, message), random));
            }
        }, iter: 30);

    [Fact]
    public void One_wrong_bit_anywhere_fails_the_connection_with_1007()
    {
        foreach (int bit in Enumerable.Range(0, (5 + 4) * 8))
        {
            (ExtensionInstance client, ExtensionInstance server) = Agree();
            using var sender = new WebSocketProtocol(WebSocketRole.Server, null, [server]);
            using var receiver = new WebSocketProtocol(WebSocketRole.Client, null, [client]);
            var wire = new ArrayBufferWriter<byte>();
            sender.WriteFrame(wire, Opcode.Binary, "Hello"u8);
            byte[] received = wire.WrittenSpan.ToArray();
            received[2 + (bit / 8)] ^= (byte)(1 << (bit % 8));

            Span<byte> rest = received;
            while (receiver.Read(ref rest).Kind is ProtocolEventKind.Data)
            {
            }

            Assert.Equal((ProtocolViolation.InvalidExtensionData, CloseCode.InvalidPayloadData), (receiver.Violation.Kind, receiver.Violation.CloseCode));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("123")]
    public void What_has_no_room_for_a_checksum_has_none(string payload)
    {
        using ExtensionInstance instance = Agree().Server;

        Assert.Equal(ExtensionStatus.InvalidData, Receive(instance, Encoding.ASCII.GetBytes(payload), new Random(1)).Status);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 10, 10)]
    [InlineData(20, 10, 20)]
    public void The_server_may_raise_the_size(int client, int server, int agreed)
    {
        ExtensionAcceptance acceptance = new ChecksumExtension(server).Accept(Assert.Single(new ChecksumExtension(client).CreateOffers()))!;

        Assert.Equal($"x-checksum; min_size={agreed}", acceptance.Answer.ToString());
        foreach (ExtensionInstance instance in (ExtensionInstance[])[acceptance.Instance, new ChecksumExtension(client).Confirm(acceptance.Answer)!])
        {
            Assert.Equal(ReservedBits.Rsv2, instance.BeginSend(Opcode.Text, new byte[agreed], end: true));
            Assert.Equal(ReservedBits.Rsv2, instance.BeginSend(Opcode.Text, [], end: false));
            Assert.Equal(agreed == 0 ? ReservedBits.Rsv2 : ReservedBits.None, instance.BeginSend(Opcode.Text, new byte[Math.Max(agreed - 1, 0)], end: true));
        }
    }

    [Theory]
    [InlineData("x-checksum")]
    [InlineData("x-checksum; min_size")]
    [InlineData("x-checksum; min_size=-1")]
    [InlineData("x-checksum; min_size=4294967296")]
    [InlineData("x-checksum; min_size=5; min_size=5")]
    [InlineData("x-checksum; max_size=5")]
    public void Parameters_without_meaning_are_declined_and_fail_the_client(string header)
    {
        Assert.True(ExtensionHeader.TryParse([header], out IReadOnlyList<ExtensionOffer> offers));

        Assert.Null(new ChecksumExtension().Accept(offers[0]));
        Assert.Null(new ChecksumExtension().Confirm(offers[0]));
    }

    [Fact]
    public void A_prepared_message_has_one_checksum_for_all_clients_with_the_same_size()
    {
        using var first = new WebSocketProtocol(WebSocketRole.Server, null, [Agree().Server]);
        using var second = new WebSocketProtocol(WebSocketRole.Server, null, [Agree().Server]);
        using var other = new WebSocketProtocol(WebSocketRole.Server, null, [new ChecksumExtension(5).Accept(new ChecksumExtension().CreateOffers()[0])!.Instance]);
        var message = new PreparedMessage("123456789");

        Assert.True(first.TryGetFrame(message, out byte[]? frame));
        Assert.True(second.TryGetFrame(message, out byte[]? same));
        Assert.True(other.TryGetFrame(message, out byte[]? another));
        Assert.Equal([0xA1, 13, .. "123456789"u8, 0xE3, 0x06, 0x92, 0x83], frame);
        Assert.Same(frame, same);
        Assert.NotSame(frame, another);
    }

    [Fact]
    public void A_server_that_lowers_the_size_fails_the_client() =>
        Assert.Null(new ChecksumExtension(5).Confirm(new ExtensionOffer("x-checksum", new ExtensionParameter("min_size", "4"))));

    private static (ExtensionInstance Client, ExtensionInstance Server) Agree()
    {
        var extension = new ChecksumExtension();
        ExtensionAcceptance acceptance = extension.Accept(extension.CreateOffers()[0])!;
        return (extension.Confirm(acceptance.Answer)!, acceptance.Instance);
    }

    private static byte[] Send(ExtensionInstance instance, byte[] message)
    {
        var output = new ArrayBufferWriter<byte>();
        int half = message.Length / 2;
        instance.BeginSend(Opcode.Binary, message.AsSpan(0, half), end: false);
        instance.Send(message.AsSpan(0, half), output, end: false);
        instance.Send(message.AsSpan(half), output, end: true);
        return output.WrittenSpan.ToArray();
    }

    private static (ExtensionStatus Status, string Hex) Receive(ExtensionInstance instance, byte[] sent, Random random)
    {
        List<byte> all = [];
        Assert.True(instance.BeginReceive(Opcode.Binary, ReservedBits.Rsv2));
        int large = random.Next(2) == 0 ? 8 : 3000;
        int taken = 0;
        ExtensionStatus status;
        do
        {
            int size = Math.Min(random.Next(large), sent.Length - taken);
            ReadOnlySpan<byte> piece = sent.AsSpan(taken, size);
            taken += size;
            do
            {
                byte[] output = new byte[random.Next(1, large)];
                status = instance.Receive(ref piece, output, out int written, taken == sent.Length);
                all.AddRange(output.AsSpan(0, written));
            }
            while (status == ExtensionStatus.NeedsOutput);
            Assert.True(piece.IsEmpty);
        }
        while (status == ExtensionStatus.NeedsInput && taken < sent.Length);
        return (status, Convert.ToHexString([.. all]));
    }
}
