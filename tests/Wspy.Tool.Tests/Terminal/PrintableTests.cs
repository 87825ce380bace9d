using Wspy.Tool.Terminal;

namespace Wspy.Tool.Tests.Terminal;

public class PrintableTests
{
    [Theory]
    [InlineData("Grüße, 世界 🌍", "Grüße, 世界 🌍")]
    [InlineData("red\u001b[31m", "red\\u001B[31m")]
    [InlineData("one\r\ntwo", "one\\u000D\\u000Atwo")]
    [InlineData("\u202Egnp.exe", "\\u202Egnp.exe")]
    [InlineData("\u2028", "\\u2028")]
    public void What_a_terminal_would_obey_is_written_out(string text, string expected) => Assert.Equal(expected, Printable.From(text));
}
