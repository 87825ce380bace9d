using System.Text;

namespace Wspy.Tests;

public class MessageViewTests
{
    [Fact]
    public void It_shows_the_payload_where_it_lies_and_copies_it_on_demand()
    {
        byte[] buffer = "text"u8.ToArray();
        var view = new MessageView(Opcode.Text, buffer);
        Assert.True(view.IsText);
        Assert.Equal(Opcode.Text, view.Opcode);
        Assert.True(view.Payload.Overlaps(buffer));
        Assert.Equal("text", view.GetText());
        Message kept = view.ToMessage();
        buffer.AsSpan().Fill(0xDD);
        Assert.Equal("text", Assert.IsType<TextMessage>(kept).Text);
    }

    [Fact]
    public void Binary_is_text_only_when_it_is_UTF_8()
    {
        Assert.False(new MessageView(Opcode.Binary, []).IsText);
        Assert.Equal("é", new MessageView(Opcode.Binary, "é"u8).GetText());
        Assert.Throws<DecoderFallbackException>(() => new MessageView(Opcode.Binary, [0xC3]).GetText());
        Assert.Equal([0xC3], Assert.IsType<BinaryMessage>(new MessageView(Opcode.Binary, [0xC3]).ToMessage()).Payload.ToArray());
    }
}
