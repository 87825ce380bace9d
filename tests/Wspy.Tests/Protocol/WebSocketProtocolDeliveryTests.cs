using System.Buffers;
using Wspy.Extensions;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>The unit of delivery changes while a message is under way.</summary>
public class WebSocketProtocolDeliveryTests
{
    public static TheoryData<WebSocketRole, bool> Ends => new MatrixTheoryData<WebSocketRole, bool>(Enum.GetValues<WebSocketRole>(), [true, false]);

    [Theory]
    [MemberData(nameof(Ends))]
    public void From_messages_to_parts_it_changes_at_any_byte(WebSocketRole role, bool deflates)
    {
        byte[] wire = Wire(role, deflates, out byte[] first, out byte[] second);
        for (int cut = 0; cut <= wire.Length; cut++)
        {
            using WebSocketProtocol engine = Engine(role, deflates);
            List<byte[]> messages = [];
            List<byte> parts = [];
            bool starts = true;
            byte[] input = [.. wire];
            Feed(engine, input.AsSpan(0, cut), whole => messages.Add(whole.Payload.ToArray()));
            if (messages.Count > 0)
            {
                continue;
            }

            void Take(ProtocolEvent part)
            {
                if (engine.Options.Delivery == DeliveryUnit.Message)
                {
                    messages.Add(part.Payload.ToArray());
                    return;
                }

                Assert.Equal((Opcode.Text, starts), (part.Opcode, part.IsStart));
                starts = false;
                parts.AddRange(part.Payload);
                if (part.Fin)
                {
                    engine.Options = engine.Options with { Delivery = DeliveryUnit.Message };
                }
            }

            engine.Options = engine.Options with { Delivery = DeliveryUnit.Part };
            if (engine.DeliverHeld() is { Kind: ProtocolEventKind.Data } held)
            {
                Take(held);
            }

            Assert.Equal(ProtocolEventKind.None, engine.DeliverHeld().Kind);
            Feed(engine, input.AsSpan(cut), Take);
            Assert.Equal(first, parts);
            Assert.Equal(second, Assert.Single(messages));
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void From_parts_to_messages_it_changes_as_long_as_nothing_was_delivered(WebSocketRole role, bool deflates)
    {
        byte[] wire = Wire(role, deflates, out byte[] first, out byte[] second);
        int cuts = 0;
        for (int cut = 0; cut <= wire.Length; cut++)
        {
            using WebSocketProtocol engine = Engine(role, deflates);
            engine.Options = engine.Options with { Delivery = DeliveryUnit.Part };
            List<byte[]> messages = [];
            byte[] input = [.. wire];
            bool delivered = false;
            Feed(engine, input.AsSpan(0, cut), _ => delivered = true);
            if (delivered)
            {
                continue;
            }

            cuts++;
            engine.Options = engine.Options with { Delivery = DeliveryUnit.Message };
            Feed(engine, input.AsSpan(cut), whole => messages.Add(whole.Payload.ToArray()));
            Assert.Equal([first, second], messages);
        }

        Assert.True(cuts > 3, $"Only {cuts} places were tried.");
    }

    private static byte[] Wire(WebSocketRole role, bool deflates, out byte[] first, out byte[] second)
    {
        first = DeflateSamples.Payload(200);
        second = DeflateSamples.Payload(50);
        using WebSocketProtocol sender = Engine(Conversation.Other(role), deflates);
        var wire = new ArrayBufferWriter<byte>();
        sender.WriteFrame(wire, Opcode.Text, [], fin: false);
        sender.WriteFrame(wire, Opcode.Continuation, first.AsSpan(0, 150), fin: false);
        sender.WriteFrame(wire, Opcode.Ping, "between"u8);
        sender.WriteFrame(wire, Opcode.Continuation, first.AsSpan(150), fin: false);
        sender.WriteFrame(wire, Opcode.Continuation, []);
        sender.WriteFrame(wire, Opcode.Binary, second);
        return wire.WrittenSpan.ToArray();
    }

    private static WebSocketProtocol Engine(WebSocketRole role, bool deflates) =>
        new(role, null, deflates ? [DeflateSamples.Extension(takeover: true).Accept(new ExtensionOffer("permessage-deflate"))!.Instance] : null);

    private delegate void Taking(ProtocolEvent data);

    private static void Feed(WebSocketProtocol engine, Span<byte> input, Taking take)
    {
        // Byte by byte: what is held is at its smallest.
        for (int i = 0; i < input.Length; i++)
        {
            Span<byte> one = input.Slice(i, 1);
            for (ProtocolEvent next; (next = engine.Read(ref one)).Kind != ProtocolEventKind.None;)
            {
                Assert.NotEqual(ProtocolEventKind.Failed, next.Kind);
                if (next.Kind == ProtocolEventKind.Data)
                {
                    take(next);
                }
            }
        }
    }
}
