using System.Buffers;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Tests;

/// <summary>What the suite reads it judges itself; a peer's mistake that it does not see would never be found.</summary>
public class FrameReaderTests
{
    [Theory]
    [InlineData("masked", 0x81, 0x85, 1, 2, 3, 4, 5, 6, 7, 8, 9)]
    [InlineData("reserved bit", 0xC1, 0x00)]
    [InlineData("reserved bit", 0x91, 0x00)]
    [InlineData("reserved opcode", 0x83, 0x00)]
    [InlineData("reserved opcode", 0x8B, 0x00)]
    [InlineData("fewest bytes", 0x82, 0x7E, 0x00, 0x01, 0x61)]
    [InlineData("fragmented control", 0x09, 0x00)]
    [InlineData("continuation of nothing", 0x80, 0x00)]
    [InlineData("not UTF-8", 0x81, 0x01, 0xFF)]
    [InlineData("half a code", 0x88, 0x01, 0x03)]
    [InlineData("code 1005", 0x88, 0x02, 0x03, 0xED)]
    [InlineData("code 2000", 0x88, 0x02, 0x07, 0xD0)]
    [InlineData("reason is not UTF-8", 0x88, 0x03, 0x03, 0xE8, 0xFF)]
    public void An_offence_of_a_server_is_found(string what, params int[] bytes) =>
        Assert.Contains(what, Assert.IsType<OffenceEvent>(Read(PeerRole.Server, bytes)[^1]).What, StringComparison.Ordinal);

    [Fact]
    public void A_client_must_mask() =>
        Assert.Contains("did not mask", Assert.IsType<OffenceEvent>(Read(PeerRole.Client, [0x81, 0x00])[^1]).What, StringComparison.Ordinal);

    [Fact]
    public void A_message_inside_another_is_found() =>
        Assert.Contains("inside another", Assert.IsType<OffenceEvent>(Read(PeerRole.Server, [0x01, 0x00, 0x81, 0x00])[^1]).What, StringComparison.Ordinal);

    [Fact]
    public void Fragments_are_joined_and_control_frames_between_them_are_none()
    {
        WireEvent[] events = Read(PeerRole.Server, [0x01, 0x01, (byte)'a', 0x8A, 0x01, (byte)'p', 0x80, 0x01, (byte)'b']);

        Assert.Equal("p"u8, Assert.IsType<PongEvent>(events[0]).Payload);
        MessageEvent message = Assert.IsType<MessageEvent>(events[1]);
        Assert.Equal("ab"u8, message.Payload);
        Assert.Equal(2, message.Fragments);
    }

    private static WireEvent[] Read(PeerRole role, int[] bytes)
    {
        var reader = new FrameReader(role);
        List<WireEvent> events = [];
        Span<byte> rest = bytes.Select(value => (byte)value).ToArray();
        while (FrameHeader.TryParse(rest, out FrameHeader header, out int size) == OperationStatus.Done)
        {
            int total = size + (int)header.PayloadLength;
            if (reader.Take(header, rest[size..total].ToArray(), default) is { } found)
            {
                events.Add(found);
            }

            rest = rest[total..];
        }

        return [.. events];
    }
}
