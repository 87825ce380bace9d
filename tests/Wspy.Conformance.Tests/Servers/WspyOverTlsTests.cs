using System.Net.Security;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Conformance.Tests.Servers;

/// <summary>TLS changes nothing, on any engine: a selection of cases that depend on how bytes come and go, and all of them on request.</summary>
public class WspyOverTlsTests(ITestOutputHelper output)
{
    private static readonly List<string> Selection =
        ["1.1", "1.2", "1.3", "1.6", "2.5", "2.6", "3.11", "4", "5.3", "5.5", "6.1", "6.2", "6.9", "7.1", "7.3", "7.5", "7.6", "7.7", "10.1", "10.2", "11.4", "12.1"];

    [Theory]
    [InlineData(null)]
    [InlineData(PollerKind.Auto)]
    [InlineData(PollerKind.Portable)]
    public Task The_server_passes(PollerKind? loop) => PassAsync(loop, CaseSelection.Select(ConformanceCatalogue.All, Selection, []));

    [Theory(Explicit = true)]
    [InlineData(null)]
    [InlineData(PollerKind.Auto)]
    [InlineData(PollerKind.Portable)]
    public Task The_server_passes_every_case(PollerKind? loop) => PassAsync(loop, ConformanceCatalogue.All);

    private async Task PassAsync(PollerKind? loop, IReadOnlyList<ConformanceCase> cases)
    {
        using var certificate = new TestCertificate();
        await using WebSocketServer server = EchoServer.Start(loop, new SslServerAuthenticationOptions { ServerCertificate = certificate.Certificate });

        SuiteResult result = await new ServerSuite(new Uri($"wss://localhost:{server.EndPoint.Port}/"), BusyMachine.Options with { AcceptAnyCertificate = true }).RunAsync(cases);

        output.WriteLine(string.Join(", ", result.Results.CountBy(static item => item.Verdict).Select(static count => $"{count.Value:N0} {count.Key}")));
        Assert.NotEmpty(result.Results);
        Assert.Empty(result.Results.Where(WspyTests.IsAmiss).Select(item => item.ToString()));
    }
}
