using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 8: who masks, who does not, and with what.</summary>
internal sealed class MaskingSection() : CatalogueSection(8, "Masking")
{
    protected override void Define()
    {
        Group(1, "Frames that a client did not mask", "A server fails the connection on a frame that is not masked.", "RFC 6455 §5.1", PeerRole.Server);
        Wrong();
        Group(2, "Frames that a server masked", "A client fails the connection on a frame that is masked.", "RFC 6455 §5.1", PeerRole.Client);
        Wrong();

        Group(3, "Keys", "Each key is good, also the one that changes nothing.", "RFC 6455 §5.3", PeerRole.Server);
        foreach (uint key in (uint[])[0, 1, 0x80, 0xFF, 0x0100, 0xFF00, 0x01000000, 0xFF000000, 0xFFFFFFFF, 0x20202020, 0x04030201, 0x80808080])
        {
            foreach (int length in (int[])[0, 1, 5, 126, 65543])
            {
                Case($"Key {key:x8}, {length:N0} bytes").Send(Binary(Payload.Pattern(length)).WithKey(key)).Expect(IsBinary(Payload.Pattern(length))).Close();
            }
        }

        Group(4, "Keys and cuts", "The key goes on through the whole payload, wherever TCP cuts it, and begins anew in each frame.", "RFC 6455 §5.3", PeerRole.Server);
        foreach (int segment in (int[])[1, 2, 3, 5, 7, 11, 61, 4093])
        {
            int length = segment > 1000 ? 100_003 : 1003;
            Case($"{length:N0} bytes in segments of {segment:N0}").SendChopped(segment, Binary(Payload.Pattern(length)).WithKey(0x12345678)).Expect(IsBinary(Payload.Pattern(length))).Close();
            Case($"{length:N0} bytes in fragments of {segment:N0}, each with its own key").Send(Fragments(Opcode.Binary, Payload.Pattern(length), segment)).Expect(IsBinary(Payload.Pattern(length))).Close();
            Case($"Text of {length:N0} bytes in segments of {segment:N0}").SendChopped(segment, Text(Payload.Letters(length)).WithKey(0x12345678)).Expect(IsText(Payload.Letters(length))).Close();
        }

        Case("A ping inside a fragmented message, each with its own key").Send(Text("Hel").More.WithKey(0x11111111), Ping("p").WithKey(0x22222222), Continuation("lo").WithKey(0x33333333))
            .Expect(IsPong("p"), IsText("Hello")).Or(Verdict.NonStrict, "the pong waited for the message", IsText("Hello"), IsPong("p")).Close();

        Group(5, "Keys of a client", "A client masks each frame with a fresh key that nobody can foresee.", "RFC 6455 §5.3, §10.3", PeerRole.Client);
        Case("Ten messages").Send([.. Enumerable.Range(0, 10).Select(i => Text($"message {i}"))]).Expect([.. Enumerable.Range(0, 10).Select(i => IsText($"message {i}"))]).Then(new FreshKeysStep(10)).Close();
        Case("Ten pongs").Send([.. Enumerable.Range(0, 10).Select(i => Ping($"{i}"))]).ExpectPongs(Enumerable.Range(0, 10).Select(i => $"{i}")).Then(new FreshKeysStep(1)).Close();
        Case("A hundred messages of one byte").Send([.. Enumerable.Repeat(Binary("x"), 100)]).Expect([.. Enumerable.Repeat(IsBinary("x"), 100)]).Then(new FreshKeysStep(100)).Close();
        Case("Ten messages on another connection", "A generator that begins with the same seed each time has no secrets after the first connection.")
            .Send([.. Enumerable.Range(0, 10).Select(i => Text($"message {i}"))]).Expect([.. Enumerable.Range(0, 10).Select(i => IsText($"message {i}"))]).Then(new FreshKeysStep(10)).Close();
    }

    private void Wrong()
    {
        Case("Text").Send(Text("Hello").WronglyMasked).ExpectFailure(1002);
        Case("Empty text").Send(Text("").WronglyMasked).ExpectFailure(1002);
        Case("Binary").Send(Binary(Payload.Pattern(1000)).WronglyMasked).ExpectFailure(1002);
        Case("Binary of 70,000 bytes").Send(Binary(Payload.Pattern(70_000)).WronglyMasked).ExpectFailure(1002);
        Case("Ping").Send(Ping("p").WronglyMasked).ExpectFailure(1002);
        Case("Pong").Send(Pong("p").WronglyMasked).ExpectFailure(1002);
        Case("Close").Send(Close(1000).WronglyMasked).ExpectFailure(1002);
        Case("First fragment").Send(Text("Hel").More.WronglyMasked).ExpectFailure(1002);
        Case("Continuation").Send(Text("Hel").More, Continuation("lo").WronglyMasked).ExpectFailure(1002);
        Case("Second message").Send(Text("before"), Text("Hello").WronglyMasked).Expect(IsText("before"), IsFailure(1002)).Or(Verdict.Informational, "the message before was not answered any more", IsFailure(1002));
        WireFrame frame = Text(Payload.Letters(64)).WronglyMasked;
        Case("Text, its payload held back", "The header proves the frame wrong before a byte of its payload has come.").ExpectFailFast(1002, frame.Begin(0), frame.Body(..32), frame.Body(32..));
    }
}
