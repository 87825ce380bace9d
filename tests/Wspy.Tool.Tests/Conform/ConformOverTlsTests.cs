using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Wspy.Interop.Tests.Harness;
using Wspy.Tool.Echo;

namespace Wspy.Tool.Tests.Conform;

/// <summary><c>wspy conform wss://…</c>: a certificate that the system does not trust is taken when that is asked for.</summary>
public sealed class ConformOverTlsTests : IDisposable
{
    private readonly TestCertificate _certificate = new();
    private readonly EchoServer _server;

    public ConformOverTlsTests()
    {
        ServerOptions options = new() { Port = 0, Tls = new SslServerAuthenticationOptions { ServerCertificate = _certificate.Certificate } };
        _server = new EchoServer(EchoEngine.Loop, options, new ServerFacts("Wspy test", options.MaxMessageSize, []), NullLogger.Instance);
        _server.Start();
    }

    private string Url => $"wss://localhost:{_server.EndPoint.Port}/";

    public void Dispose()
    {
        _server.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public async Task A_self_signed_certificate_is_refused_in_one_line_that_says_what_to_do()
    {
        ToolResult result = await ToolProcess.RunAsync("conform", Url, "--only", "1.1.1");

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Matches("^wspy: TLS with wss://localhost:[0-9]+/ could not be agreed on: .*--insecure.*\n$", result.Error);
    }

    [Theory]
    [InlineData("--insecure")]
    [InlineData("-k")]
    public async Task It_is_taken_when_that_is_asked_for(string option)
    {
        ToolResult result = await ToolProcess.RunAsync("conform", Url, option, "--only", "1.1", "7.1", "10.1");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("nothing failed.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_is_tested_with_a_certificate_that_is_made_and_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere the settings are in another place.");
        DirectoryInfo settings = Directory.CreateTempSubdirectory("wspy-conform-");
        try
        {
            using Process program = ToolProcess.StartIn(settings.FullName, "conform", "--listen", "0", "--tls", "--only", "1.1.2", "7.1.1");
            string url = await ReadUrlAsync(program);
            string? trust = await program.StandardOutput.ReadLineAsync(Cancelled);
            string file = Path.Combine(settings.FullName, "wspy", "localhost.crt");
            Assert.EndsWith($"the client is to trust {file}", trust, StringComparison.Ordinal);

            // Only that file is trusted, and the names must fit.
            X509ChainPolicy only = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            only.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(file));
            await RunCasesAsync(program, url, new ClientOptions { Tls = new SslClientAuthenticationOptions { CertificateChainPolicy = only } });
        }
        finally
        {
            settings.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_client_is_tested_with_a_certificate_of_ones_own()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, _certificate.Certificate.Export(X509ContentType.Pkcs12, "secret"), Cancelled);
            ToolResult refused = await ToolProcess.RunAsync("conform", "--listen", "0", "--tls", file);
            Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
            Assert.Contains("without --tls-password", Assert.Single(refused.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);

            using Process program = ToolProcess.Start("conform", "--listen", "0", "--tls", file, "--tls-password", "secret", "--only", "1.1.2", "7.1.1");
            string thumbprint = _certificate.Certificate.Thumbprint;
            SslClientAuthenticationOptions tls = new() { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == thumbprint };
            await RunCasesAsync(program, await ReadUrlAsync(program), new ClientOptions { Tls = tls });
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<string> ReadUrlAsync(Process program)
    {
        string? waiting = await program.StandardOutput.ReadLineAsync(Cancelled);
        Match url = Regex.Match(waiting ?? "", "^Waiting for a client: 2 cases at (wss://127.0.0.1:[0-9]+)/cases,");
        Assert.True(url.Success, waiting);
        return url.Groups[1].Value;
    }

    private static async Task RunCasesAsync(Process program, string url, ClientOptions options)
    {
        foreach (string path in (string[])["/case?id=1.1.2&agent=me", "/case?id=7.1.1&agent=me"])
        {
            await PlayAsync(url + path, options);
        }

        Assert.StartsWith("2 passed, ", await PlayAsync($"{url}/done?agent=me", options), StringComparison.Ordinal);
        ToolResult result = await ToolProcess.EndAsync(program);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("nothing failed.", result.Output, StringComparison.Ordinal);
    }

    // As a driver does: sends every message back, and returns the last one.
    private static async Task<string> PlayAsync(string url, ClientOptions options)
    {
        string last = "";
        await using Connection connection = await Connection.ConnectAsync(url, options, Cancelled);
        await foreach (Message message in connection)
        {
            last = $"{message}";
            await connection.SendAsync(message);
        }

        return last;
    }
}
