using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 11: peers that want too much. What counts is how the peer behaves on the wire: answers, or closes, and serves others.</summary>
internal sealed class ResourceSection() : CatalogueSection(11, "Resources")
{
    protected override void Define()
    {
        Group(1, "Declared lengths", "A length is judged from the header, and memory is never taken for what has not come.", "RFC 6455 §10.4, §7.4.1");
        foreach ((string name, ulong length) in ((string, ulong)[])[("2^31-1", int.MaxValue), ("2^31", 1UL << 31), ("2^32", 1UL << 32), ("2^32+5", (1UL << 32) + 5), ("2^40", 1UL << 40), ("2^62", 1UL << 62), ("2^63-1", long.MaxValue)])
        {
            Case($"Binary declaring {name} bytes").Send(Binary("Hello").Declaring(length)).Then(new DeclaredStep()).ExpectOthersServed();
            Case($"Text declaring {name} bytes").Send(Text("Hello").Declaring(length)).Then(new DeclaredStep()).ExpectOthersServed();
            Case($"Continuation declaring {name} bytes", "Lengths are added up without overflow.").Send(Binary("Hello").More, Continuation("Hello").Declaring(length)).Then(new DeclaredStep()).ExpectOthersServed();
        }

        Group(2, "Floods", "A flood is taken, or answered by a failing that says why; others are still served.", "RFC 6455 §10.4, §7.4.1");
        Flood("empty fragments", Binary("").More, Continuation("").More, 400_000);
        Flood("fragments of one byte", Binary("").More, Continuation("x").More, 400_000);
        Flood("fragments of one byte of text", Text("").More, Continuation("x").More, 400_000);
        Flood("fragments of 64 KiB: an endless message", Binary("").More, Continuation(Payload.Pattern(65536)).More, 2048);
        Flood("pings", null, Ping(Payload.Pattern(125)), 20_000);
        Flood("empty pings", null, Ping(""), 50_000);
        Flood("pongs", null, Pong(Payload.Pattern(125)), 50_000);
        Flood("pings inside a message", Text("Hel").More, Ping("p"), 20_000);
        Flood("empty messages", null, Text(""), 50_000);

        Group(3, "Peers that do not read", "Who does not read holds up nobody else, and gets all once it reads.", "RFC 6455 §10.4");
        foreach (int size in (int[])[1 << 20, 4 << 20])
        {
            Case($"{size >> 20} MiB sent, and the echo read later").StopReading().Then(new SendStep([Binary(Payload.Pattern(size))]) { Behind = true }).Wait(TimeSpan.FromMilliseconds(300)).ExpectOthersServed()
                .GoOnReading().Expect(IsBinary(Payload.Pattern(size))).Close().Alone();
        }

        Case("500 messages of 16 KiB sent, and the echoes read later").StopReading().Then(new SendStep([.. Enumerable.Repeat(Binary(Payload.Pattern(16384)), 500)]) { Behind = true }).Wait(TimeSpan.FromMilliseconds(300)).ExpectOthersServed()
            .GoOnReading().Expect([.. Enumerable.Repeat(IsBinary(Payload.Pattern(16384)), 500)]).Close().Alone();

        Group(4, "Peers that stop", "Who begins something and stops holds up nobody else.", "RFC 6455 §10.4");
        Case("Half a header").Send(Raw(0x82)).Wait(TimeSpan.FromMilliseconds(200)).ExpectOthersServed().ShutDown().Expect(IsEnd).Or(IsClose(), IsEnd);
        Case("Half a frame").Send(Binary(Payload.Pattern(1000)).Begin(500)).Wait(TimeSpan.FromMilliseconds(200)).ExpectOthersServed().ShutDown().Expect(IsEnd).Or(IsClose(), IsEnd);
        Case("Half a message").Send(Binary(Payload.Pattern(1000)).More).Wait(TimeSpan.FromMilliseconds(200)).ExpectOthersServed().ShutDown().Expect(IsEnd).Or(IsClose(), IsEnd);
        Case("A frame dripped byte by byte").SendSlowly(1, TimeSpan.FromMilliseconds(2), Binary(Payload.Pattern(200))).Expect(IsBinary(Payload.Pattern(200))).Close();
    }

    private void Flood(string what, WireFrame? first, WireFrame again, int count) =>
        Case($"{count:N0} {what}").Then(new FloodStep(what, first, again, count, 1008, 1009, 1013)).ExpectOthersServed().Alone().Within(TimeSpan.FromSeconds(60));
}
