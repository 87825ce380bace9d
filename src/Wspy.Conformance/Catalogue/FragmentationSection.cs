using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 5: every legal and illegal sequence of fragments.</summary>
internal sealed class FragmentationSection() : CatalogueSection(5, "Fragmentation")
{
    protected override void Define()
    {
        Group(1, "Legal sequences", "Fragments are joined, whatever their sizes, empty ones included.", "RFC 6455 §5.4");
        Sequence("Text in two", "Hel", "lo");
        Sequence("Text in three", "He", "ll", "o");
        Sequence("First fragment empty", "", "Hello");
        Sequence("Last fragment empty", "Hello", "");
        Sequence("Middle fragment empty", "Hel", "", "lo");
        Sequence("All three fragments empty", "", "", "");
        Sequence("Two empty fragments", "", "");
        Sequence("Ten empty ones and a last", "", "", "", "", "", "", "", "", "", "", "Hello");

        Group(2, "Fragments of all sizes", "A message may be cut anywhere.", "RFC 6455 §5.4");
        foreach (int size in (int[])[1, 2, 7, 125, 126, 1000, 4096])
        {
            Case($"Text of 4,096 bytes in fragments of {size:N0}").Send(Fragments(Opcode.Text, Payload.Letters(4096), size)).Expect(IsText(Payload.Letters(4096))).Close();
            Case($"Binary of 5,003 bytes in fragments of {size:N0}").Send(Fragments(Opcode.Binary, Payload.Pattern(5003), size)).Expect(IsBinary(Payload.Pattern(5003))).Close();
            Case($"Text of 4,096 bytes in fragments of {size:N0}, in segments of 3").SendChopped(3, Fragments(Opcode.Text, Payload.Letters(4096), size)).Expect(IsText(Payload.Letters(4096))).Close();
        }

        Interleaved();
        Illegal();
        Judged();
    }

    private void Sequence(string title, params string[] parts)
    {
        WireFrame[] frames = [.. parts.Select((part, i) => new WireFrame(i == 0 ? Opcode.Text : Opcode.Continuation, part) { Fin = i == parts.Length - 1 })];
        WireFrame[] binary = [.. frames.Select((frame, i) => i == 0 ? frame with { Opcode = Opcode.Binary } : frame)];
        string whole = string.Concat(parts);
        Case(title).Send(frames).Expect(IsText(whole)).Close();
        Case($"{title}, byte by byte").SendChopped(1, frames).Expect(IsText(whole)).Close();
        Case($"{title}, as binary").Send(binary).Expect(IsBinary(whole)).Close();
        Case($"{title}, twice").Send([.. frames, .. frames]).Expect(IsText(whole), IsText(whole)).Close();
    }

    private void Interleaved()
    {
        Group(3, "Control frames between fragments", "Control frames may come between fragments, are answered at once, and are no part of the message.", "RFC 6455 §5.4");
        foreach (int pings in (int[])[1, 2, 5])
        {
            WireFrame[] between = [.. Enumerable.Range(0, pings).Select(i => Ping($"{i}"))];
            Case($"{pings} ping(s) after the first fragment").Send([Text("Hel").More, .. between, Continuation("lo")])
                .ExpectPongs(Enumerable.Range(0, pings).Select(i => $"{i}"), IsText("Hello")).Close();
            Case($"{pings} ping(s) before the last, empty fragment").Send([Binary("Hello").More, .. between, Continuation("")])
                .ExpectPongs(Enumerable.Range(0, pings).Select(i => $"{i}"), IsBinary("Hello")).Close();
        }

        Case("Ping and pong between").Send(Text("Hel").More, Pong("x"), Ping("p"), Continuation("lo")).Expect(IsPong("p"), IsText("Hello")).Close();
        Case("Close between", "A Close frame ends the connection although a message is not complete.", "RFC 6455 §5.4, §7.1.2")
            .Send(Text("Hel").More).Close();
        Case("Close between, and a continuation after it").Send(Text("Hel").More, Close(1000), Continuation("lo")).Expect(IsClose(1000), IsEnd).Or(Verdict.NonStrict, "closed without the code", IsClose(), IsEnd);
        Case("Pings between, with pauses").Send(Text("Hel").More).Wait(TimeSpan.FromMilliseconds(50)).Send(Ping("1")).Expect(IsPong("1")).Send(Continuation("l").More).Send(Ping("2")).Expect(IsPong("2")).Send(Continuation("o")).Expect(IsText("Hello")).Close();
    }

    private void Illegal()
    {
        Group(4, "Continuation of nothing", "A continuation needs a message to continue.", "RFC 6455 §5.4");
        foreach (bool fin in (bool[])[true, false])
        {
            string name = fin ? "FIN=1" : "FIN=0";
            foreach (string payload in (string[])["", "Hello"])
            {
                WireFrame lost = Continuation(payload) with { Fin = fin };
                string what = payload.Length == 0 ? $"Empty continuation {name}" : $"Continuation {name}";
                Case($"{what} at the beginning").Send(lost).ExpectFailure(1002);
                Case($"{what}, then a text").Send(lost, Text("Hello")).ExpectFailure(1002);
                Case($"{what} after a text").Send(Text("before"), lost).Expect(IsText("before"), IsFailure(1002)).Or(Verdict.Informational, "the message before was not answered any more", IsFailure(1002));
                Case($"{what} after a fragmented text").Send(Text("be").More, Continuation("fore"), lost).Expect(IsText("before"), IsFailure(1002)).Or(Verdict.Informational, "the message before was not answered any more", IsFailure(1002));
                Case($"{what} after a ping").Send(Ping("p"), lost).Expect(IsPong("p"), IsFailure(1002)).Or(Verdict.Informational, "the ping before was not answered any more", IsFailure(1002));
            }
        }

        Group(5, "A message inside another", "The fragments of two messages are never interleaved without an extension.", "RFC 6455 §5.4");
        foreach (WireFrame first in (WireFrame[])[Text("one").More, Binary("one").More])
        {
            foreach (WireFrame second in (WireFrame[])[Text("two"), Binary("two"), Text(""), Text("two").More, Binary("two").More])
            {
                Case($"{first.Opcode} FIN=0, then {second.Opcode} FIN={(second.Fin ? 1 : 0)}{(second.Payload.Length == 0 ? ", empty" : "")}").Send(first, second).ExpectFailure(1002);
                Case($"{first.Opcode} FIN=0, a continuation, a ping, then {second.Opcode} FIN={(second.Fin ? 1 : 0)}{(second.Payload.Length == 0 ? ", empty" : "")}")
                    .Send(first, Continuation("x").More, Ping("p"), second).Expect(IsPong("p"), IsFailure(1002)).Or(Verdict.Informational, "the ping before was not answered any more", IsFailure(1002));
            }
        }
    }

    private void Judged()
    {
        Group(6, "Judged by the header", "The header proves the sequence wrong before a byte of the payload has come.", "RFC 6455 §5.4");
        WireFrame lost = Continuation(Payload.Letters(64));
        WireFrame second = Text(Payload.Letters(64));
        Case("Continuation of nothing, payload held back").ExpectFailFast(1002, lost.Begin(0), lost.Body(..32), lost.Body(32..));
        Case("Text inside a text, payload held back").Send(Text("Hel").More).ExpectFailFast(1002, second.Begin(0), second.Body(..32), second.Body(32..));
    }
}
