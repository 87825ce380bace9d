using System.Buffers;
using System.Collections.Concurrent;
using Wspy.Extensions;
using Wspy.Protocol;
using Judge = Wspy.Conformance.Deflate.Inflater;

namespace Wspy.Tests.Messages;

public class PreparedMessageTests
{
    private static readonly PreparedMessage Prepared = new(string.Concat(Enumerable.Repeat("again and ", 500)));

    [Fact]
    public void All_who_compress_nothing_get_the_same_frame()
    {
        using var first = new WebSocketProtocol(WebSocketRole.Server);
        using var second = new WebSocketProtocol(WebSocketRole.Server);

        Assert.True(first.TryGetFrame(Prepared, out byte[]? frame));
        Assert.True(second.TryGetFrame(Prepared, out byte[]? same));
        Assert.Same(frame, same);
        Assert.Equal(new Frame(Opcode.Text, Prepared.Message.Payload).ToArray(), frame);
    }

    [Fact]
    public void Who_keeps_no_context_shares_the_frame_with_those_of_the_same_parameters_RFC7692_7_1_1()
    {
        byte[][] frames = [.. new[] { 15, 15, 9 }.Select(bits => FrameOf(Prepared, Offer($"server_no_context_takeover; server_max_window_bits={bits}")))];

        Assert.Same(frames[0], frames[1]);
        Assert.NotSame(frames[0], frames[2]);
        Assert.All(frames, frame => Assert.InRange(frame.Length, 5, 200));
        foreach ((byte[] frame, int bits) in frames.Zip([15, 15, 9]))
        {
            Assert.Equal(OperationStatus.Done, Frame.TryParse(frame, out Frame? parsed, out _));
            Assert.Equal(ReservedBits.Rsv1, parsed!.Reserved);
            Assert.Equal(Prepared.Message.Payload.ToArray(), new Judge(bits, takeover: false).Inflate(parsed.Payload.ToArray()).Bytes);
        }
    }

    [Fact]
    public void What_is_too_short_to_compress_is_the_plain_frame_for_all()
    {
        var brief = new PreparedMessage("brief");
        using var plain = new WebSocketProtocol(WebSocketRole.Server);

        Assert.True(plain.TryGetFrame(brief, out byte[]? frame));
        Assert.Same(frame, FrameOf(brief, Offer("server_no_context_takeover")));
    }

    [Fact]
    public void Who_keeps_a_context_or_masks_makes_a_frame_of_its_own()
    {
        using var context = new WebSocketProtocol(WebSocketRole.Server, extensions: [Accept(Offer(""))]);
        using var client = new WebSocketProtocol(WebSocketRole.Client);

        Assert.False(context.TryGetFrame(Prepared, out _));
        Assert.False(client.TryGetFrame(Prepared, out _));
    }

    [Fact]
    public void Threads_that_want_it_at_once_get_one_frame()
    {
        var message = new PreparedMessage(Prepared.Message);
        ConcurrentBag<byte[]> frames = [];
        Parallel.For(0, 32, _ => frames.Add(FrameOf(message, Offer("server_no_context_takeover"))));

        Assert.Single(frames.Distinct());
    }

    private static ExtensionOffer Offer(string parameters) =>
        new("permessage-deflate", [.. parameters.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=')).Select(parts => new ExtensionParameter(parts[0], parts.Length > 1 ? parts[1] : null))]);

    private static ExtensionInstance Accept(ExtensionOffer offer) => new DeflateMessage().Accept(offer)!.Instance;

    private static byte[] FrameOf(PreparedMessage message, ExtensionOffer offer)
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server, extensions: [Accept(offer)]);
        Assert.True(engine.TryGetFrame(message, out byte[]? frame));
        return frame;
    }
}
