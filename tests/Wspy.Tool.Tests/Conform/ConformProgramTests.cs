using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Wspy.Tool.Tests.Echo;

namespace Wspy.Tool.Tests.Conform;

/// <summary><c>wspy conform</c> as a person starts it: what it says, what it writes, and its exit code.</summary>
public sealed class ConformProgramTests(EchoServerFixture server) : IClassFixture<EchoServerFixture>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wspy-conform-");

    private string Url => server.WebSocket("/").ToString();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Cases_are_chosen_and_left_out()
    {
        ToolResult result = await ToolProcess.RunAsync("conform", Url, "--only", "2.2", "5.4.*", "--exclude", "2.2.3", "5.4.1?");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        // Of 11 all but one, and of 20 all but those from 10 to 19.
        Assert.Matches("^20 cases in [0-9.]+ s: nothing failed.$", result.Output.TrimEnd().Split('\n')[^1]);
    }

    [Fact]
    public async Task What_is_listed_is_not_run()
    {
        ToolResult result = await ToolProcess.RunAsync("conform", "--list", "--only", "8.1.1", "8.2.1", "2.1.1");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(
            ["2.1.1     Pings of all sizes: Ping of 0 bytes", "8.1.1     Frames that a client did not mask: Text (servers)", "8.2.1     Frames that a server masked: Text (clients)"],
            result.Output.TrimEnd().Split('\n').Select(line => line.TrimEnd()));
    }

    [Fact]
    public async Task A_failing_server_is_exit_code_1_and_a_line_for_each_case_and_its_reason()
    {
        await using var wrong = new WrongEchoServer();

        ToolResult result = await ToolProcess.RunAsync("conform", wrong.Url, "--only", "1.1.2", "2.1.1");

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Contains("1.1.2     failed Text of 1 bytes (RFC 6455 §5.2)", result.Output, StringComparison.Ordinal);
        Assert.Contains("got a text message: \"something else\"", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("2.1.1 ", result.Output, StringComparison.Ordinal);
        Assert.Contains("1 failed.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_written_as_expected_is_expected_and_anything_else_is_not()
    {
        await using var wrong = new WrongEchoServer();
        string file = Path.Combine(_folder.FullName, "expected");
        string[] cases = ["--only", "1.1.2", "2.1.1"];

        ToolResult written = await ToolProcess.RunAsync(["conform", wrong.Url, .. cases, "--write-expect", file]);
        ToolResult same = await ToolProcess.RunAsync(["conform", wrong.Url, .. cases, "--expect", file]);
        ToolResult better = await ToolProcess.RunAsync(["conform", Url, .. cases, "--expect", file]);

        Assert.Equal((1, 0, 1), (written.ExitCode, same.ExitCode, better.ExitCode));
        Assert.Contains("all as expected.", same.Output, StringComparison.Ordinal);
        Assert.Contains("1.1.2     passed, expected failed", better.Output, StringComparison.Ordinal);
        Assert.Contains("1 not as expected.", better.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99.1 failed", "expects something of 99.1, and there is no such case.")]
    [InlineData("1.1 good", "Line 1: \"good\" is no verdict")]
    public async Task A_wrong_file_of_expected_verdicts_is_exit_code_2(string line, string expected)
    {
        string file = Path.Combine(_folder.FullName, "expected");
        await File.WriteAllTextAsync(file, line, TestContext.Current.CancellationToken);

        AssertNothingTested(expected, await ToolProcess.RunAsync("conform", Url, "--only", "1.1.1", "--expect", file));
    }

    [Fact]
    public async Task Reports_are_written()
    {
        string[] files = [.. ((string[])["json", "xml", "html"]).Select(kind => Path.Combine(_folder.FullName, $"report.{kind}"))];

        ToolResult result = await ToolProcess.RunAsync("conform", Url, "--only", "2.4", "--json", files[0], "--junit", files[1], "--html", files[2]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(files[0], TestContext.Current.CancellationToken));
        Assert.Equal(6, json.RootElement.GetProperty("cases").GetArrayLength());
        Assert.Equal(6, XDocument.Load(files[1]).Descendants("testcase").Count());
        Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(files[2], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_does_not_echo_is_asked_for_no_echo()
    {
        await using var wrong = new WrongEchoServer();

        ToolResult result = await ToolProcess.RunAsync("conform", wrong.Url, "--only", "1.1.2", "2.1.1", "--no-echo", "--strict");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_exit_code_2_and_one_line()
    {
        using var gone = new EchoServerFixture();
        string url = gone.WebSocket("/").ToString();
        await gone.StopAsync();

        AssertNothingTested("cannot be reached", await ToolProcess.RunAsync("conform", url, "--only", "1.1.1"));
    }

    [Theory]
    [InlineData("not nonsense.", "nonsense")]
    [InlineData("No case is called 77.", "ws://localhost:1/", "--only", "77")]
    [InlineData("No case is called 1.x.", "ws://localhost:1/", "--exclude", "1.x")]
    public async Task A_command_line_that_makes_no_sense_is_exit_code_2_and_one_line(string expected, params string[] arguments) =>
        AssertNothingTested(expected, await ToolProcess.RunAsync(["conform", .. arguments]));

    [Fact]
    public async Task A_client_is_tested_until_it_says_that_it_is_done()
    {
        using Process program = ToolProcess.Start("conform", "--listen", "0", "--only", "1.1.2", "2.1.1");
        string? waiting = await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Match url = Regex.Match(waiting ?? "", "^Waiting for a client: 2 cases at (ws://127.0.0.1:[0-9]+)/cases,");
        Assert.True(url.Success, waiting);
        foreach (string id in (await PlayAsync($"{url.Groups[1]}/cases?agent=me")).Split('\n'))
        {
            await PlayAsync($"{url.Groups[1]}/case?id={id}&agent=me");
        }

        Assert.StartsWith("2 passed, ", await PlayAsync($"{url.Groups[1]}/done?agent=me"), StringComparison.Ordinal);
        ToolResult result = await ToolProcess.EndAsync(program);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("nothing failed.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_cases_out_is_exit_code_1()
    {
        using Process program = ToolProcess.Start("conform", "--listen", "127.0.0.1:0", "--only", "1.1.2");
        string? waiting = await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        await PlayAsync($"{Regex.Match(waiting ?? "", "ws://[^/]+")}/done?agent=me");

        ToolResult result = await ToolProcess.EndAsync(program);
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Contains("the client did not come for this case", result.Output, StringComparison.Ordinal);
    }

    private static void AssertNothingTested(string expected, ToolResult result)
    {
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, Assert.Single(result.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    /// <summary>As a driver does: sends every message back, and returns the last one.</summary>
    private static async Task<string> PlayAsync(string url)
    {
        string last = "";
        await using Connection connection = await Connection.ConnectAsync(url, cancellationToken: TestContext.Current.CancellationToken);
        await foreach (Message message in connection)
        {
            last = $"{message}";
            await connection.SendAsync(message);
        }

        return last;
    }
}
