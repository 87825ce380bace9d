using System.Buffers;
using System.Text;
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

        Assert.Equal(0, template.Stream.Length % template.FrameSize);
        Assert.InRange(template.Stream.Length / template.FrameSize, 1, window);
        for (int start = 0; start < template.Stream.Length; start += template.FrameSize)
        {
            Assert.True(FrameHeader.TryParse(template.Stream.AsSpan(start), out FrameHeader header, out int headerSize) == OperationStatus.Done && header.IsMasked && header.Fin);
            Assert.Equal(kind == PayloadKind.Binary ? Opcode.Binary : Opcode.Text, header.Opcode);
            Assert.Equal(size, header.PayloadLength);
            byte[] payload = template.Stream.AsSpan(start + headerSize, size).ToArray();
            Masking.Apply(payload, header.MaskingKey);
            Assert.Equal(template.Payload, payload);
        }
    }

    [Theory]
    [InlineData(6, "漢漢")]
    [InlineData(8, "漢漢aa")]
    [InlineData(2, "aa")]
    public void Text_of_three_bytes_is_text_at_any_size(int size, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(FrameTemplate.Create(new Workload { Payload = PayloadKind.Utf8, Size = size }).Payload));
}
