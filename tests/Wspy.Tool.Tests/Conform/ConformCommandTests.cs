using Wspy.Tool.Conform;

namespace Wspy.Tool.Tests.Conform;

public class ConformCommandTests
{
    [Theory]
    [InlineData("ws://localhost:8000/")]
    [InlineData("wss://localhost/chat?room=1 --insecure --header Authorization:x -H A:b")]
    [InlineData("http://localhost -o 1 2.1 5.1.2 *.1.? -x 9 12 -j 1 --timeout 0.5 --no-echo --strict")]
    [InlineData("--listen 0")]
    [InlineData("--listen 127.0.0.1:9001")]
    [InlineData("--listen [::1]:9001")]
    [InlineData("--listen 0 --tls")]
    [InlineData("--list --only 5")]
    public void Good_options_are_taken(string line) => Assert.Empty(Errors(line));

    [Theory]
    [InlineData("", "Give the URL of a server, or --listen and a port for clients.")]
    [InlineData("ws://localhost --listen 9001", "Give the URL of a server, or --listen and a port for clients.")]
    [InlineData("nonsense", "not nonsense.")]
    [InlineData("ftp://localhost/", "not ftp://localhost/.")]
    [InlineData("--listen 65536", "--listen takes a port, or address:port, not 65536.")]
    [InlineData("--listen x:1", "--listen takes a port, or address:port, not x:1.")]
    [InlineData("wss://localhost --tls", "--tls is for --listen; a server's URL says wss:// instead.")]
    [InlineData("--listen 0 --tls /nowhere/cert.pfx", "/nowhere/cert.pfx")]
    [InlineData("--listen 0 --tls-password x", "--tls-password needs --tls with a file.")]
    [InlineData("ws://localhost --parallel 0", "--parallel takes a positive number, not 0.")]
    [InlineData("ws://localhost --timeout -1", "--timeout takes a positive number, not -1.")]
    [InlineData("ws://localhost --timeout soon", "soon")]
    [InlineData("ws://localhost --header Authorization", "--header takes a name, a colon and a value.")]
    [InlineData("ws://localhost --expect /nowhere/expected", "/nowhere/expected")]
    public void Each_wrong_option_is_told_once_and_by_name(string line, string expected) =>
        Assert.Contains(expected, Assert.Single(Errors(line)), StringComparison.Ordinal);

    private static List<string> Errors(string line) => [.. ConformCommand.Create().Parse(line).Errors.Select(error => error.Message)];
}
