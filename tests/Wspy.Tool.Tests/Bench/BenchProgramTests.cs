using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Wspy.Tool.Tests.Bench;

/// <summary>The command as a person starts it: a process, its output, its exit code.</summary>
public sealed class BenchProgramTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_prints_a_line_for_a_server_and_exits_with_0()
    {
        using TestServer server = new();

        using Process program = Start(server.Url.ToString(), "-c", "2", "-d", "1", "--warmup", "0", "--quiet");
        string output = await program.StandardOutput.ReadToEndAsync(Cancelled);
        await program.WaitForExitAsync(Cancelled);

        Assert.Matches(@"^ws://127\.0\.0\.1:[0-9]+/  [0-9,.]+ messages/s, p50 [0-9.]+ [µm]?s, p99 [0-9.]+ [µm]?s, p99\.9 [0-9.]+ [µm]?s\n$", output);
        Assert.Equal("", await program.StandardError.ReadToEndAsync(Cancelled));
        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public async Task A_closed_port_is_one_line_and_exit_code_1()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        using Process program = Start($"ws://{socket.LocalEndPoint}/");
        string error = await program.StandardError.ReadToEndAsync(Cancelled);
        await program.WaitForExitAsync(Cancelled);

        Assert.Matches($@"^wspy: ws://{socket.LocalEndPoint}/ cannot be reached: .*Connection refused.*\. Is the server running\?$", error.TrimEnd());
        Assert.Equal(1, program.ExitCode);
    }

    [Fact]
    public async Task Interrupted_it_shows_what_was_measured()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGINT for another process.");
        using TestServer server = new();

        using Process program = Start(server.Url.ToString(), "-c", "2", "-d", "3600", "--warmup", "0");
        string? line;
        do
        {
            line = await program.StandardOutput.ReadLineAsync(Cancelled);
        }
        while (line is not null && !line.EndsWith(" messages/s", StringComparison.Ordinal));

        using Process kill = Process.Start("kill", ["-INT", $"{program.Id}"]);
        string rest = await program.StandardOutput.ReadToEndAsync(Cancelled);
        await program.WaitForExitAsync(Cancelled);

        Assert.Contains("Stopped early", rest, StringComparison.Ordinal);
        Assert.Matches("p50 .*p90 .*p99 .*p99.9 .*p99.99 .*max", rest);
        Assert.Equal(0, program.ExitCode);
    }

    private static Process Start(params string[] options)
    {
        string tool = Path.Combine(AppContext.BaseDirectory, "Wspy.Tool.dll");
        return Process.Start(new ProcessStartInfo("dotnet", ["exec", tool, "bench", .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NO_COLOR"] = "1" },
        })!;
    }
}
