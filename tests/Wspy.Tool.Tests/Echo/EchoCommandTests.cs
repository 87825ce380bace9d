using System.CommandLine;
using Wspy.Tool.Echo;

namespace Wspy.Tool.Tests.Echo;

public class EchoCommandTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--host localhost --port 0")]
    [InlineData("--host 0.0.0.0 -p 65535 --max-message-size 1")]
    [InlineData("--max-message-size 10m --subprotocol a --subprotocol b")]
    [InlineData("--max-message-size 512K --verbose")]
    [InlineData("--engine loop --loops 4 --poller portable --no-compression")]
    [InlineData("--engine threads --tls")]
    [InlineData("--tls --quiet")]
    [InlineData("--host localhost --host ::1 --port 0")]
    [InlineData("--unix /tmp/echo --unix @echo")]
    [InlineData("--inherited --host 127.0.0.1")]
    public void Good_options_are_taken(string line) => Assert.Empty(Errors(line));

    [Theory]
    [InlineData("--port 65536", "--port takes 0–65535, not 65536.")]
    [InlineData("--port -1", "--port takes 0–65535, not -1.")]
    [InlineData("--host example", "--host takes localhost or an IP address of this machine, not example.")]
    [InlineData("--host ::1 --host example", "--host takes localhost or an IP address of this machine, not example.")]
    [InlineData("--unix @", "--unix takes a path, or @ and a name, of at most 107 bytes, not @.")]
    [InlineData("--unix /0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678", "at most 107 bytes")]
    [InlineData("--max-message-size 0", "1 to 2,147,483,647")]
    [InlineData("--max-message-size 2048M", "1 to 2,147,483,647")]
    [InlineData("--max-message-size M", "1 to 2,147,483,647")]
    [InlineData("--max-message-size -5", "1 to 2,147,483,647")]
    [InlineData("--subprotocol a,b", "a,b")]
    [InlineData("--origin nonsense", "nonsense")]
    [InlineData("--quiet --verbose", "--quiet and --verbose do not go together.")]
    [InlineData("--tls-password x", "--tls-password needs --tls with a file.")]
    [InlineData("--tls --tls-password x", "--tls-password needs --tls with a file.")]
    [InlineData("--tls /nowhere/cert.pfx", "/nowhere/cert.pfx")]
    [InlineData("--engine fibers", "fibers")]
    [InlineData("--poller select", "select")]
    [InlineData("--loops -1", "--loops takes 0–1024, not -1.")]
    [InlineData("--engine threads --loops 2", "--loops is for --engine loop.")]
    [InlineData("--engine threads --poller portable", "--poller is for --engine loop.")]
    public void Each_wrong_option_is_told_once_and_by_name(string line, string expected) =>
        Assert.Contains(expected, Assert.Single(Errors(line)), StringComparison.Ordinal);

    private static List<string> Errors(string line) =>
        [.. EchoCommand.Create().Parse(line, new ParserConfiguration { ResponseFileTokenReplacer = null }).Errors.Select(error => error.Message)];
}
