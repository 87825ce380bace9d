using System.Buffers;
using System.Text;
using Wspy.Extensions;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Tests.Bench;

public class FrameTemplateTests
{
    [Theory]
    [InlineData(PayloadKind.Text, 0, 1)]
    [InlineData(PayloadKind.Text, 20, 16)]
    [InlineData(PayloadKind.Utf8, 125, 3)]
    [InlineData(PayloadKind.Utf8, 1000, 3)]
    [InlineData(PayloadKind.Binary, 65_536, 2)]
    [InlineData(PayloadKind.Binary, 2_000_000, 64)]
    internal void The_stream_is_whole_frames_each_with_the_payload_masked(PayloadKind kind, int size, int window) // RFC 6455 §5.3
    {
        var template = FrameTemplate.Create(new Workload { Payload = kind, Size = size, Window = window });

        Assert.InRange(template.Count, 1, window);
        Assert.Equal(Enumerable.Repeat(template.Payloads[0], template.Count), Read(template, ReservedBits.None));
        Assert.Equal(kind == PayloadKind.Binary ? Opcode.Binary : Opcode.Text, template.Opcode);
        Assert.All(template.Payloads, payload => Assert.Equal(size, payload.Length));
    }

    [Fact]
    public void Payloads_are_cut_from_data_one_after_another_and_again_from_its_start()
    {
        byte[] data = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i % 251))];
        var template = FrameTemplate.Create(new Workload { Payload = PayloadKind.Binary, Size = 300, Data = data });

        Assert.Equal(data[..300], template.Payloads[0]);
        Assert.Equal([.. data[900..], .. data[..200]], template.Payloads[3]);
        Assert.Equal(template.Payloads, Read(template, ReservedBits.None));
    }

    [Theory]
    [InlineData(DeflateUse.Context)]
    [InlineData(DeflateUse.NoContext)]
    internal void What_is_compressed_can_be_inflated_period_after_period_RFC7692_7_2_2(DeflateUse use)
    {
        byte[] data = [.. Enumerable.Range(0, 9000).Select(i => (byte)(i * i % 7))];
        var template = FrameTemplate.Create(new Workload { Size = 700, Data = data, Deflate = use });
        using ExtensionInstance inflater = new DeflateMessage().Confirm(new ExtensionOffer("permessage-deflate"))!;

        for (int period = 0; period < 2; period++)
        {
            Assert.Equal(template.Payloads, Read(template, ReservedBits.Rsv1).Select(payload => Inflate(inflater, payload)));
        }

        Assert.InRange(template.Stream.Length, 1, template.Count * 350);
    }

    [Theory]
    [InlineData(DeflateUse.None)]
    [InlineData(DeflateUse.Context)]
    internal void Frames_are_taken_in_turn_and_their_ends_known(DeflateUse use)
    {
        var template = FrameTemplate.Create(new Workload { Size = 1000, Data = new byte[5000], Deflate = use });
        int next = 0;
        long first = template.Take(ref next, 1);
        Assert.Equal(1, next);
        Assert.Equal(0, template.RestOfFrame(0));
        Assert.Equal(first - 1, template.RestOfFrame(1));
        Assert.Equal(1, template.RestOfFrame((int)first - 1));
        Assert.Equal(0, template.RestOfFrame((int)first));
        Assert.Equal(template.Stream.Length - first, template.Take(ref next, template.Count - 1));
        Assert.Equal(0, next);
        Assert.Equal((2L * template.Stream.Length) + first, template.Take(ref next, (2 * template.Count) + 1));
        Assert.Equal(1, next);
    }

    [Theory]
    [InlineData(6, "漢漢")]
    [InlineData(8, "漢漢aa")]
    [InlineData(2, "aa")]
    public void Text_of_three_bytes_is_text_at_any_size(int size, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(FrameTemplate.Create(new Workload { Payload = PayloadKind.Utf8, Size = size }).Payloads[0]));

    // The payloads of a period, unmasked.
    private static List<byte[]> Read(FrameTemplate template, ReservedBits reserved)
    {
        List<byte[]> payloads = [];
        ReadOnlySpan<byte> stream = template.Stream;
        while (!stream.IsEmpty)
        {
            Assert.True(FrameHeader.TryParse(stream, out FrameHeader header, out int headerSize) == OperationStatus.Done && header.IsMasked && header.Fin);
            Assert.Equal((template.Opcode, reserved), (header.Opcode, header.Reserved));
            byte[] payload = stream.Slice(headerSize, (int)header.PayloadLength).ToArray();
            Masking.Apply(payload, header.MaskingKey);
            payloads.Add(payload);
            stream = stream[(headerSize + payload.Length)..];
        }

        return payloads;
    }

    private static byte[] Inflate(ExtensionInstance inflater, byte[] payload)
    {
        byte[] output = new byte[2000];
        ReadOnlySpan<byte> input = payload;
        Assert.True(inflater.BeginReceive(Opcode.Text, ReservedBits.Rsv1));
        Assert.Equal(ExtensionStatus.NeedsInput, inflater.Receive(ref input, output, out int written, end: true));
        return output[..written];
    }
}
