using System.CommandLine;
using Wspy.Tool.Bench;

namespace Wspy.Tool.Tests.Bench;

public class BenchCommandTests
{
    [Theory]
    [InlineData("ws://localhost:8000/")]
    [InlineData("wss://localhost/ --insecure --binary --verify")]
    [InlineData("ws://localhost:1/a?b -c 1000 -s 0 -w 16 -t 2 -d 0.5 --warmup 0 --utf8")]
    [InlineData("ws://localhost/ --rate 2500.5 --quiet")]
    [InlineData("ws://localhost/ --handshakes -c 64")]
    [InlineData("ws://localhost/ -c 0 --idle 100 --pid 1")]
    [InlineData("ws://a/ --deflate --data /etc/passwd")]
    [InlineData("ws://a/ --deflate-no-context --binary --data /bin/sh -s 1024")]
    [InlineData("ws://a/ --compare ws://b/ ws://c/ --pid 1 2 3 --rounds 9")]
    [InlineData("ws://a/ --compare ws://b/ --compare ws://c/ --pid 1 --pid 2")]
    public void Good_options_are_taken(string line) => Assert.Empty(Errors(line));

    [Theory]
    [InlineData("localhost:8000", "A server's address is such as ws://localhost:8000/, not localhost:8000.")]
    [InlineData("ftp://localhost/", "not ftp://localhost/.")]
    [InlineData("ws://a/#top", "not ws://a/#top.")]
    [InlineData("ws://a/ --compare ws://b/ nonsense", "not nonsense.")]
    [InlineData("ws://a/ --connections -1", "--connections takes 0 to 1,000,000, not -1.")]
    [InlineData("ws://a/ --connections many", "--connections takes 0 to 1,000,000, not many.")]
    [InlineData("ws://a/ --rate fast --handshakes", "fast")]
    [InlineData("ws://a/ --pid server", "server")]
    [InlineData("ws://a/ --connections 0", "--connections 0 needs --idle connections to hold.")]
    [InlineData("ws://a/ --size 10M", "--size takes 0 to 1,073,741,824, not 10M.")]
    [InlineData("ws://a/ --window 1.5", "--window takes 1 to 100,000, not 1.5.")]
    [InlineData("ws://a/ --size 1073741825", "--size takes 0 to 1,073,741,824, not 1073741825.")]
    [InlineData("ws://a/ --window 0", "--window takes 1 to 100,000, not 0.")]
    [InlineData("ws://a/ --rate -3", "--rate takes 0 to 10,000,000, not -3.")]
    [InlineData("ws://a/ --duration 0", "--duration takes 0.01 to 86,400, not 0.")]
    [InlineData("ws://a/ --duration NaN", "--duration takes 0.01 to 86,400, not NaN.")]
    [InlineData("ws://a/ --warmup -1", "--warmup takes 0 to 86,400, not -1.")]
    [InlineData("ws://a/ --threads 0", "--threads takes 1 to 1,024, not 0.")]
    [InlineData("ws://a/ --rounds 0", "--rounds takes 1 to 10,000, not 0.")]
    [InlineData("ws://a/ --text --binary", "--text, --utf8 and --binary do not go together.")]
    [InlineData("ws://a/ --deflate --deflate-no-context", "--deflate and --deflate-no-context do not go together.")]
    [InlineData("ws://a/ --data /nowhere/at/all", "--data cannot be read: Could not find")]
    [InlineData("ws://a/ --data /dev/null", "--data takes a file of 1 to 67,108,864 bytes, and /dev/null has 0.")]
    [InlineData("ws://a/ --data /bin/sh", "--data of text is a file of ASCII characters")]
    [InlineData("ws://a/ --data /etc/passwd --utf8", "--data and --utf8 do not go together.")]
    [InlineData("ws://a/ --handshakes --rate 10", "--handshakes makes --connections of them at a time, at least 1, and has no --rate.")]
    [InlineData("ws://a/ --handshakes -c 0 --idle 1", "--handshakes makes --connections of them at a time, at least 1, and has no --rate.")]
    [InlineData("ws://a/ --pid 1 2", "--pid is given 2 times, for 1 server.")]
    [InlineData("ws://a/ --json /nowhere/at/all.json", "/nowhere/at")]
    public void Each_wrong_option_is_told_once_and_by_name(string line, string expected) =>
        Assert.Contains(expected, Assert.Single(Errors(line)), StringComparison.Ordinal);

    [Fact]
    public void A_server_is_needed() => Assert.NotEmpty(Errors("--quiet"));

    private static List<string> Errors(string line) => [.. BenchCommand.Create().Parse(line).Errors.Select(error => error.Message)];
}
