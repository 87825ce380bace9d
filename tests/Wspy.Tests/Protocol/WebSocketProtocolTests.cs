using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

public class WebSocketProtocolTests
{
    [Fact]
    public void A_new_engine_is_open_and_expects_nothing()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Server);
        Assert.Equal(WebSocketRole.Server, engine.Role);
        Assert.Equal(new ProtocolOptions(), engine.Options);
        Assert.Equal(default, engine.Violation);
        Assert.Equal((true, false, false, false, false), (engine.CanSend, engine.CloseSent, engine.CloseReceived, engine.HasEnded, engine.HasPendingOutput));
        Assert.Equal(CloseExpectation.None, engine.CloseExpectation);
    }

    [Fact]
    public void Options_can_be_replaced_between_two_messages()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client, new ProtocolOptions { Delivery = DeliveryUnit.Frame });
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        Span<byte> input = (byte[])[.. wire.Text("a", fin: false), .. wire.More("b"), .. wire.Text("c", fin: false), .. wire.More("d"), .. wire.Text("ef")];
        Assert.Equal("a"u8, engine.Read(ref input).Payload);
        Assert.Equal("b"u8, engine.Read(ref input).Payload);
        engine.Options = engine.Options with { Delivery = DeliveryUnit.Message };
        Assert.Equal("cd"u8, engine.Read(ref input).Payload);
        engine.Options = engine.Options with { MaxMessageSize = 1 };
        Assert.Equal(ProtocolEventKind.Failed, engine.Read(ref input).Kind);
        Assert.Equal(new Violation(ProtocolViolation.MessageTooLarge, 2, 1), engine.Violation);
        Assert.Throws<ArgumentNullException>("value", () => engine.Options = null!);
    }

    [Fact]
    public void A_limit_lowered_below_what_has_come_already_is_exceeded_by_the_next_fragment()
    {
        using var engine = new WebSocketProtocol(WebSocketRole.Client);
        Wire wire = Conversation.Peer(WebSocketRole.Client);
        Span<byte> input = wire.Text("0123456789", fin: false);
        engine.Read(ref input);
        engine.Options = engine.Options with { MaxMessageSize = 5 };
        input = wire.More("");
        Assert.Equal(ProtocolEventKind.Failed, engine.Read(ref input).Kind);
        Assert.Equal(new Violation(ProtocolViolation.MessageTooLarge, 10, 5), engine.Violation);
    }

    [Fact]
    public void Dispose_can_be_repeated()
    {
        var engine = new WebSocketProtocol(WebSocketRole.Client);
        Span<byte> input = Conversation.Peer(WebSocketRole.Client).Text("abc", fin: false);
        engine.Read(ref input);
        engine.Dispose();
        engine.Dispose();
    }
}
