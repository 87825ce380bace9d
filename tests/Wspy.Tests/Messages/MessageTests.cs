namespace Wspy.Tests;

public class MessageTests
{
    [Fact]
    public void A_message_is_text_or_binary()
    {
        Assert.Equal("é", Assert.IsType<TextMessage>(Message.Create(Opcode.Text, "é"u8.ToArray())).Text);
        Assert.Equal([0xFF], Assert.IsType<BinaryMessage>(Message.Create(Opcode.Binary, new byte[] { 0xFF })).Payload.ToArray());
        foreach (Opcode opcode in (Opcode[])[Opcode.Continuation, (Opcode)3, Opcode.Close, Opcode.Ping])
        {
            Assert.Throws<ArgumentException>("opcode", () => Message.Create(opcode, default));
        }
    }

    [Fact]
    public void Section_5_6_text_is_judged_unless_the_protocol_did()
    {
        byte[] invalid = [0xC3, 0x28];
        Assert.Throws<ArgumentException>("utf8", () => Message.Create(Opcode.Text, invalid));
        Assert.Equal(invalid, Assert.IsType<TextMessage>(Message.CreateTrusted(Opcode.Text, invalid)).Payload.ToArray());
        Assert.Equal(invalid, Assert.IsType<BinaryMessage>(Message.CreateTrusted(Opcode.Binary, invalid)).Payload.ToArray());
    }
}
