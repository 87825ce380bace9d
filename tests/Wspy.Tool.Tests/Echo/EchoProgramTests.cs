using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Wspy.Extensions;

namespace Wspy.Tool.Tests.Echo;

/// <summary>The command as a person starts it: a process, its output, its exit code.</summary>
public sealed class EchoProgramTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--engine", "loop")]
    [InlineData("--engine", "threads")]
    [InlineData("--poller", "portable")]
    public async Task It_names_its_page_serves_it_and_stops_on_SIGTERM(params string[] engine)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using Process program = ToolProcess.Start(["echo", "--port", "0", "--quiet", .. engine]);
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
    public async Task It_listens_on_several_addresses_and_Unix_domain_sockets_at_once()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere there are no abstract sockets, and not all of 127.0.0.0/8 is this machine's.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wspy-echo-");
        try
        {
            string path = Path.Combine(folder.FullName, "socket");
            string name = $"wspy-echo-{Guid.NewGuid():N}";
            using Process program = ToolProcess.Start("echo", "--host", "127.0.0.1", "--host", "127.0.0.2", "--port", "0", "--unix", path, "--unix", $"@{name}", "--quiet");
            try
            {
                var lines = new List<string>();
                while (lines.Count < 4)
                {
                    lines.Add(await program.StandardOutput.ReadLineAsync(Cancelled) ?? throw new InvalidOperationException($"It ended: {await program.StandardError.ReadToEndAsync(Cancelled)}"));
                }

                Assert.Matches("^http://localhost:[0-9]+/$", lines[0]);
                Assert.Matches("^http://127.0.0.2:[0-9]+/$", lines[1]);
                Assert.Equal([$"unix:{path}", $"unix:@{name}"], lines[2..]);
                foreach (EndPoint place in (EndPoint[])
                [
                    new IPEndPoint(IPAddress.Loopback, new Uri(lines[0]).Port), new IPEndPoint(IPAddress.Parse("127.0.0.2"), new Uri(lines[1]).Port),
                    new UnixDomainSocketEndPoint(path), new UnixDomainSocketEndPoint("\0" + name),
                ])
                {
                    Socket socket = new(place.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(place, Cancelled);
                    using WebSocket client = await WebSocket.ConnectAsync(socket, new Uri("ws://localhost/"), cancellationToken: Cancelled);
                    await client.SendAsync([Frame.Text("here")], Cancelled);
                    Assert.Equal("here"u8.ToArray(), (await client.ReceiveAsync(Cancelled)).Payload.ToArray());
                }

                using Process kill = Process.Start("kill", ["-TERM", $"{program.Id}"]);
                await program.WaitForExitAsync(Cancelled);
                Assert.Equal(0, program.ExitCode);
                Assert.False(File.Exists(path));
            }
            finally
            {
                program.Kill();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_an_inherited_socket_it_says_so()
    {
        ToolResult result = await ToolProcess.RunAsync("echo", "--inherited");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("LISTEN_FDS", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_without_a_file_is_by_a_certificate_that_it_makes_and_tells_how_to_trust()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere the settings are in another place.");
        DirectoryInfo settings = Directory.CreateTempSubdirectory("wspy-echo-");
        try
        {
            using Process program = ToolProcess.StartIn(settings.FullName, "echo", "--port", "0", "--tls");
            string file = Path.Combine(settings.FullName, "wspy", "localhost.crt");
            string said = "";
            while (!said.Contains("--insecure", StringComparison.Ordinal))
            {
                said += await program.StandardOutput.ReadLineAsync(Cancelled) + "\n";
            }

            string address = Regex.Match(said, "https://localhost:[0-9]+/").Value;
            Assert.Contains($"curl --cacert \"{file}\" {address}", said, StringComparison.Ordinal);

            // Only that file is trusted, and the names must fit.
            X509ChainPolicy only = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            only.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(file));
            SslClientAuthenticationOptions tls = new() { CertificateChainPolicy = only };
            foreach (string host in new[] { "localhost", "127.0.0.1" })
            {
                ClientOptions options = new() { Tls = tls, Extensions = [new DeflateMessage(), new DeflateFrame()] };
                await using Connection connection = await Connection.ConnectAsync(address.Replace("https://localhost", $"wss://{host}", StringComparison.Ordinal), options, Cancelled);
                Assert.NotEmpty(connection.WebSocket.Extensions);
                await connection.SendAsync("secret", cancellationToken: Cancelled);
                Assert.Equal("secret", $"{await connection.ReceiveAsync(Cancelled)}");
            }

            program.Kill();
            await program.WaitForExitAsync(Cancelled);
        }
        finally
        {
            settings.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_compression_none_is_agreed_on()
    {
        using Process program = ToolProcess.Start("echo", "--port", "0", "--quiet", "--no-compression");
        try
        {
            string address = (await program.StandardOutput.ReadLineAsync(Cancelled))!;
            await using Connection connection = await Connection.ConnectAsync(address.Replace("http:", "ws:", StringComparison.Ordinal), new ClientOptions { Extensions = [new DeflateMessage()] }, Cancelled);
            Assert.Empty(connection.WebSocket.Extensions);
        }
        finally
        {
            program.Kill();
        }
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
