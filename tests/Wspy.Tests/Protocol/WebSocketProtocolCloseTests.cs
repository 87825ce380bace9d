using System.Buffers;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

/// <summary>Who closed, with what, and when the stream should end (RFC 6455 §7).</summary>
public class WebSocketProtocolCloseTests
{
    private static readonly CloseInfo Lost = new() { Code = CloseCode.AbnormalClosure, Initiator = CloseInitiator.Transport };

    [Fact]
    public void Section_5_5_1_the_peers_close_is_answered_with_its_code_and_reason()
    {
        EventLog log = Conversation.Receive(w => w.Close(4321, "a reason"));
        Assert.Equal(["Close 4321 'a reason'", "> Close 4321 'a reason'"], log.Events);
        Assert.Equal("None LocalClose Now", log.Expectations);
        Assert.Equal(new CloseInfo { Code = (CloseCode)4321, Reason = "a reason", Initiator = CloseInitiator.Peer, WasClean = true }, log.Info);
    }

    [Fact]
    public void Section_7_1_2_this_ends_close_is_complete_with_the_peers_answer()
    {
        EventLog log = Conversation.Receive(w => w.Close(1001, "bye"), before: static (engine, output) => engine.WriteClose(output, CloseCode.GoingAway, "going"));
        Assert.Equal(["> Close 1001 'going'", "Close 1001 'bye'"], log.Events);
        Assert.Equal("PeerClose Now", log.Expectations);
        Assert.Equal(new CloseInfo { Code = CloseCode.GoingAway, Reason = "going", Initiator = CloseInitiator.Local, WasClean = true }, log.Info);
    }

    [Fact]
    public void Section_7_1_2_a_close_without_a_code_is_1005()
    {
        EventLog log = Conversation.Receive(w => w.Close(), before: static (engine, output) => engine.WriteClose(output, null));
        Assert.Equal(["> Close", "Close"], log.Events);
        Assert.Equal(new CloseInfo { Code = CloseCode.NoStatusReceived, Initiator = CloseInitiator.Local, WasClean = true }, log.Info);
    }

    [Fact]
    public void Section_5_5_1_data_that_the_peer_sends_before_its_answer_still_arrives()
    {
        EventLog log = Conversation.Receive(
            w => [.. w.Text("one"), .. w.Text("tw", fin: false), .. w.Pong("x"), .. w.More("o"), .. w.Close(1000)],
            before: static (engine, output) => engine.WriteClose(output, CloseCode.NormalClosure));
        Assert.Equal(["> Close 1000 ''", "Text 'one'", "Pong 'x'", "Text 'two'", "Close 1000 ''"], log.Events);
        Assert.True(log.Info.WasClean);
    }

    [Fact]
    public void Section_5_5_1_whatever_follows_a_close_is_discarded()
    {
        EventLog log = Conversation.Receive(w => [.. w.Close(1000), .. w.Text("late"), .. w.Ping("late"), .. w.Close(1001), 0xFF, 0xFF]);
        Assert.Equal(["Close 1000 ''", "> Close 1000 ''"], log.Events);
        Assert.Equal(ProtocolViolation.None, log.Violation.Kind);
    }

    [Fact]
    public void Section_5_4_a_close_may_come_inside_a_fragmented_message()
    {
        EventLog log = Conversation.Receive(w => [.. w.Text("unfini", fin: false), .. w.Close(1000, "c"), .. w.More("shed")]);
        Assert.Equal(["Close 1000 'c'", "> Close 1000 'c'"], log.Events);
    }

    [Fact]
    public void This_end_may_close_inside_its_own_fragmented_message()
    {
        EventLog log = Conversation.Receive(w => w.Close(1000), before: static (engine, output) =>
        {
            engine.WriteFrame(output, Opcode.Text, "unfini"u8, fin: false);
            engine.WriteClose(output, CloseCode.NormalClosure);
            Assert.Throws<InvalidOperationException>(() => engine.WriteFrame(output, Opcode.Continuation, "shed"u8));
        });
        Assert.Equal(["> Text 'unfini' ...", "> Close 1000 ''", "Close 1000 ''"], log.Events);
        Assert.True(log.Info.WasClean);
    }

    [Fact]
    public void Section_7_1_6_when_both_close_at_once_each_was_first_and_both_are_clean()
    {
        using var client = new WebSocketProtocol(WebSocketRole.Client);
        using var server = new WebSocketProtocol(WebSocketRole.Server);
        var fromClient = new ArrayBufferWriter<byte>();
        var fromServer = new ArrayBufferWriter<byte>();
        Assert.True(client.WriteClose(fromClient, (CloseCode)4001, "client"));
        Assert.True(server.WriteClose(fromServer, (CloseCode)4002, "server"));
        Assert.Equal(CloseExpectation.PeerClose, client.CloseExpectation);
        Assert.Equal(ProtocolEventKind.Close, Feed(client, fromServer.WrittenSpan));
        Assert.Equal(ProtocolEventKind.Close, Feed(server, fromClient.WrittenSpan));
        Assert.False(client.HasPendingOutput);
        Assert.False(server.HasPendingOutput);
        Assert.Equal(CloseExpectation.EndOfStream, client.CloseExpectation);
        Assert.Equal(CloseExpectation.Now, server.CloseExpectation);
        Assert.Equal(new CloseInfo { Code = (CloseCode)4001, Reason = "client", Initiator = CloseInitiator.Local, WasClean = true }, client.GetCloseInfo());
        Assert.Equal(new CloseInfo { Code = (CloseCode)4002, Reason = "server", Initiator = CloseInitiator.Local, WasClean = true }, server.GetCloseInfo());
    }

    [Fact]
    public void A_close_takes_the_place_of_a_pong_that_is_due()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server);
        Feed(engine, Conversation.Peer(WebSocketRole.Server).Ping("a"));
        Assert.True(engine.HasPendingOutput);
        var output = new ArrayBufferWriter<byte>();
        Assert.True(engine.WriteClose(output, CloseCode.NormalClosure));
        Assert.False(engine.HasPendingOutput);
        engine.WritePending(output);
        Assert.Equal(["Close 1000 ''"], Conversation.Decode(output.WrittenSpan, engine.Role).Select(Conversation.Describe));

        foreach (Func<Wire, byte[]> ending in (Func<Wire, byte[]>[])[w => w.Close(1000), w => w.Header((Opcode)3, 0)])
        {
            using var other = new WebSocketProtocol(WebSocketRole.Server);
            Wire wire = Conversation.Peer(WebSocketRole.Server);
            Feed(other, wire.Ping("a"));
            Feed(other, ending(wire));
            output.ResetWrittenCount();
            other.WritePending(output);
            Assert.Equal(Opcode.Close, Assert.Single(Conversation.Decode(output.WrittenSpan, other.Role)).Opcode);
        }
    }

    [Fact]
    public void A_second_close_is_not_sent()
    {
        foreach (WebSocketRole role in (WebSocketRole[])[WebSocketRole.Client, WebSocketRole.Server])
        {
            using var engine = new WebSocketProtocol(role);
            var output = new ArrayBufferWriter<byte>();
            Assert.True(engine.CanSend);
            Assert.True(engine.WriteClose(output, CloseCode.NormalClosure, "first"));
            Assert.False(engine.CanSend);
            Assert.False(engine.WriteClose(output, CloseCode.GoingAway, "second"));
            Assert.Equal(["Close 1000 'first'"], Conversation.Decode(output.WrittenSpan, role).Select(Conversation.Describe));

            // Nor beside an answer that is due.
            using var answering = new WebSocketProtocol(role);
            Feed(answering, Conversation.Peer(role).Close(1000));
            Assert.False(answering.CanSend);
            Assert.True(answering.HasPendingOutput);
            Assert.False(answering.CloseSent);
            Assert.False(answering.WriteClose(output, CloseCode.GoingAway));
            Assert.Throws<InvalidOperationException>(() => answering.WriteFrame(output, Opcode.Text, []));
        }
    }

    [Fact]
    public void Section_7_1_7_a_violation_after_this_ends_close_sends_no_second_close_and_ends_the_stream()
    {
        EventLog log = Conversation.Receive(w => w.Header((Opcode)3, 0), before: static (engine, output) => engine.WriteClose(output, CloseCode.NormalClosure));
        Assert.Equal(["> Close 1000 ''", "Failed ReservedOpcode"], log.Events);
        Assert.Equal("PeerClose Now", log.Expectations);
        Assert.Equal(new CloseInfo { Code = CloseCode.ProtocolError, Reason = "Opcode 0x3 is reserved", Initiator = CloseInitiator.Local }, log.Info);
    }

    [Fact]
    public void Section_7_1_7_a_malformed_close_fails_the_connection_and_was_not_received()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Assert.Equal(ProtocolEventKind.Failed, Feed(engine, Conversation.Peer(WebSocketRole.Client).Close(1005)));
        Assert.False(engine.CloseReceived);
        Assert.Equal(CloseExpectation.LocalClose, engine.CloseExpectation);
        Assert.Throws<InvalidOperationException>(() => engine.BeginFrame(Opcode.Text, 0));
    }

    [Fact]
    public void Section_7_1_5_a_stream_that_ends_before_any_close_is_1006()
    {
        foreach (Func<Wire, byte[]> script in (Func<Wire, byte[]>[])
            [_ => [], w => w.Text("a"), w => w.Text("a", fin: false), w => w.Text("abc").AsSpan(0, 3).ToArray(), w => w.Ping("abc").AsSpan()[..^1].ToArray(), w => [w.Text("a")[0]]])
        {
            EventLog log = Conversation.Receive(script);
            Assert.Equal(Lost, log.Info);
            Assert.Equal("None", log.Expectations);
        }
    }

    [Fact]
    public void Section_7_1_5_a_stream_that_ends_before_the_peers_answer_is_1006_of_this_ends_making()
    {
        EventLog log = Conversation.Receive(w => w.Text("a"), before: static (engine, output) => engine.WriteClose(output, CloseCode.NormalClosure));
        Assert.Equal(Lost with { Initiator = CloseInitiator.Local }, log.Info);
        Assert.Equal("PeerClose", log.Expectations);
    }

    [Fact]
    public void A_stream_that_ends_before_the_answer_to_the_peers_close_is_out_was_not_closed_cleanly()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server);
        Feed(engine, Conversation.Peer(WebSocketRole.Server).Close(1000, "r"));
        engine.ReceiveEndOfStream();
        Assert.Equal(CloseExpectation.Now, engine.CloseExpectation);
        var expected = new CloseInfo { Code = CloseCode.NormalClosure, Reason = "r", Initiator = CloseInitiator.Peer };
        Assert.Equal(expected, engine.GetCloseInfo());

        // A peer that only stopped sending can still take it.
        var output = new ArrayBufferWriter<byte>();
        engine.WritePending(output);
        Assert.True(engine.CloseSent);
        Assert.Equal(["Close 1000 'r'"], Conversation.Decode(output.WrittenSpan, engine.Role).Select(Conversation.Describe));
        Assert.Equal(expected with { WasClean = true }, engine.GetCloseInfo());
    }

    [Fact]
    public void Nothing_but_the_answers_that_are_due_can_be_sent_after_the_end_of_the_stream()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        engine.ReceiveEndOfStream();
        var output = new ArrayBufferWriter<byte>();
        Assert.False(engine.CanSend);
        Assert.False(engine.WriteClose(output, CloseCode.NormalClosure));
        Assert.Throws<InvalidOperationException>(() => engine.WriteFrame(output, Opcode.Text, []));
        engine.WritePending(output);
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal(CloseExpectation.Now, engine.CloseExpectation);
        Assert.Equal(Lost, engine.GetCloseInfo());
    }

    [Fact]
    public void A_violation_stays_the_cause_when_the_stream_ends_before_the_close_is_out()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Feed(engine, Conversation.Peer(WebSocketRole.Client).Header((Opcode)3, 0));
        engine.ReceiveEndOfStream();
        Assert.Equal(CloseExpectation.Now, engine.CloseExpectation);
        Assert.Equal((CloseCode.ProtocolError, CloseInitiator.Local, false), (engine.GetCloseInfo().Code, engine.GetCloseInfo().Initiator, engine.GetCloseInfo().WasClean));
    }

    private static ProtocolEventKind Feed(WebSocketProtocol engine, ReadOnlySpan<byte> bytes)
    {
        Span<byte> input = bytes.ToArray();
        return engine.Read(ref input).Kind;
    }
}
