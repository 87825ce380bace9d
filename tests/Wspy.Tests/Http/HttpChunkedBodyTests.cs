using System.Text;
using Wspy.Buffers;

namespace Wspy.Tests.Http;

/// <summary>Bodies in chunks (RFC 9112 §7.1), received in any pieces.</summary>
public class HttpChunkedBodyTests
{
    [Theory]
    [InlineData("0\r\n\r\n", "", "")]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello", "")]
    [InlineData("5\r\nhello\r\n0\r\n\r\nHTTP/1.1", "hello", "HTTP/1.1")]
    [InlineData("1\r\na\r\n01\r\nb\r\n000\r\n\r\n", "ab", "")]
    [InlineData("A\r\n0123456789\r\n0\r\n\r\n", "0123456789", "")]
    [InlineData("b\r\n0123456789a\r\n0\r\n\r\n", "0123456789a", "")]
    [InlineData("5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n", "")]
    [InlineData("2;name=value\r\nhi\r\n0;last\r\n\r\n", "hi", "")]
    [InlineData("2 ; name=\"a;b\"\r\nhi\r\n0\r\n\r\n", "hi", "")]
    [InlineData("2\r\nhi\r\n0\r\nOne: 1\r\nTwo: 2\r\n\r\nrest", "hi", "rest")]
    public void A_whole_one(string received, string content, string rest)
    {
        for (int piece = 1; piece <= received.Length; piece++)
        {
            Assert.Equal((true, true, content, rest), Receive(received, piece));
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("5", "")]
    [InlineData("5\r\nhel", "hel")]
    [InlineData("5\r\nhello", "hello")]
    [InlineData("5\r\nhello\r\n0\r\n", "hello")]
    [InlineData("0\r\nTrailer: 1\r\n", "")]
    public void One_that_goes_on(string received, string content) => Assert.Equal((false, false, content, ""), Receive(received, 1));

    [Theory]
    [InlineData("\r\n")]
    [InlineData("x\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("+1\r\na\r\n0\r\n\r\n")]
    [InlineData(" 1\r\na\r\n0\r\n\r\n")]
    [InlineData("0x1\r\na\r\n0\r\n\r\n")]
    [InlineData(";x\r\n")]
    [InlineData("1\na\n0\n\n")]
    [InlineData("1\rxa\r\n0\r\n\r\n")]
    [InlineData("1;x\na\r\n0\r\n\r\n")]
    [InlineData("1\r\nab\r\n0\r\n\r\n", "a")]
    [InlineData("1\r\na\n0\r\n\r\n", "a")]
    [InlineData("1\r\na\rx0\r\n\r\n", "a")]
    [InlineData("0\r\nA: 1\n\r\n")]
    [InlineData("0\r\nA: 1\rB: 2\r\n\r\n")]
    [InlineData("0\r\n\n")]
    [InlineData("0\r\n\rx")]
    [InlineData("1000000000000000\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\n")]
    public void A_malformed_one_is_over_and_not_complete(string received, string content = "")
    {
        (bool isOver, bool isComplete, string kept, _) = Receive(received, 1);
        Assert.Equal((true, false, content), (isOver, isComplete, kept));
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFF\r\n0123456789")]
    [InlineData("4\r\n0123\r\n9\r\n456789")]
    [InlineData("8\r\n01234567\r\n0\r\n\r\n")]
    public void One_that_is_too_large_is_over_when_the_limit_is_full(string received)
    {
        (bool isOver, bool isComplete, string kept, _) = Receive(received, 3, maxSize: 8);
        Assert.Equal((true, false, "01234567"), (isOver, isComplete, kept));
    }

    private static (bool IsOver, bool IsComplete, string Content, string Left) Receive(string received, int piece, int maxSize = 1000)
    {
        var body = new HttpChunkedBody();
        using var content = new PooledBuffer();
        byte[] bytes = Encoding.Latin1.GetBytes(received);
        bool isOver = false;
        int taken = 0;
        for (int end = 0; end < bytes.Length && !isOver;)
        {
            end = Math.Min(end + piece, bytes.Length);
            ReadOnlySpan<byte> input = bytes.AsSpan(taken..end);
            isOver = body.Receive(ref input, content, maxSize);
            taken = end - input.Length;
        }

        return (isOver, body.IsComplete, Encoding.Latin1.GetString(content.WrittenSpan), received[taken..]);
    }
}
