using System.Text;

namespace Wspy.Tests;

public class TextMessageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("é€😀")]
    public void Section_5_6_text_and_UTF_8_are_two_sides_of_it(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        foreach (TextMessage message in (TextMessage[])[new TextMessage(text), new TextMessage(utf8)])
        {
            Assert.Equal(Opcode.Text, message.Opcode);
            Assert.Equal(utf8, message.Payload.ToArray());
            Assert.Equal(text, message.Text);
            Assert.Equal(text, message.ToString());
            Assert.Same(message.Text, message.Text);
        }

        Assert.Same(text, new TextMessage(text).Text);
    }

    [Fact]
    public void What_is_no_text_is_refused()
    {
        Assert.Throws<ArgumentNullException>("text", () => new TextMessage((string)null!));
        Assert.Throws<EncoderFallbackException>(() => new TextMessage("a\uD800"));
        Assert.Throws<ArgumentException>("utf8", () => new TextMessage(new byte[] { 0x61, 0xC3 }));
    }

    [Fact]
    public void Bytes_are_not_copied()
    {
        byte[] utf8 = "abc"u8.ToArray();
        Assert.True(new TextMessage(utf8).Payload.Span.Overlaps(utf8));
    }
}
