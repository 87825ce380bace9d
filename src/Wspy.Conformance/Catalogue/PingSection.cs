using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 2: pings and pongs.</summary>
internal sealed class PingSection() : CatalogueSection(2, "Pings and pongs")
{
    protected override void Define()
    {
        Group(1, "Pings of all sizes", "A ping is answered by a pong with the same payload.", "RFC 6455 §5.5.2, §5.5.3");
        foreach (int size in (int[])[0, 1, 2, 7, 8, 63, 64, 124, 125])
        {
            Case($"Ping of {size} bytes").Send(Ping(Payload.Pattern(size))).Expect(IsPong(Payload.Pattern(size))).Close();
            Case($"Ping of {size} bytes, byte by byte").SendChopped(1, Ping(Payload.Pattern(size))).Expect(IsPong(Payload.Pattern(size))).Close();
        }

        Case("Ping that is no text", "The payload of a ping is bytes, never judged as UTF-8.").Send(Ping((byte[])[0x00, 0xFF, 0xFE, 0xC0, 0x80])).Expect(IsPong((byte[])[0x00, 0xFF, 0xFE, 0xC0, 0x80])).Close();

        Group(2, "Pings that are too long", "Control frames have at most 125 bytes.", "RFC 6455 §5.5");
        foreach (int size in (int[])[126, 127, 256, 65535, 65536])
        {
            Case($"Ping of {size:N0} bytes").Send(Ping(Payload.Pattern(size))).ExpectFailure(1002);
            Case($"Pong of {size:N0} bytes").Send(Pong(Payload.Pattern(size))).ExpectFailure(1002);
        }

        Case("Ping declaring 126 bytes, of which none come", "The header alone proves the frame wrong.").ExpectFailFast(1002, Ping(Payload.Empty).Declaring(126), Raw(new byte[63]), Raw(new byte[63]));

        Group(3, "Fragmented pings", "Control frames are never fragmented.", "RFC 6455 §5.5");
        Case("Ping FIN=0").Send(Ping("Hello").More).ExpectFailure(1002);
        Case("Pong FIN=0").Send(Pong("Hello").More).ExpectFailure(1002);
        Case("Empty ping FIN=0").Send(Ping("").More).ExpectFailure(1002);
        Case("Ping in two fragments").Send(Ping("Hel").More, Continuation("lo")).ExpectFailure(1002);
        Case("Ping FIN=0 between the fragments of a text").Send(Text("Hel").More, Ping("x").More, Continuation("lo")).ExpectFailure(1002);

        Group(4, "Unsolicited pongs", "A pong that nobody asked for is a heartbeat, and not answered.", "RFC 6455 §5.5.3");
        foreach (int size in (int[])[0, 1, 125])
        {
            Case($"Pong of {size} bytes").Send(Pong(Payload.Pattern(size)), Ping("after")).Expect(IsPong("after")).Close();
        }

        Case("Pong alone, and silence").Send(Pong("heartbeat")).ExpectNoAnswer().Close();
        Case("Ten pongs").Send([.. Enumerable.Range(0, 10).Select(i => Pong($"{i}")), Ping("after")]).Expect(IsPong("after")).Close();
        Case("Pong between the fragments of a text").Send(Text("Hel").More, Pong("heartbeat"), Continuation("lo")).Expect(IsText("Hello")).Close();

        Many();
        Between();
    }

    private void Many()
    {
        Group(5, "Many pings", "Each ping is answered, in order; when several wait, the last one's answer may do.", "RFC 6455 §5.5.3");
        foreach (int count in (int[])[2, 10, 50])
        {
            Case($"{count:N0} pings in one go").Send([.. Enumerable.Range(0, count).Select(i => Ping($"ping {i}"))]).ExpectPongs(Enumerable.Range(0, count).Select(i => $"ping {i}")).Close();
        }

        Case("Ten pings, byte by byte").SendChopped(1, [.. Enumerable.Range(0, 10).Select(i => Ping($"ping {i}"))]).ExpectPongs(Enumerable.Range(0, 10).Select(i => $"ping {i}")).Close();
        Case("The same ping ten times").Send([.. Enumerable.Repeat(Ping("same"), 10)]).ExpectPongs(Enumerable.Repeat("same", 10)).Close();
        Case("Ping, answer, ping, answer").Send(Ping("1")).Expect(IsPong("1")).Send(Ping("2")).Expect(IsPong("2")).Close();
    }

    private void Between()
    {
        Group(6, "Pings among messages", "Control frames may stand between messages and between their fragments, and are no part of them.", "RFC 6455 §5.4, §5.5");
        Case("Ping before a text").Send(Ping("p"), Text("Hello")).ExpectInAnyOrder(IsPong("p"), IsText("Hello")).Close();
        Case("Ping after a text").Send(Text("Hello"), Ping("p")).ExpectInAnyOrder(IsText("Hello"), IsPong("p")).Close();
        Case("Ping between two fragments").Send(Text("Hel").More, Ping("p"), Continuation("lo")).Expect(IsPong("p"), IsText("Hello")).Or(Verdict.NonStrict, "the pong waited for the message", IsText("Hello"), IsPong("p")).Close();
        Case("Ping while a fragment is waited for", "A ping is answered at once, and not when the message is complete.").Send(Text("Hel").More, Ping("p")).Expect(IsPong("p")).Send(Continuation("lo")).Expect(IsText("Hello")).Close();
        Case("Pings between all of ten fragments")
            .Send([.. Fragments(Opcode.Binary, Payload.Pattern(100), 10).SelectMany(fragment => (WirePart[])[Ping("p"), fragment])])
            .ExpectPongs(Enumerable.Repeat("p", 10), IsBinary(Payload.Pattern(100))).Close();
        Case("The same, byte by byte")
            .SendChopped(1, [.. Fragments(Opcode.Binary, Payload.Pattern(100), 10).SelectMany(fragment => (WirePart[])[Ping("p"), fragment])])
            .ExpectPongs(Enumerable.Repeat("p", 10), IsBinary(Payload.Pattern(100))).Close();
        Case("Ping of 125 bytes inside a text of 64 KiB").Send(Text(Payload.Letters(32768)).More, Ping(Payload.Pattern(125)), Continuation(Payload.Letters(32768)))
            .Expect(IsPong(Payload.Pattern(125)), IsText(Encoded(Payload.Letters(32768), Payload.Letters(32768)))).Close();
    }

    private static Payload Encoded(params Payload[] parts) => (byte[])[.. parts.SelectMany(part => part.ToArray())];
}
