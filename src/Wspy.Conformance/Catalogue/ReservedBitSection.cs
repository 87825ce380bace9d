using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 3: reserved bits that no extension gave a meaning.</summary>
internal sealed class ReservedBitSection() : CatalogueSection(3, "Reserved bits")
{
    protected override void Define()
    {
        int group = 0;
        foreach ((string what, Func<WireFrame> frame) in ((string, Func<WireFrame>)[])[
            ("a text", () => Text("Hello")),
            ("an empty text", () => Text("")),
            ("a binary message", () => Binary("Hello")),
            ("a large binary message", () => Binary(Payload.Pattern(70_000))),
            ("a first fragment", () => Text("Hel").More),
            ("a ping", () => Ping("Hello")),
            ("a pong", () => Pong("Hello")),
            ("a Close frame", () => Close(1000)),
        ])
        {
            Group(++group, $"On {what}", "Without an extension that gives it a meaning, a reserved bit fails the connection.", "RFC 6455 §5.2");
            for (int bits = 1; bits <= 7; bits++)
            {
                Case($"{Name(bits)} on {what}").Send(frame().Rsv(bits)).ExpectFailure(1002);
            }
        }

        Group(++group, "On a continuation", "Reserved bits are judged on each frame, and not only on the first.", "RFC 6455 §5.2");
        for (int bits = 1; bits <= 7; bits++)
        {
            Case($"{Name(bits)} on a continuation").Send(Text("Hel").More, Continuation("lo").Rsv(bits)).ExpectFailure(1002);
        }

        Group(++group, "After a message", "What was in order before is not lost, and what follows is not taken.", "RFC 6455 §5.2");
        for (int bits = 1; bits <= 7; bits++)
        {
            Case($"A text, then {Name(bits)}, then a ping").Send(Text("before"), Text("Hello").Rsv(bits), Ping("after"))
                .Expect(IsText("before"), IsFailure(1002)).Or(Verdict.Informational, "the message before was not answered any more", IsFailure(1002));
        }

        Group(++group, "Judged by the header", "The header proves the frame wrong before a byte of its payload has come.", "RFC 6455 §5.2");
        for (int bits = 1; bits <= 7; bits++)
        {
            WireFrame frame = Text(Payload.Letters(64)).Rsv(bits);
            Case($"{Name(bits)}, and the payload held back").ExpectFailFast(1002, frame.Begin(0), frame.Body(..32), frame.Body(32..));
        }
    }

    private static string Name(int bits) => string.Join('+', Enumerable.Range(1, 3).Where(bit => (bits & (8 >> bit)) != 0).Select(bit => $"RSV{bit}"));
}
