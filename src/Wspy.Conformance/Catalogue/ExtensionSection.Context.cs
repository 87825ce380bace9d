using Wspy.Conformance.Deflate;
using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Compressed messages among fragments, control frames and messages that are not compressed; windows and contexts.</summary>
internal sealed partial class ExtensionSection
{
    private void Fragmented()
    {
        Group(27, "Fragments", "A message is compressed as a whole, and cut afterwards, anywhere; RSV1 is set on its first frame.", "RFC 7692 §6.1");
        Payload prose = Samples.Prose(3000, 1);
        foreach (int size in (int[])[1, 2, 3, 7, 125, 126, 1000])
        {
            Deflated($"In fragments of {size:N0}").Then(DeflateText(prose) with { FragmentSize = size }).Expect(IsText(prose)).Close();
            Deflated($"In fragments of {size:N0}, in segments of 3").Then(DeflateText(prose) with { FragmentSize = size, Segment = 3 }).Expect(IsText(prose)).Close();
            Deflated($"In fragments of {size:N0}, with empty ones").Then(DeflateText(prose) with { FragmentSize = size, EmptyFragments = true }).Expect(IsText(prose)).Close();
            Deflated($"Twice in fragments of {size:N0}").Then(DeflateText(prose) with { FragmentSize = size }).Then(DeflateText(prose) with { FragmentSize = size }).Expect(IsText(prose), IsText(prose)).Close();
            Deflated($"Twice in fragments of {size:N0}, flushed often").Then(DeflateText(prose, new DeflatePlan { BlockSize = 100, Flushes = 1 }) with { FragmentSize = size })
                .Then(DeflateText(prose, new DeflatePlan { BlockSize = 100, Flushes = 1 }) with { FragmentSize = size }).Expect(IsText(prose), IsText(prose)).Close();
        }

        foreach (int segment in (int[])[1, 2, 997])
        {
            Deflated($"Whole, in segments of {segment}").Then(DeflateText(prose) with { Segment = segment }).Expect(IsText(prose)).Close();
        }

        Deflated("A ping between two fragments").Then(DeflateText("Hello", new DeflatePlan { Kinds = [BlockKind.Fixed] }) with { FragmentSize = 4, Between = [Ping("p")] }).Expect(IsPong("p"), IsText("Hello")).Close();
        Deflated("A pong between two fragments").Then(DeflateText("Hello", new DeflatePlan { Kinds = [BlockKind.Fixed] }) with { FragmentSize = 4, Between = [Pong("p")] }).Expect(IsText("Hello")).Close();
        Deflated("A ping between two fragments, byte by byte").Then(DeflateText("Hello", new DeflatePlan { Kinds = [BlockKind.Fixed] }) with { FragmentSize = 4, Between = [Ping("p")], Segment = 1 }).Expect(IsPong("p"), IsText("Hello")).Close();
        Deflated("A ping between two fragments of binary").Then(Deflate(Opcode.Binary, Samples.Random(2000, 1)) with { FragmentSize = 1500, Between = [Ping("p")] }).Expect(IsPong("p"), IsBinary(Samples.Random(2000, 1))).Close();
        Deflated("Close between two fragments").Send(Compressed(0xF2, 0x48, 0xCD).More).Close();

        Group(28, "Messages that are not compressed", "Each message says by RSV1 whether it is compressed, and one that is not stays out of the window.", "RFC 7692 §6.1, §7.2.2");
        Deflated("Only messages that are not").Send(Text("Hello"), Binary(Payload.Pattern(1000))).Expect(IsText("Hello"), IsBinary(Payload.Pattern(1000))).Close();
        Deflated("One in between").Then(DeflateText(prose)).Expect(IsText(prose)).Send(Text("plain")).Expect(IsText("plain")).Then(DeflateText(prose)).Expect(IsText(prose)).Close();
        Deflated("A fragmented one in between").Then(DeflateText(prose)).Expect(IsText(prose)).Send(Text("pla").More, Continuation("in")).Expect(IsText("plain")).Then(DeflateText(prose)).Expect(IsText(prose)).Close();
        Deflated("A large one in between").Then(DeflateText(prose)).Expect(IsText(prose)).Send(Binary(Samples.Random(40_000, 3))).Expect(IsBinary(Samples.Random(40_000, 3))).Then(DeflateText(prose)).Expect(IsText(prose)).Close();
        Deflated("One of bytes that look compressed").Send(Binary((byte[])[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])).Expect(IsBinary((byte[])[0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])).Close();
        Deflated("Fifty, every other one compressed").ForEach(Enumerable.Range(0, 50), (builder, i) => builder.Then(i % 2 == 0 ? DeflateText($"message {i}") : new SendStep([Text($"message {i}")])).Expect(IsText($"message {i}"))).Close();
        Deflated("Pings and pongs are never compressed").Send(Ping(Payload.Letters(125))).Expect(IsPong(Payload.Letters(125))).Then(DeflateText("Hello")).Expect(IsText("Hello")).Close();
    }

    private void Windows()
    {
        Group(29, "The whole window", "A sender may refer to the farthest byte of the window that was agreed on, in the same message or an earlier one.", "RFC 7692 §7.1.2");
        for (int bits = 8; bits <= 15; bits++)
        {
            var plan = new DeflatePlan { WindowBits = bits };
            int size = 1 << bits;
            Payload far = Samples.Random(size, bits);
            Payload near = far[..200];
            Payload both = (byte[])[.. far.ToArray(), .. near.ToArray()];
            Deflated($"{bits} bits: within a message", Bits(bits)).Then(Deflate(Opcode.Binary, both, plan)).Expect(IsBinary(both)).Close();
            Deflated($"{bits} bits: from one message to the next", Bits(bits)).Then(Deflate(Opcode.Binary, far, plan)).Expect(IsBinary(far)).Then(Deflate(Opcode.Binary, near, plan)).Expect(IsBinary(near)).Close();
        }

        Group(30, "The peer's window", "What repeats just beyond the window is not referred to by a peer that keeps to it.", "RFC 7692 §7.1.2");
        for (int bits = 8; bits <= 14; bits++)
        {
            Payload once = Samples.Random((1 << bits) + 100, bits);
            Payload twice = (byte[])[.. once.ToArray(), .. once.ToArray()];
            Deflated($"{bits} bits: within a message", Bits(bits)).Then(Deflate(Opcode.Binary, twice)).Expect(IsBinary(twice)).Close();
            Deflated($"{bits} bits: from one message to the next", Bits(bits)).Then(Deflate(Opcode.Binary, once)).Expect(IsBinary(once)).Then(Deflate(Opcode.Binary, once)).Expect(IsBinary(once)).Close();
        }

        Group(31, "Beyond the window", "A reference beyond the window breaks the agreement; the RFC does not ask a peer with a larger window to notice.", "RFC 7692 §7.1.2");
        for (int bits = 8; bits <= 14; bits++)
        {
            Payload once = Samples.Random((1 << bits) + 100, bits);
            Payload twice = (byte[])[.. once.ToArray(), .. once.ToArray()];
            Case($"{bits} bits").Opening(new Opening { Extension = Bits(bits) }).Then(new AgreeStep { OurBits = bits }).Then(Deflate(Opcode.Binary, twice, new DeflatePlan { IgnoresWindow = true }))
                .Expect(IsFailure(1007, 1002)).Or(Verdict.Informational, "the peer has a larger window", IsBinary(twice)).Close();
        }

        Group(32, "Context takeover", "Messages share a window unless it was agreed that they do not.", "RFC 7692 §7.1.1");
        // Larger than what some leave uncompressed, and smaller than the windows that some choose.
        Payload random = Samples.Random(2000, 7);
        Deflated("The suite refers to the message before").Then(Deflate(Opcode.Binary, random)).Expect(IsBinary(random)).Then(Deflate(Opcode.Binary, random)).Expect(IsBinary(random)).Close();
        Deflated("The suite refers over ten messages").Then(Deflate(Opcode.Binary, random)).Expect(IsBinary(random))
            .ForEach(Enumerable.Range(0, 10), (builder, i) => builder.Then(DeflateText($"{i}")).Expect(IsText($"{i}"))).Then(Deflate(Opcode.Binary, random)).Expect(IsBinary(random)).Close();
        Deflated("The suite refers to the message before, over a plain one").Then(Deflate(Opcode.Binary, random)).Expect(IsBinary(random)).Send(Text("plain")).Expect(IsText("plain")).Then(Deflate(Opcode.Binary, random)).Expect(IsBinary(random)).Close();
        Deflated("A stored block is part of the window").Then(Deflate(Opcode.Binary, random, new DeflatePlan { Kinds = [BlockKind.Stored] })).Expect(IsBinary(random)).Then(Deflate(Opcode.Binary, random)).Expect(IsBinary(random)).Close();
        foreach (string offer in (string[])[Plain, "permessage-deflate; server_no_context_takeover", "permessage-deflate; client_no_context_takeover", NoTakeover])
        {
            Deflated($"Whether the peer refers to the message before: [{offer}]", offer, "A peer may take over its context; if it was agreed that it does not, its second message must be whole by itself.")
                .Then(Deflate(Opcode.Binary, random)).Expect(IsBinary(random)).Then(Deflate(Opcode.Binary, random))
                .Expect(new CompressedIs(new MessageIs(Opcode.Binary, random), "which refers to the one before", inflated => inflated.RefersBack))
                .Or(Verdict.Informational, "the peer compressed the second message by itself", new CompressedIs(new MessageIs(Opcode.Binary, random), "by itself", inflated => !inflated.RefersBack))
                .Or(Verdict.Informational, "the peer did not compress", IsBinary(random)).Close();
        }

        Case("A reference to an earlier message that was agreed not to be made").Opening(new Opening { Extension = NoTakeover }).Then(new AgreeStep { WeTakeOver = false })
            .Send(Compressed(0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00)).Expect(IsText("Hello")).Send(Compressed(0xF2, 0x00, 0x11, 0x00, 0x00))
            .Expect(IsFailure(1007, 1002)).Or(Verdict.Informational, "the peer kept the context that it need not keep", IsText("Hello")).Close();
    }
}
