using Wspy.Conformance.Deflate;
using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Compressed messages as they must not be.</summary>
internal sealed partial class ExtensionSection
{
    private void WrongFrames()
    {
        Group(33, "RSV1 on the wrong frame", "RSV1 is for the first frame of a data message.", "RFC 7692 §6");
        foreach (bool compressed in (bool[])[true, false])
        {
            WireFrame first = compressed ? Compressed(0xF2, 0x48, 0xCD) : Text("Hel");
            WireFrame second = Continuation(compressed ? (byte[])[0xC9, 0xC9, 0x07, 0x00] : "lo"u8.ToArray());
            string of = compressed ? "a compressed message" : "a plain message";
            Deflated($"On the last fragment of {of}").Send(first.More, second.Rsv(4)).ExpectFailure(1002);
            Deflated($"On a fragment in the middle of {of}").Send(first.More, second.More.Rsv(4), Continuation("")).ExpectFailure(1002);
            Deflated($"On an empty fragment of {of}").Send(first.More, Continuation("").More.Rsv(4), second).ExpectFailure(1002);
            Deflated($"On a ping within {of}").Send(first.More, Ping("p").Rsv(4), second).ExpectFailure(1002);
            Deflated($"On the last fragment of {of}, payload held back").Send(first.More).ExpectFailFast(1002, (second with { Payload = Payload.Letters(64) }).Rsv(4).Begin(0), (second with { Payload = Payload.Letters(64) }).Rsv(4).Body(..));
        }

        foreach (WireFrame control in (WireFrame[])[Ping("p"), Ping(""), Pong("p"), Pong(""), Close(1000), CloseWith("")])
        {
            Deflated($"On [{control}]").Send(control.Rsv(4)).ExpectFailure(1002);
        }

        Deflated("On a ping whose payload is compressed").Send(Ping((byte[])[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]).Rsv(4)).ExpectFailure(1002);
        Deflated("On a continuation of nothing").Send(Continuation((byte[])[0x00]).Rsv(4)).ExpectFailure(1002);
        foreach (int bits in (int[])[1, 2, 3, 5, 6, 7])
        {
            Deflated($"{((bits & 4) != 0 ? "RSV1 and other" : "Other")} reserved bits: {Convert.ToString(bits, 2).PadLeft(3, '0')}").Send((Compressed(0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00)).Rsv(bits)).ExpectFailure(1002);
        }
    }

    private void Corrupt()
    {
        Group(34, "Corrupt data", "What cannot be inflated fails the connection, and nothing of it is delivered. The RFC names no code; 1007 and 1002 both say what is wrong.", "RFC 7692 §7.2.2, RFC 1951");
        foreach ((string what, byte[] payload) in CorruptData.Invalid.Concat(CorruptData.InvalidAtFirst))
        {
            Deflated(what).Send(Compressed(payload)).ExpectFailure(1007, 1002).ExpectOthersServed();
            Deflated($"{what}, in fragments").Send([.. Fragments(Opcode.Text, payload, Math.Max(1, payload.Length / 2)).Select((frame, i) => i == 0 ? frame.Rsv(4) : frame)]).ExpectFailure(1007, 1002);
        }

        foreach ((string what, byte[] payload) in CorruptData.Invalid)
        {
            Deflated($"{what}, after a good message").Then(DeflateText("Hello")).Expect(IsText("Hello")).Send(Binary(payload).Rsv(4), Ping("after")).ExpectFailure(1007, 1002);
        }

        Group(35, "Truncated data", "A message that ends within a block is not complete.", "RFC 7692 §7.2.2");
        foreach ((string what, byte[] payload) in CorruptData.Truncated)
        {
            // zlib hands out what it has, and does not say that there should be more.
            CaseBuilder builder = Deflated(what).Send(Binary(payload).Rsv(4)).Expect(IsFailure(1007, 1002));
            builder.Or(Verdict.NonStrict, "a part of a message was taken for a whole one", new AnyMessage(Opcode.Binary)).Close();
        }

        Group(36, "After a final block", "After a final block and its padding there is another block, or nothing.", "RFC 7692 §7.2.1");
        foreach ((string what, byte[] payload) in CorruptData.Trailing)
        {
            Deflated(what).Send(Compressed(payload)).Expect(IsFailure(1007, 1002)).Or(Verdict.NonStrict, "what follows a final block was ignored", IsText("Hello")).Close();
        }

        Group(37, "Invalid UTF-8", "A text message is judged when it is inflated.", "RFC 6455 §8.1, RFC 7692 §6.2");
        foreach (byte[] invalid in (byte[][])[[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0x61, 0xF0, 0x9F, 0x8C]])
        {
            Payload text = (byte[])[.. "Hello "u8, .. invalid];
            foreach (BlockKind kind in Enum.GetValues<BlockKind>())
            {
                Deflated($"{Show.Hex(invalid)} in a {kind.ToString().ToLowerInvariant()} block").Then(DeflateText(text, new DeflatePlan { Kinds = [kind] })).ExpectFailure(1007);
            }

            Deflated($"{Show.Hex(invalid)} in fragments of 3").Then(DeflateText(text) with { FragmentSize = 3 }).ExpectFailure(1007);
            Deflated($"{Show.Hex(invalid)} after 5,000 bytes of a message").Then(DeflateText((byte[])[.. Samples.Prose(5000, 1).ToArray(), .. invalid])).ExpectFailure(1007);
            Deflated($"{Show.Hex(invalid)} in a binary message, which may hold it").Then(Deflate(Opcode.Binary, text)).Expect(IsBinary(text)).Close();
        }

        Deflated("A code point across blocks", purpose: "Code points may be split anywhere.").Then(DeflateText("κόσμε 🌍", new DeflatePlan { BlockSize = 1, Flushes = 1 })).Expect(IsText("κόσμε 🌍")).Close();
        Deflated("A code point across blocks and fragments", purpose: "Code points may be split anywhere.").Then(DeflateText("κόσμε 🌍", new DeflatePlan { BlockSize = 1 }) with { FragmentSize = 1 }).Expect(IsText("κόσμε 🌍")).Close();
    }

    private void Bombs()
    {
        Group(38, "Messages that grow", "A small message may inflate to a very large one: it is answered, or refused with 1009, and others are served meanwhile.", "RFC 7692 §8, RFC 6455 §10.4");
        foreach (int size in (int[])[1, 4, 16, 64, 256])
        {
            Bomb($"{size} MiB in one frame", new BombStep(size));
        }

        Bomb("16 MiB in fragments of 1,000 bytes", new BombStep(16, 1000));
        Bomb("64 MiB in fragments of 64 bytes", new BombStep(64, 64));
        Bomb("16 MiB, four times", new BombStep(16), new BombStep(16), new BombStep(16), new BombStep(16));
        Bomb("64 MiB without a context", NoTakeover, new BombStep(64));
        Bomb("64 MiB in a message that never ends", new BombStep(64, 1000) { Ends = false });
    }

    private void Bomb(string title, params BombStep[] steps) => Bomb(title, Plain, steps);

    private void Bomb(string title, string offer, params BombStep[] steps)
    {
        CaseBuilder builder = Deflated(title, offer).Alone().Within(TimeSpan.FromSeconds(60));
        foreach (BombStep step in steps)
        {
            builder.Then(step).ExpectOthersServed();
        }

        if (steps[^1].Ends)
        {
            builder.Close();
        }
    }
}
