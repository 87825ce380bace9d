using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Tool.Tests.Echo;

/// <summary>The command as systemd starts it: when somebody connects, with the socket to which they did.</summary>
public sealed class SocketActivationTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("loop")]
    [InlineData("threads")]
    public async Task Whoever_connects_first_starts_it_and_is_served(string engine)
    {
        Requirement.Need(Requirement.SocketActivation);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wspy-activate-");
        string path = Path.Combine(folder.FullName, "socket");
        string tool = Path.Combine(AppContext.BaseDirectory, "Wspy.Tool.dll");
        ProcessStartInfo start = new("systemd-socket-activate", ["--listen", path, "--setenv=DOTNET_ROOT", "--setenv=HOME", "dotnet", "exec", tool, "echo", "--inherited", "--quiet", "--engine", engine])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process program = Process.Start(start)!;
        Task<string> said = program.StandardError.ReadToEndAsync(Cancelled);
        try
        {
            for (int i = 0; i < 2; i++)
            {
                using WebSocket client = await WebSocket.ConnectAsync(await ConnectAsync(path, program), new Uri("ws://localhost/"), cancellationToken: Cancelled);
                await client.SendAsync(Frame.Text("activated"), Cancelled);
                Assert.Equal("activated", Encoding.UTF8.GetString((await client.ReceiveAsync(Cancelled)).Payload.Span));
            }

            // The socket was given to the process itself, which has taken the place of the activator; it belongs to who has made it.
            using Process kill = Process.Start("kill", ["-TERM", $"{program.Id}"]);
            await program.WaitForExitAsync(Cancelled);
            Assert.Equal((0, $"unix:{path}\n"), (program.ExitCode, await program.StandardOutput.ReadToEndAsync(Cancelled)));
            Assert.True(File.Exists(path));
            Assert.Contains("Listening on", await said, StringComparison.Ordinal);
        }
        finally
        {
            program.Kill();
            folder.Delete(recursive: true);
        }
    }

    // It does not say on its output when it listens.
    private static async Task<Socket> ConnectAsync(string path, Process program)
    {
        while (true)
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), Cancelled);
                return socket;
            }
            catch (SocketException) when (!program.HasExited)
            {
                socket.Dispose();
                await Task.Delay(10, Cancelled);
            }
        }
    }
}
