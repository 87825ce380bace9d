using Wspy.Conformance.Deflate;
using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Messages that go there and back compressed.</summary>
internal sealed partial class ExtensionSection
{
    private const string Examples = "RFC 7692 §7.2.3";

    private static readonly int[] Sizes = [16, 64, 256, 1024, 4096, 16_384, 65_536, 131_072];

    private void Data()
    {
        string[] offers =
        [
            Plain, NoTakeover, "permessage-deflate; server_no_context_takeover", "permessage-deflate; client_no_context_takeover",
            Bits(8), Bits(9), Bits(10), Bits(12), Bits(15), $"{Bits(9)}; server_no_context_takeover; client_no_context_takeover",
        ];
        int group = 13;
        foreach (string offer in offers)
        {
            Group(group++, $"Messages with [{offer}]", "Whatever is agreed on, what is sent comes back; what the peer compresses is inflated with the window and the context that were agreed on, and no more.", "RFC 7692 §7.2");
            foreach ((string name, Opcode kind, Func<int, int, Payload> make) in Samples.All)
            {
                foreach (int size in Sizes)
                {
                    int count = size <= 4096 ? 6 : 2;
                    CaseBuilder builder = Deflated($"{count} messages of {size:N0} bytes: {name}", offer).Within(TimeSpan.FromSeconds(60));
                    for (int i = 0; i < count; i++)
                    {
                        // The last one repeats the first, for whoever keeps the context.
                        Payload message = make(size, i == count - 1 ? 0 : i);
                        builder.Then(Deflate(kind, message)).Expect(new MessageIs(kind, message));
                    }

                    builder.Close();
                }
            }
        }
    }

    private void Blocks()
    {
        Group(23, "Empty messages", "An empty message is compressed like any other one.", "RFC 7692 §7.2.3.6");
        foreach ((string what, byte[] payload) in ((string, byte[])[])[
            ("The byte 00", [0x00]), ("An empty block with the fixed code", [0x02, 0x00]), ("An empty stored block before", [0x00, 0x00, 0x00, 0xFF, 0xFF, 0x00]),
            ("An empty final block with the fixed code", [0x03, 0x00, 0x00]), ("An empty final stored block", [0x01, 0x00, 0x00, 0xFF, 0xFF, 0x00]),
        ])
        {
            Deflated($"{what}, as text").Send(Compressed(payload)).Expect(IsText("")).Close();
            Deflated($"{what}, as binary").Send(Binary(payload).Rsv(4)).Expect(IsBinary("")).Close();
            Deflated($"{what}, in fragments, the first one empty").Send(Compressed().More, Continuation(payload)).Expect(IsText("")).Close();
            Deflated($"{what}, in fragments, the last one empty").Send(Compressed(payload).More, Continuation("")).Expect(IsText("")).Close();
            Deflated($"{what}, between two messages").Then(DeflateText("Hello")).Send(Compressed(payload)).Then(DeflateText("Hello", new DeflatePlan { RefersBack = false })).Expect(IsText("Hello"), IsText(""), IsText("Hello")).Close();
        }

        Deflated("An empty message that is not compressed").Send(Text("")).Expect(IsText("")).Close();

        Group(24, "The RFC's examples", "What the RFC shows works.", Examples);
        Deflated("One compressed block").Send(Compressed(0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00)).Expect(IsText("Hello")).Close();
        Deflated("One compressed block in two fragments").Send(Compressed(0xF2, 0x48, 0xCD).More, Continuation((byte[])[0xC9, 0xC9, 0x07, 0x00])).Expect(IsText("Hello")).Close();
        Deflated("Sharing the window").Send(Compressed(0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00), Compressed(0xF2, 0x00, 0x11, 0x00, 0x00)).Expect(IsText("Hello"), IsText("Hello")).Close();
        Deflated("A block without compression").Send(Compressed(0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00)).Expect(IsText("Hello")).Close();
        Deflated("A block with BFINAL").Send(Compressed(0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00)).Expect(IsText("Hello")).Close();
        Deflated("Two blocks in one message").Send(Compressed(0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00)).Expect(IsText("Hello")).Close();

        Group(25, "Kinds of blocks", "A sender may choose any kinds of blocks, their number and their sizes, and flush as it likes.", "RFC 1951 §3.2, RFC 7692 §7.2.1");
        foreach (DeflatePlan plan in (DeflatePlan[])[
            new() { Kinds = [BlockKind.Stored] }, new() { Kinds = [BlockKind.Fixed] }, new() { Kinds = [BlockKind.Dynamic] },
            new() { Kinds = [BlockKind.Stored, BlockKind.Fixed, BlockKind.Dynamic], BlockSize = 100 }, new() { Kinds = [BlockKind.Fixed], BlockSize = 1 },
            new() { Kinds = [BlockKind.Stored], BlockSize = 1 }, new() { Kinds = [BlockKind.Dynamic], BlockSize = 500 },
            new() { Kinds = [BlockKind.Fixed], BlockSize = 100, Flushes = 1 }, new() { Kinds = [BlockKind.Dynamic], BlockSize = 300, Flushes = 1 },
            new() { Kinds = [BlockKind.Stored], BlockSize = 100, Flushes = 1 }, new() { BlockSize = 200, Flushes = 5 }, new() { BlockSize = 200, PartialFlush = true },
            new() { Kinds = [BlockKind.Dynamic, BlockKind.Stored], BlockSize = 150, Flushes = 1, PartialFlush = true },
        ])
        {
            ByPlan(plan);
        }

        for (int level = 0; level <= 9; level++)
        {
            ByPlan(new DeflatePlan { Level = level });
        }

        Finals();
    }

    private void Finals()
    {
        Group(26, "BFINAL", "A block may be a final one; it is padded to a byte, and another one follows.", "RFC 7692 §7.2.1, §7.2.3.4");
        foreach (DeflatePlan plan in (DeflatePlan[])[
            new() { Kinds = [BlockKind.Stored], Final = true, RefersBack = false }, new() { Kinds = [BlockKind.Fixed], Final = true, RefersBack = false },
            new() { Kinds = [BlockKind.Dynamic], Final = true, RefersBack = false }, new() { BlockSize = 100, Flushes = 1, Final = true, RefersBack = false },
            new() { Level = 1, Final = true, RefersBack = false }, new() { Level = 6, Final = true, RefersBack = false },
        ])
        {
            ByPlan(plan);
        }

        Payload prose = Samples.Prose(3000, 1);
        foreach (BlockKind kind in Enum.GetValues<BlockKind>())
        {
            Deflated($"Several {kind.ToString().ToLowerInvariant()} blocks, each with BFINAL", purpose: "Another block may follow a final one within a message: \"the next DEFLATE block follows the padded data\".")
                .Then(DeflateText(prose, new DeflatePlan { Kinds = [kind], BlockSize = 1000, EachFinal = true, Isolated = true, RefersBack = false })).Expect(IsText(prose)).Close();
        }

        const string Open = "Whether the window outlives a final block the RFC does not say.";
        Deflated("Blocks with BFINAL that refer to those before", purpose: Open).Then(DeflateText(prose, new DeflatePlan { BlockSize = 1000, EachFinal = true, RefersBack = false }))
            .Expect(IsText(prose)).Or(Verdict.Informational, "the window does not outlive a final block", IsFailure(1002, 1007)).Close();
        Deflated("A message that refers to one with BFINAL", purpose: Open).Then(DeflateText(prose, new DeflatePlan { Final = true })).Expect(IsText(prose)).Then(DeflateText(prose))
            .Expect(IsText(prose)).Or(Verdict.Informational, "the window does not outlive a final block", IsFailure(1002, 1007)).Close();
    }

    private void ByPlan(DeflatePlan plan)
    {
        foreach (Payload message in (Payload[])["Hello", Samples.Prose(3000, 1), Samples.Json(70_000, 2)])
        {
            // A byte per block makes five bytes of each.
            Payload sent = plan.BlockSize == 1 && message.Length > 3000 ? Samples.Prose(1000, 3) : message;
            Deflated($"{sent.Length:N0} bytes of text, twice, {plan}").Then(DeflateText(sent, plan)).Expect(IsText(sent)).Then(DeflateText(sent, plan)).Expect(IsText(sent)).Close();
        }

        Payload random = Samples.Random(5000, 4);
        Payload noise = plan.BlockSize == 1 ? Samples.Random(500, 4) : random;
        Deflated($"Random bytes {plan}").Then(Deflate(Opcode.Binary, noise, plan)).Expect(IsBinary(noise)).Close();
    }

    private static string Bits(int bits) => $"permessage-deflate; client_max_window_bits={bits}; server_max_window_bits={bits}";
}
