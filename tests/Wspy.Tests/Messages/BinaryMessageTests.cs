namespace Wspy.Tests;

public class BinaryMessageTests
{
    [Fact]
    public void It_refers_to_the_bytes_that_it_was_given()
    {
        byte[] payload = [1, 2, 0xFF];
        var message = new BinaryMessage(payload);
        Assert.Equal(Opcode.Binary, message.Opcode);
        Assert.True(message.Payload.Span.Overlaps(payload));
        Assert.Equal("Binary, 3 bytes", message.ToString());
        Assert.Equal("Binary, 0 bytes", new BinaryMessage(default).ToString());
    }
}
