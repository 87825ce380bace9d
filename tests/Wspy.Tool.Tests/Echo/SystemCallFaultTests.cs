using System.Diagnostics;
using System.Globalization;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Tool.Tests.Echo;

/// <summary>The server's own calls of the system fail, again and again, as the kernel may let them fail: by strace, which puts the errors in their places.</summary>
public sealed class SystemCallFaultTests : IDisposable
{
    private const int Clients = 8;

    private readonly string _trace = Path.GetTempFileName();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_trace);

    // Every second call, on each thread: what cannot be done now is done later, and nobody notices.
    [Theory]
    [InlineData("recvfrom,sendto,sendmsg,accept4,?epoll_wait,?epoll_pwait:error=EINTR:when=1+2")]
    [InlineData("recvfrom,sendto,sendmsg:error=EAGAIN:when=1+2")]
    [InlineData("recvfrom,sendto,sendmsg:error=ENOBUFS:when=1+2")]
    [InlineData("recvfrom,sendto,sendmsg:error=ENOMEM:when=1+2")]
    [InlineData("accept4:error=ECONNABORTED:when=1+2")]
    [InlineData("accept4:error=EMFILE:when=1+3", "Too many open files")]
    [InlineData("accept4:error=ENOBUFS:when=1+3", "No buffer space available")]
    public async Task What_may_be_tried_again_is_tried_again(string fault, string told = "")
    {
        (int passed, string output) = await ServeAsync(fault);

        Assert.Equal(Clients, passed);
        Assert.Equal(told.Length > 0, output.Contains("Accepting failed", StringComparison.Ordinal));
        Assert.Contains(told, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recvfrom:error=ECONNRESET:when=7+11")]
    [InlineData("sendto:error=ECONNRESET:when=5+7")]
    public async Task What_ends_a_connection_ends_no_other(string fault)
    {
        (int passed, string output) = await ServeAsync(fault);

        Assert.InRange(passed, 1, Clients - 1);
        Assert.Equal("", output);
    }

    // How many clients got all their echoes, and what the server said.
    private async Task<(int Passed, string Output)> ServeAsync(string fault)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has strace, and epoll.");
        Requirement.Need(Requirement.Strace);
        string tool = Path.Combine(AppContext.BaseDirectory, "Wspy.Tool.dll");
        string calls = fault[..fault.IndexOf(':', StringComparison.Ordinal)];
        ProcessStartInfo start = new(
            "strace",
            ["-f", "-qq", "--seccomp-bpf", "-o", _trace, "-e", $"trace={calls}", "-e", $"inject={fault}", "dotnet", "exec", tool, "echo", "--port", "0", "--quiet", "--loops", "1", "--poller", "epoll"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NO_COLOR"] = "1" },
        };
        using Process tracer = Process.Start(start)!;
        int server = 0;
        try
        {
            Task<string> error = tracer.StandardError.ReadToEndAsync(Cancelled);
            string? address = await tracer.StandardOutput.ReadLineAsync(Cancelled);
            if (address is null)
            {
                Assert.Fail(await error);
            }

            server = int.Parse(await File.ReadAllTextAsync($"/proc/{tracer.Id}/task/{tracer.Id}/children", Cancelled), CultureInfo.InvariantCulture);
            int passed = 0;
            for (int i = 0; i < Clients; i++)
            {
                passed += await PlayAsync(address.Replace("http:", "ws:", StringComparison.Ordinal)) ? 1 : 0;
            }

            using (Process kill = Process.Start("kill", ["-TERM", $"{server}"]))
            {
                await tracer.WaitForExitAsync(Cancelled);
            }

            string output = await tracer.StandardOutput.ReadToEndAsync(Cancelled) + await error;
            Assert.True(tracer.ExitCode == 0, $"exit code {tracer.ExitCode}, after {passed} clients: {output}");
            int injected = (await File.ReadAllLinesAsync(_trace, Cancelled)).Count(static line => line.Contains("(INJECTED)", StringComparison.Ordinal));
            Assert.True(injected >= 3, $"only {injected} calls failed, so little was tested");
            return (passed, output);
        }
        finally
        {
            if (!tracer.HasExited && server > 0)
            {
                using Process kill = Process.Start("kill", ["-KILL", $"{server}"]);
                await kill.WaitForExitAsync(CancellationToken.None);
            }

            tracer.Kill();
        }
    }

    private static async Task<bool> PlayAsync(string url)
    {
        try
        {
            await using Connection client = await Connection.ConnectAsync(url, cancellationToken: Cancelled);
            foreach (int size in (int[])[5, 20_000, 300_000])
            {
                byte[] payload = new byte[size];
                new Random(size).NextBytes(payload);
                await client.SendAsync(payload, cancellationToken: Cancelled);
                Message echo = await client.ReceiveAsync(Cancelled);
                Assert.True(echo.Payload.Span.SequenceEqual(payload));
            }

            return true;
        }
        catch (WspyException)
        {
            return false;
        }
    }
}
