using System.Buffers;
using CsCheck;
using Wspy.Buffers;
using Wspy.Extensions;
using Wspy.Protocol;
using Wspy.Tests.Compression;
using Wspy.Tests.Extensions;

namespace Wspy.Tests.Protocol;

public class WebSocketProtocolExtensionTests
{
    private static readonly DeflateMessageOptions Eager = new() { Threshold = 0, KeepsGrownResults = true };

    public static TheoryData<WebSocketRole, bool, DeliveryUnit> Ends => new(
        from role in (WebSocketRole[])[WebSocketRole.Client, WebSocketRole.Server]
        from byFrame in (bool[])[true, false]
        from unit in Enum.GetValues<DeliveryUnit>()
        select (role, byFrame, unit));

    // RFC 7692 §6: messages through the extension and back

    [Theory]
    [MemberData(nameof(Ends))]
    public void Messages_arrive_as_they_were_sent_however_cut_RFC7692_6(WebSocketRole role, bool byFrame, DeliveryUnit unit) =>
        Gen.Select(Gen.OneOf(Codec.Messages).Array[1, 5], Gen.UInt).Sample((messages, seed) =>
        {
            var random = new Random((int)seed);
            using WebSocketProtocol sender = Create(Conversation.Other(role), byFrame);
            using WebSocketProtocol receiver = Create(role, byFrame, new ProtocolOptions { Delivery = unit });
            var wire = new ArrayBufferWriter<byte>();
            foreach (byte[] message in messages)
            {
                int parts = random.Next(1, 4);
                int size = (message.Length / parts) + 1;
                for (int i = 0; i < parts; i++)
                {
                    int start = Math.Min(i * size, message.Length);
                    sender.WriteFrame(wire, i == 0 ? Opcode.Binary : Opcode.Continuation, message.AsSpan(start, Math.Min(size, message.Length - start)), i == parts - 1);
                    sender.WriteFrame(wire, Opcode.Ping, "between"u8);
                }
            }

            List<byte[]> received = Receive(receiver, wire.WrittenSpan.ToArray(), () => random.Next(1, 3000));
            Assert.Equal(default, receiver.Violation);
            Assert.Equal(messages.Select(Convert.ToHexString), received.Select(Convert.ToHexString));
        }, iter: 30);

    // A context goes on over what was left out of it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_left_out_arrives_between_what_is_compressed_RFC7692_6(bool byFrame)
    {
        DeflateChoice choice = static (_, payload) => !payload.StartsWith("plain"u8);
        using var sender = new WebSocketProtocol(
            WebSocketRole.Server, null, [Instance(byFrame ? new DeflateFrame(new DeflateFrameOptions { Threshold = 0, KeepsGrownResults = true, Choice = choice }) : new DeflateMessage(Eager with { Choice = choice }))]);
        using WebSocketProtocol receiver = Create(WebSocketRole.Client, byFrame);
        var wire = new ArrayBufferWriter<byte>();
        string[] messages = ["the same words again and again", "plain, the same words again and again", "the same words again and again"];
        List<(bool Compressed, int Size)> frames = [];
        foreach (string message in messages)
        {
            foreach (int fragments in new[] { 1, 2 })
            {
                int before = wire.WrittenCount;
                byte[] payload = System.Text.Encoding.ASCII.GetBytes(message);
                sender.WriteFrame(wire, Opcode.Text, payload.AsSpan(0, payload.Length / fragments), fragments == 1);
                if (fragments == 2)
                {
                    sender.WriteFrame(wire, Opcode.Continuation, payload.AsSpan(payload.Length / 2), fin: true);
                }

                frames.Add(((wire.WrittenSpan[before] & 0x40) != 0, wire.WrittenCount - before));
            }
        }

        Assert.Equal([true, true, false, false, true, true], frames.Select(frame => frame.Compressed));
        Assert.True(frames[4].Size < frames[0].Size);
        Assert.Equal(messages[1].Length + 2, frames[2].Size);
        List<byte[]> received = Receive(receiver, wire.WrittenSpan.ToArray(), () => 7);
        Assert.Equal(default, receiver.Violation);
        Assert.Equal(messages.SelectMany(message => new[] { message, message }), received.Select(System.Text.Encoding.ASCII.GetString));
    }

    [Fact]
    public void A_chain_is_run_through_in_order_and_back_RFC6455_9_1()
    {
        static IReadOnlyList<ExtensionInstance> Chain() =>
        [
            Instance(new TestExtension("frames", ReservedBits.Rsv3) { Unit = ExtensionUnit.Frame, Number = 0x0F }),
            Instance(new TestExtension("first", ReservedBits.Rsv2) { Number = 0x55 }),
            Instance(new DeflateMessage(Eager)),
        ];
        foreach (WebSocketRole role in Enum.GetValues<WebSocketRole>())
        {
            using var sender = new WebSocketProtocol(Conversation.Other(role), null, Chain());
            using var receiver = new WebSocketProtocol(role, null, Chain());
            var wire = new ArrayBufferWriter<byte>();
            foreach (byte[] message in Codec.Messages)
            {
                sender.WriteFrame(wire, Opcode.Binary, message.AsSpan(0, message.Length / 2), fin: false);
                sender.WriteFrame(wire, Opcode.Continuation, message.AsSpan(message.Length / 2));
            }

            Assert.Equal(0xF0 & ~0x80, wire.WrittenSpan[0] & 0xF0);
            List<byte[]> received = Receive(receiver, wire.WrittenSpan.ToArray(), () => 777);
            Assert.Equal(Codec.Messages.Select(Convert.ToHexString), received.Select(Convert.ToHexString));
        }
    }

    [Fact]
    public void What_is_not_compressed_passes_and_so_does_what_the_sender_compressed_itself_RFC7692_6()
    {
        byte[] hello = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00];
        var wire = new Wire(WebSocketRole.Client);
        using WebSocketProtocol receiver = Create(WebSocketRole.Server, byFrame: false);
        byte[] input = [.. wire.Text("plain"), .. wire.Frame(Opcode.Text, hello, reserved: ReservedBits.Rsv1), .. wire.Frame(Opcode.Text, hello.AsSpan(0, 3), false, ReservedBits.Rsv1), .. wire.More(hello.AsSpan(3))];

        Assert.Equal(["plain", "Hello", "Hello"], Receive(receiver, input, () => 2).Select(System.Text.Encoding.UTF8.GetString));
        var output = new ArrayBufferWriter<byte>();
        receiver.WriteFrame(output, Opcode.Text, hello, reserved: ReservedBits.Rsv1);
        Assert.Equal(hello, Assert.Single(Conversation.Decode(output.WrittenSpan, WebSocketRole.Server)).Payload.ToArray());
    }

    // RFC 6455 §5.2, RFC 7692 §6: reserved bits only where they mean something

    [Theory]
    [InlineData(false, Opcode.Text, ReservedBits.Rsv2)]
    [InlineData(false, Opcode.Text, ReservedBits.Rsv1 | ReservedBits.Rsv3)]
    [InlineData(false, Opcode.Ping, ReservedBits.Rsv1)]
    [InlineData(false, Opcode.Close, ReservedBits.Rsv1)]
    [InlineData(false, Opcode.Continuation, ReservedBits.Rsv1)]
    [InlineData(true, Opcode.Ping, ReservedBits.Rsv1)]
    [InlineData(true, Opcode.Continuation, ReservedBits.Rsv2)]
    public void A_bit_that_means_nothing_there_is_a_violation_RFC7692_6(bool byFrame, Opcode opcode, ReservedBits bits)
    {
        var wire = new Wire(WebSocketRole.Client);
        byte[] first = opcode == Opcode.Continuation ? wire.Text("a", fin: false) : [];
        using WebSocketProtocol receiver = Create(WebSocketRole.Server, byFrame);
        Receive(receiver, [.. first, .. wire.Frame(opcode, [], reserved: bits)], () => 1);

        Assert.Equal(ProtocolViolation.ReservedBits, receiver.Violation.Kind);
    }

    [Fact]
    public void A_claimed_opcode_is_delivered_and_others_are_not_RFC6455_5_8()
    {
        var wire = new Wire(WebSocketRole.Client);
        using var receiver = new WebSocketProtocol(WebSocketRole.Server, null, [Instance(new TestExtension("three", ReservedBits.None, (Opcode)3))]);

        Assert.Single(Receive(receiver, [.. wire.Frame((Opcode)3, "x"u8), .. wire.Frame((Opcode)4, "x"u8)], () => 100));
        Assert.Equal(ProtocolViolation.ReservedOpcode, receiver.Violation.Kind);
    }

    // What is received is judged after the extension

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Corrupt_data_fails_with_1007_RFC7692_7_2_2(bool byFrame)
    {
        using WebSocketProtocol receiver = Create(WebSocketRole.Server, byFrame);
        Receive(receiver, new Wire(WebSocketRole.Client).Frame(Opcode.Binary, [0x06, 0x00], reserved: ReservedBits.Rsv1), () => 1);

        Assert.Equal(ProtocolViolation.InvalidExtensionData, receiver.Violation.Kind);
        Assert.Equal(CloseCode.InvalidPayloadData, receiver.GetCloseInfo().Code);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void Text_is_judged_once_it_is_inflated_RFC6455_8_1(WebSocketRole role, bool byFrame, DeliveryUnit unit)
    {
        foreach ((byte[] text, bool valid) in ((byte[], bool)[])[("κόσμε"u8.ToArray(), true), ([0xCE, 0xBA, 0xFF], false), ([0xCE, 0xBA, 0xCE], false)])
        {
            using WebSocketProtocol sender = Create(Conversation.Other(role), byFrame);
            using WebSocketProtocol receiver = Create(role, byFrame, new ProtocolOptions { Delivery = unit });
            var wire = new ArrayBufferWriter<byte>();
            sender.WriteFrame(wire, Opcode.Text, text);
            Receive(receiver, wire.WrittenSpan.ToArray(), () => 3);

            Assert.Equal(valid ? ProtocolViolation.None : ProtocolViolation.InvalidUtf8, receiver.Violation.Kind);
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void The_limit_of_messages_holds_for_what_is_inflated(WebSocketRole role, bool byFrame, DeliveryUnit unit)
    {
        var options = new ProtocolOptions { Delivery = unit, MaxMessageSize = 100_000 };
        byte[] noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        foreach ((byte[] message, bool fits) in ((byte[], bool)[])[(noise, true), (new byte[100_000], true), (new byte[100_001], false), (new byte[50_000_000], false)])
        {
            using WebSocketProtocol sender = Create(Conversation.Other(role), byFrame);
            using WebSocketProtocol receiver = Create(role, byFrame, options);
            var wire = new ArrayBufferWriter<byte>();
            sender.WriteFrame(wire, Opcode.Binary, message);
            byte[] input = wire.WrittenSpan.ToArray();
            long before = GC.GetAllocatedBytesForCurrentThread();
            List<byte[]> received = Receive(receiver, input, () => 4000);

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
            Assert.Equal(fits ? ProtocolViolation.None : ProtocolViolation.MessageTooLarge, receiver.Violation.Kind);
            Assert.Equal(fits ? [message.Length] : [], received.Select(one => one.Length));
            Assert.True(fits || receiver.Violation == new Violation(ProtocolViolation.MessageTooLarge, 100_001, 100_000));
        }
    }

    // HARDENING: "unlimited" is tested as well
    [Theory]
    [MemberData(nameof(Ends))]
    public void Without_a_limit_of_size_messages_arrive(WebSocketRole role, bool byFrame, DeliveryUnit unit)
    {
        var options = new ProtocolOptions { MaxFrameSize = ProtocolOptions.Unlimited, MaxMessageSize = ProtocolOptions.Unlimited, Delivery = unit };
        foreach (byte[] message in (byte[][])[[], new byte[1], new byte[4096], new byte[500_000], .. Codec.Messages])
        {
            using WebSocketProtocol sender = Create(Conversation.Other(role), byFrame);
            using WebSocketProtocol receiver = Create(role, byFrame, options);
            var wire = new ArrayBufferWriter<byte>();
            sender.WriteFrame(wire, Opcode.Binary, message);
            Assert.Equal(message, Assert.Single(Receive(receiver, wire.WrittenSpan.ToArray(), () => 1000)));
        }
    }

    [Fact]
    public void A_plain_fragment_after_a_compressed_one_is_held_to_the_limit_as_well()
    {
        using WebSocketProtocol sender = Create(WebSocketRole.Client, byFrame: true);
        using WebSocketProtocol receiver = Create(WebSocketRole.Server, byFrame: true, new ProtocolOptions { MaxMessageSize = 1000 });
        var wire = new ArrayBufferWriter<byte>();
        sender.WriteFrame(wire, Opcode.Binary, new byte[500], fin: false);
        Receive(receiver, [.. wire.WrittenSpan, .. new Wire(WebSocketRole.Client).Header(Opcode.Continuation, 501)], () => 100);

        Assert.Equal(new Violation(ProtocolViolation.MessageTooLarge, 1001, 1000), receiver.Violation);
    }

    [Fact]
    public void A_ratio_beyond_the_extensions_limit_fails_with_1009()
    {
        using WebSocketProtocol sender = Create(WebSocketRole.Client, byFrame: false);
        using var receiver = new WebSocketProtocol(WebSocketRole.Server, null, [Instance(new DeflateMessage(new DeflateMessageOptions { MaxRatio = 10 }))]);
        var wire = new ArrayBufferWriter<byte>();
        sender.WriteFrame(wire, Opcode.Binary, new byte[1_000_000]);
        Receive(receiver, wire.WrittenSpan.ToArray(), () => 100);

        Assert.Equal(ProtocolViolation.ExtensionLimit, receiver.Violation.Kind);
        Assert.Equal(CloseCode.MessageTooBig, receiver.GetCloseInfo().Code);
    }

    [Theory]
    [InlineData("begin")]
    [InlineData("receive")]
    public void An_extension_that_throws_fails_its_connection_with_1011(string where)
    {
        using var receiver = new WebSocketProtocol(WebSocketRole.Server, null, [new ThrowingInstance(where)]);
        Receive(receiver, new Wire(WebSocketRole.Client).Frame(Opcode.Text, "x"u8, reserved: ReservedBits.Rsv1), () => 100);
        var output = new ArrayBufferWriter<byte>();
        receiver.WritePending(output);

        Assert.Equal(CloseCode.InternalError, receiver.GetCloseInfo().Code);
        Assert.Equal(where, receiver.ExtensionFailure?.Message);
        Assert.Equal([0x03, 0xF3], Assert.Single(Conversation.Decode(output.WrittenSpan, WebSocketRole.Server)).Payload[..2].ToArray());
    }

    [Fact]
    public void Nothing_is_allocated_per_compressed_message()
    {
        using WebSocketProtocol client = Create(WebSocketRole.Client, byFrame: false);
        using WebSocketProtocol server = Create(WebSocketRole.Server, byFrame: false);
        using var wire = new PooledBuffer(1 << 20);
        byte[] message = Codec.Messages[14];
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++)
            {
                wire.Clear(keepArray: true);
                client.WriteFrame(wire, Opcode.Binary, message);
                Span<byte> rest = wire.WrittenSpan;
                ProtocolEvent received = server.Read(ref rest);
                if (received.Payload.Length != message.Length)
                {
                    Assert.Fail("The message is lost.");
                }
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Theory]
    [InlineData(DeliveryUnit.Message)]
    [InlineData(DeliveryUnit.Frame)]
    [InlineData(DeliveryUnit.Part)]
    public void What_works_in_blocks_gets_room_for_one(DeliveryUnit unit)
    {
        // Where one byte more than the limit leaves, and where a buffer is almost full.
        foreach (int size in (int[])[0, 1, 15, 16, 17, 1000, 4095, 4096, 4097, 8190])
        {
            byte[] message = DeflateSamples.Payload(size);
            using var receiver = new WebSocketProtocol(WebSocketRole.Client, new ProtocolOptions { MaxMessageSize = size, Delivery = unit }, [new BlockInstance(0)]);
            byte[] wire = new Wire(WebSocketRole.Server).Frame(Opcode.Binary, message, reserved: ReservedBits.Rsv1);
            Assert.Equal(message, Assert.Single(Receive(receiver, wire, () => 700)));
        }
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(-1)]
    public void An_extension_that_makes_no_progress_fails_its_connection_with_1011(int room)
    {
        using var receiver = new WebSocketProtocol(WebSocketRole.Client, null, [new BlockInstance(room)]);
        byte[] wire = new Wire(WebSocketRole.Server).Frame(Opcode.Binary, new byte[100], reserved: ReservedBits.Rsv1);
        Assert.Empty(Receive(receiver, wire, () => wire.Length));
        Assert.Equal((ProtocolViolation.ExtensionFailed, CloseCode.InternalError), (receiver.Violation.Kind, receiver.Violation.CloseCode));
        Assert.IsType<InvalidOperationException>(receiver.ExtensionFailure);
    }

    [Fact]
    public void The_engine_disposes_its_instances()
    {
        var extension = new TestExtension("a");
        using (var engine = new WebSocketProtocol(WebSocketRole.Client, null, [Instance(extension)]))
        {
            Assert.False(extension.Instances[0].IsDisposed);
        }

        Assert.True(extension.Instances[0].IsDisposed);
    }

    private static WebSocketProtocol Create(WebSocketRole role, bool byFrame, ProtocolOptions? options = null) => new(role, options,
        [Instance(byFrame ? new DeflateFrame(new DeflateFrameOptions { Threshold = 0, KeepsGrownResults = true }) : new DeflateMessage(Eager))]);

    private static ExtensionInstance Instance(Extension extension) => extension.Accept(new ExtensionOffer(extension.Name))!.Instance;

    /// <summary>The messages of data, joined from what is delivered, until nothing is left or the connection fails.</summary>
    private static List<byte[]> Receive(WebSocketProtocol receiver, byte[] input, Func<int> cut)
    {
        List<byte[]> messages = [];
        List<byte> message = [];
        for (int start = 0; start < input.Length;)
        {
            int count = Math.Min(cut(), input.Length - start);
            Span<byte> rest = input.AsSpan(start, count);
            start += count;
            while (true)
            {
                ProtocolEvent next = receiver.Read(ref rest);
                if (next.Kind == ProtocolEventKind.None)
                {
                    break;
                }

                if (next.Kind == ProtocolEventKind.Failed)
                {
                    return messages;
                }

                if (next.Kind == ProtocolEventKind.Data)
                {
                    Assert.Equal(ReservedBits.None, next.Reserved);
                    message.AddRange(next.Payload);
                    if (next.Fin)
                    {
                        messages.Add([.. message]);
                        message.Clear();
                    }
                }
            }
        }

        return messages;
    }

    /// <summary>Passes on 16 bytes at a time, or fewer at the end, and only where there is room for so many; with a negative number, it loses input.</summary>
    private sealed class BlockInstance(int room) : ExtensionInstance(new TestExtension("blocks", ReservedBits.Rsv1))
    {
        private const int Block = 16;

        private readonly byte[] _held = new byte[Block];
        private int _count;

        public override ExtensionUnit Unit => ExtensionUnit.Message;

        public override bool BeginReceive(Opcode opcode, ReservedBits reserved) => true;

        public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end)
        {
            written = 0;
            while (room >= 0)
            {
                int count = Math.Min(Block - _count, input.Length);
                input[..count].CopyTo(_held.AsSpan(_count));
                input = input[count..];
                _count += count;
                if (_count == 0 || (_count < Block && !end))
                {
                    break;
                }

                if (output.Length - written < Math.Max(Block, room))
                {
                    return ExtensionStatus.NeedsOutput;
                }

                _held.AsSpan(0, _count).CopyTo(output[written..]);
                written += _count;
                _count = 0;
            }

            return ExtensionStatus.NeedsInput;
        }

        public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end) => ReservedBits.None;

        public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end) => throw new NotSupportedException();
    }

    private sealed class ThrowingInstance(string where) : ExtensionInstance(new TestExtension("bad", ReservedBits.Rsv1))
    {
        public override ExtensionUnit Unit => ExtensionUnit.Message;

        public override bool BeginReceive(Opcode opcode, ReservedBits reserved) =>
            where == "begin" ? throw new InvalidOperationException(where) : true;

        public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end) =>
            throw new InvalidOperationException(where);

        public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end) => ReservedBits.None;

        public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end) => throw new InvalidOperationException(where);
    }
}
