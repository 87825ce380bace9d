using System.Text;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 6: text is UTF-8, and judged at the byte that proves it is not.</summary>
internal sealed class Utf8Section() : CatalogueSection(6, "UTF-8")
{
    protected override void Define()
    {
        Group(1, "Well-formed text", "Each range of code points, at its ends, comes back unchanged.", "RFC 6455 §5.6, RFC 3629 §4");
        foreach ((string name, string text) in Utf8Samples.Valid)
        {
            Case($"{name}").Send(Text(text)).Expect(IsText(text)).Close();
        }

        Group(2, "Well-formed text, cut anywhere", "A code point may be split across fragments and segments.", "RFC 6455 §5.6");
        foreach ((string name, string text) in Utf8Samples.Valid.Where(sample => Encoding.UTF8.GetByteCount(sample.Text) > 1))
        {
            Case($"{name}, in fragments of one byte").Send(Fragments(Opcode.Text, text, 1)).Expect(IsText(text)).Close();
        }

        foreach (string text in (string[])["aß水𝄞", "κόσμε"])
        {
            Payload payload = text;
            for (int cut = 0; cut <= payload.Length; cut++)
            {
                Case($"\"{text}\" cut after {cut} bytes").Send(Text(payload[..cut]).More, Ping("p"), Continuation(payload[cut..]))
                    .Expect(IsPong("p"), IsText(text)).Or(Verdict.NonStrict, "the pong waited for the message", IsText(text), IsPong("p")).Close();
            }

            Case($"\"{text}\" byte by byte").SendChopped(1, Text(text)).Expect(IsText(text)).Close();
            Case($"\"{text}\" in fragments of one byte, empty ones between, byte by byte")
                .SendChopped(1, [.. Fragments(Opcode.Text, text, 1).SelectMany((frame, i) => (WirePart[])(i == 0 ? [frame] : [Continuation("").More, frame]))]).Expect(IsText(text)).Close();
        }

        Invalid();
        AtTheEnd();
        Binary();
        FailFast();
    }

    private void Invalid()
    {
        Group(3, "Ill-formed text", "A text that is not UTF-8 fails the connection.", "RFC 6455 §8.1");
        foreach ((string name, byte[] bytes) in Utf8Samples.Invalid)
        {
            Case($"{name}: {Show.Hex(bytes)}").Send(Text(bytes)).ExpectFailure(1007);
        }

        Group(4, "Ill-formed inside well-formed text", "Fast paths for ASCII must not miss what stands between.", "RFC 6455 §8.1");
        foreach ((string name, byte[] bytes) in Utf8Samples.Invalid)
        {
            Case($"{name}: {Show.Hex(bytes)} after 61 letters").Send(Text((byte[])[.. Payload.Letters(61).ToArray(), .. bytes, .. Payload.Letters(70).ToArray()])).ExpectFailure(1007);
        }

        Group(5, "Ill-formed across fragments", "Judging goes on across fragments.", "RFC 6455 §8.1");
        foreach ((string name, byte[] bytes) in Utf8Samples.Invalid)
        {
            Case($"{name}: {Show.Hex(bytes)} in fragments of one byte").Send(Fragments(Opcode.Text, (byte[])[.. "κ"u8, .. bytes, .. "ab"u8], 1)).ExpectFailure(1007);
        }
    }

    private void AtTheEnd()
    {
        Group(6, "Incomplete at the end", "A code point that the end of the message cuts off is ill-formed.", "RFC 6455 §8.1");
        foreach (byte[] bytes in Utf8Samples.Incomplete)
        {
            Case($"{Show.Hex(bytes)} alone").Send(Text(bytes)).ExpectFailure(1007);
            Case($"{Show.Hex(bytes)} after text").Send(Text((byte[])[.. "Hello κόσμε"u8, .. bytes])).ExpectFailure(1007);
            Case($"{Show.Hex(bytes)}, then an empty last fragment").Send(Text(bytes).More, Continuation("")).ExpectFailure(1007);
            Case($"{Show.Hex(bytes)}, then a ping, then an empty last fragment", "Until the end, the text may become well-formed.")
                .Send(Text(bytes).More, Ping("p")).Expect(IsPong("p")).Send(Continuation("")).ExpectFailure(1007);
            Case($"{Show.Hex(bytes)}, then another message", "What one message lacks, the next one cannot bring.").Send(Text(bytes), Text((byte[])[0xA9])).ExpectFailure(1007);
        }
    }

    private void Binary()
    {
        Group(7, "Binary is not judged", "Only text is UTF-8.", "RFC 6455 §5.6");
        foreach ((string name, byte[] bytes) in Utf8Samples.Invalid.Where((_, i) => i % 3 == 0))
        {
            Case($"Binary with {name}: {Show.Hex(bytes)}").Send(Binary(bytes)).Expect(IsBinary(bytes)).Close();
        }

        Case("A binary message in fragments that are no UTF-8").Send(Binary((byte[])[0xFF]).More, Continuation((byte[])[0x80])).Expect(IsBinary((byte[])[0xFF, 0x80])).Close();
        Case("A text after it").Send(Binary((byte[])[0xC3]), Text("é")).Expect(IsBinary((byte[])[0xC3]), IsText("é")).Close();
        Case("A ping that is no UTF-8 inside a text").Send(Text((byte[])[0xC3]).More, Ping((byte[])[0xFF]), Continuation((byte[])[0xA9])).Expect(IsPong((byte[])[0xFF]), IsText("é"))
            .Or(Verdict.NonStrict, "the pong waited for the message", IsText("é"), IsPong((byte[])[0xFF])).Close();
    }

    private void FailFast()
    {
        Group(8, "Noticed between fragments", "\"_Fail the WebSocket Connection_\" as soon as a fragment proves the text ill-formed; the verdict tells how many bytes late the error came.", "RFC 6455 §8.1, §10.7");
        foreach ((string name, byte[] bytes) in Utf8Samples.Invalid)
        {
            int offending = Utf8Samples.Offending(bytes);
            Case($"{name}: {Show.Hex(bytes)}, a fragment for each byte")
                .Send([Text("κόσμε").More, .. bytes[..offending].Select(value => Continuation((byte[])[value]).More)])
                .ExpectFailFast(1007, Continuation((byte[])[bytes[offending]]).More, Continuation("more").More, Continuation(Payload.Letters(100)).More, Continuation(""));
        }

        Group(9, "Noticed inside a frame", "The byte that proves a text ill-formed is enough, even if the frame is not complete; the verdict tells how many bytes late the error came.", "RFC 6455 §8.1, §10.7");
        foreach ((string name, byte[] bytes) in Utf8Samples.Invalid)
        {
            byte[] before = [.. "κόσμε"u8];
            int at = before.Length + Utf8Samples.Offending(bytes);
            WireFrame frame = Text((byte[])[.. before, .. bytes, .. Payload.Letters(100).ToArray()]);
            Case($"{name}: {Show.Hex(bytes)}, the rest of the frame held back").Send(frame.Begin(at)).ExpectFailFast(1007, frame.Body(at..(at + 1)), frame.Body((at + 1)..(at + 20)), frame.Body((at + 20)..));
        }
    }
}
