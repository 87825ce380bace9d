using System.Net.Security;
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
}
