using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 1: lengths, their encodings, and how TCP cuts frames.</summary>
internal sealed class FramingSection() : CatalogueSection(1, "Framing")
{
    /// <summary>Around each length at which a header takes another form, and around the powers of two that buffers have.</summary>
    private static readonly int[] Lengths = [0, 1, 2, 3, 7, 8, 64, 124, 125, 126, 127, 128, 255, 256, 1023, 4095, 4096, 4097, 16383, 16384, 32767, 32768, 65534, 65535, 65536, 65537, 131072, 262144];

    protected override void Define()
    {
        Group(1, "Text of all lengths", "A text comes back unchanged, whatever form its length takes.", "RFC 6455 §5.2");
        foreach (int length in Lengths)
        {
            Case($"Text of {length:N0} bytes").Send(Text(Payload.Letters(length))).Expect(IsText(Payload.Letters(length))).Close();
        }

        Group(2, "Binary of all lengths", "A binary message comes back unchanged, whatever form its length takes.", "RFC 6455 §5.2");
        foreach (int length in Lengths)
        {
            Case($"Binary of {length:N0} bytes").Send(Binary(Payload.Pattern(length))).Expect(IsBinary(Payload.Pattern(length))).Close();
        }

        Group(3, "Cut by TCP", "Where TCP cuts a header or a payload has no meaning.", "RFC 6455 §5.2");
        foreach (int segment in (int[])[1, 2, 3, 997, 1460])
        {
            foreach (int length in (int[])[0, 1, 125, 126, 4096, 65535, 65536])
            {
                Case($"Text of {length:N0} bytes in segments of {segment:N0}").SendChopped(segment, Text(Payload.Letters(length))).Expect(IsText(Payload.Letters(length))).Close();
                Case($"Binary of {length:N0} bytes in segments of {segment:N0}").SendChopped(segment, Binary(Payload.Pattern(length))).Expect(IsBinary(Payload.Pattern(length))).Close();
            }
        }

        Lengths64();
        Together();
    }

    private void Lengths64()
    {
        Group(4, "Lengths not in the fewest bytes", "\"The minimal number of bytes MUST be used to encode the length\": a peer that takes another form lets the same frame have several, which is how filters are got around.", "RFC 6455 §5.2");
        foreach ((int length, int bits) in ((int, int)[])[(0, 16), (1, 16), (125, 16), (0, 64), (1, 64), (125, 64), (126, 64), (65535, 64)])
        {
            foreach (WireFrame frame in (WireFrame[])[Text(Payload.Letters(length)), Binary(Payload.Pattern(length))])
            {
                Case($"{frame.Opcode} of {length:N0} bytes with its length in {bits} bits")
                    .Send(frame.LengthIn(bits))
                    .ExpectFailure(1002)
                    .Or(Verdict.NonStrict, "the length was taken although it was not in the fewest bytes", frame.Opcode == Opcode.Text ? IsText(frame.Payload) : IsBinary(frame.Payload));
            }
        }

        foreach (int bits in (int[])[16, 64])
        {
            Case($"Ping of 5 bytes with its length in {bits} bits", rfc: "RFC 6455 §5.5").Send(Ping("Hello").LengthIn(bits)).ExpectFailure(1002)
                .Or(Verdict.NonStrict, "the length was taken although it was not in the fewest bytes", IsPong("Hello"));
            Case($"Close with its length in {bits} bits", rfc: "RFC 6455 §5.5").Send(Close(1000).LengthIn(bits)).ExpectFailure(1002)
                .Or(Verdict.NonStrict, "the length was taken although it was not in the fewest bytes", IsClose(1000), IsEnd);
        }

        Group(5, "Lengths with the highest bit", "\"The most significant bit MUST be 0\": a peer that takes it for a sign is close to a disaster.", "RFC 6455 §5.2");
        foreach (ulong length in (ulong[])[1UL << 63, ulong.MaxValue, (1UL << 63) + 5])
        {
            Case($"Text declaring 0x{length:X} bytes").Send(Text("Hello").Declaring(length)).ExpectFailure(1002, 1009);
            Case($"Binary declaring 0x{length:X} bytes").Send(Binary("Hello").Declaring(length)).ExpectFailure(1002, 1009);
        }
    }

    private void Together()
    {
        Group(6, "Several in one segment", "Frames need not begin where reads do.", "RFC 6455 §5.2");
        Case("Two texts").Send(Text("one"), Text("two")).Expect(IsText("one"), IsText("two")).Close();
        Case("A text and a binary message").Send(Text("one"), Binary("two")).Expect(IsText("one"), IsBinary("two")).Close();
        Case("Two empty texts").Send(Text(""), Text("")).Expect(IsText(""), IsText("")).Close();
        Case("A hundred texts").Send([.. Enumerable.Range(0, 100).Select(i => Text($"number {i}"))]).Expect([.. Enumerable.Range(0, 100).Select(i => IsText($"number {i}"))]).Close();
        Case("A thousand of 0 to 999 bytes")
            .Send([.. Enumerable.Range(0, 1000).Select(i => Binary(Payload.Pattern(i)))])
            .Expect([.. Enumerable.Range(0, 1000).Select(i => IsBinary(Payload.Pattern(i)))]).Close();
        foreach (int segment in (int[])[1, 3, 61, 1460])
        {
            Case($"Sizes that grow, in segments of {segment}")
                .SendChopped(segment, [.. Enumerable.Range(0, 40).Select(i => Binary(Payload.Pattern(i * 7)))])
                .Expect([.. Enumerable.Range(0, 40).Select(i => IsBinary(Payload.Pattern(i * 7)))]).Close();
        }

        Case("A large one between two small ones").Send(Text("before"), Binary(Payload.Pattern(200_000)), Text("after"))
            .Expect(IsText("before"), IsBinary(Payload.Pattern(200_000)), IsText("after")).Close();
    }
}
