using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Wspy.Tool.Tests.Echo;

/// <summary>The command as a person starts it: a process, its output, its exit code.</summary>
public sealed class EchoProgramTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_names_its_page_serves_it_and_stops_on_SIGTERM()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using Process program = ToolProcess.Start("echo", "--port", "0", "--quiet");
        string? address = await program.StandardOutput.ReadLineAsync(Cancelled);
        Assert.Matches("^http://localhost:[0-9]+/$", address);

        using HttpClient http = new();
        Assert.Contains("Wspy echo", await http.GetStringAsync(new Uri(address!), Cancelled), StringComparison.Ordinal);

        using Process kill = Process.Start("kill", ["-TERM", $"{program.Id}"]);
        await program.WaitForExitAsync(Cancelled);
        Assert.Equal(0, program.ExitCode);
        Assert.Equal("", await program.StandardOutput.ReadToEndAsync(Cancelled));
        Assert.Equal("", await program.StandardError.ReadToEndAsync(Cancelled));
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_that_says_what_to_do()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;

        using Process program = ToolProcess.Start("echo", "--port", $"{port}");
        await program.WaitForExitAsync(Cancelled);

        Assert.Equal(1, program.ExitCode);
        string line = Assert.Single((await program.StandardError.ReadToEndAsync(Cancelled)).TrimEnd().Split('\n'));
        Assert.StartsWith($"wspy: Port {port} is in use. Stop the program that has it, or choose another: wspy echo --port ", line, StringComparison.Ordinal);
    }
}
