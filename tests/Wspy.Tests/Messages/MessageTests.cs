namespace Wspy.Tests;

public class MessageTests
{
    [Fact]
    public void A_message_is_text_or_binary_or_of_an_opcode_for_extensions()
    {
        Assert.Equal("é", Assert.IsType<TextMessage>(Message.Create(Opcode.Text, "é"u8.ToArray())).Text);
        Assert.Equal([0xFF], Assert.IsType<BinaryMessage>(Message.Create(Opcode.Binary, new byte[] { 0xFF })).Payload.ToArray());
        foreach (Opcode opcode in (Opcode[])[Opcode.Continuation, Opcode.Close, Opcode.Ping, (Opcode)0xB, (Opcode)0xF])
        {
            Assert.Throws<ArgumentException>("opcode", () => Message.Create(opcode, default));
            Assert.Throws<ArgumentException>("opcode", () => new ExtensionMessage(opcode, default));
        }

        Assert.Throws<ArgumentException>("opcode", () => new ExtensionMessage(Opcode.Text, default));
        foreach (Opcode opcode in (Opcode[])[(Opcode)0x3, (Opcode)0x7])
        {
            ExtensionMessage message = Assert.IsType<ExtensionMessage>(Message.Create(opcode, new byte[] { 0xFF }));
            Assert.Equal((opcode, 1), (message.Opcode, message.Payload.Length));
            Assert.Throws<ArgumentException>("message", () => new PreparedMessage(message));
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
