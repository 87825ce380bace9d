using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 4: opcodes that have no meaning.</summary>
internal sealed class ReservedOpcodeSection() : CatalogueSection(4, "Reserved opcodes")
{
    protected override void Define()
    {
        int group = 0;
        foreach (int opcode in (int[])[0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF])
        {
            string name = $"0x{opcode:X}";
            Group(++group, $"Opcode {name}", $"An unknown opcode fails the connection; {(opcode < 8 ? "0x3–0x7 are kept for data" : "0xB–0xF are kept for control")}.", "RFC 6455 §5.2");
            Case($"{name}, empty").Send(Frame(opcode, "")).ExpectFailure(1002);
            Case($"{name} with a payload").Send(Frame(opcode, "Hello")).ExpectFailure(1002);
            Case($"{name} FIN=0").Send(Frame(opcode, "Hello").More).ExpectFailure(1002);
            Case($"{name} of 70,000 bytes").Send(Frame(opcode, Payload.Pattern(70_000))).ExpectFailure(1002);
            Case($"{name} between fragments").Send(Text("Hel").More, Frame(opcode, ""), Continuation("lo")).ExpectFailure(1002);
            Case($"A text, then {name}, then a ping").Send(Text("before"), Frame(opcode, "Hello"), Ping("after"))
                .Expect(IsText("before"), IsFailure(1002)).Or(Verdict.Informational, "the message before was not answered any more", IsFailure(1002));
            Case($"{name}, and the payload held back", "The header proves the frame wrong before a byte of its payload has come.")
                .ExpectFailFast(1002, Frame(opcode, Payload.Letters(64)).Begin(0), Frame(opcode, Payload.Letters(64)).Body(..32), Frame(opcode, Payload.Letters(64)).Body(32..));
        }
    }
}
