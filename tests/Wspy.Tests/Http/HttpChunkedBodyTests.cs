using System.Text;

namespace Wspy.Tests.Http;

public sealed class HttpChunkedBodyTests
{
    // RFC 9112 §7.1
    [Theory]
    [InlineData("0\r\n\r\n", "")]
    [InlineData("4\r\nbusy\r\n0\r\n\r\n", "busy")]
    [InlineData("1\r\nb\r\n3\r\nusy\r\n00\r\n\r\n", "busy")]
    [InlineData("0a; name=value\r\n0123456789\r\n0 \r\n\r\n", "0123456789")]
    [InlineData("A\r\n0123\r\n6789\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n", "0123\r\n6789")]
    public void Chunks_are_joined_at_every_split(string wire, string expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(wire);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            var body = new HttpChunkedBody();
            string found = Read(ref body, bytes.AsSpan(0, cut), out _);
            Assert.Equal(cut == bytes.Length, body.IsOver);
            found += Read(ref body, [.. bytes.AsSpan(cut), .. "behind"u8], out int left);
            Assert.Equal(expected, found);
            Assert.True(body.IsOver);
            Assert.Equal("behind".Length, left);
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData(";\r\n")]
    [InlineData(" 4\r\nbusy\r\n")]
    [InlineData("-4\r\nbusy\r\n")]
    [InlineData("0x4\r\nbusy\r\n")]
    [InlineData("4\nbusy\r\n")]
    [InlineData("4; a\nbusy\r\n")]
    [InlineData("4\r\nbusy0\r\n")]
    [InlineData("4\r\nbusy\r0\r\n")]
    [InlineData("1234567890123456\r\n")]
    [InlineData("0\r\n\rx")]
    public void What_is_no_chunk_ends_the_body(string wire)
    {
        var body = new HttpChunkedBody();
        Read(ref body, Encoding.ASCII.GetBytes(wire), out _);
        Assert.True(body.IsOver);
    }

    private static string Read(ref HttpChunkedBody body, ReadOnlySpan<byte> input, out int left)
    {
        var found = new StringBuilder();
        ReadOnlySpan<byte> piece;
        while ((piece = body.Next(ref input)).Length > 0)
        {
            found.Append(Encoding.ASCII.GetString(piece));
        }

        left = input.Length;
        return found.ToString();
    }
}
