using System.Net.Security;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Conformance.Tests.Servers;

/// <summary>TLS changes nothing: a selection of cases that depend on how bytes come and go.</summary>
public class WspyOverTlsTests
{
    private sealed class SecureEchoServer(ServerOptions options) : Server(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }

    [Fact]
    public async Task The_server_passes()
    {
        using var certificate = new TestCertificate();
        await using var server = new SecureEchoServer(new ServerOptions { Port = 0, Tls = new SslServerAuthenticationOptions { ServerCertificate = certificate.Certificate } });
        server.Start();
        IReadOnlyList<ConformanceCase> cases = CaseSelection.Select(ConformanceCatalogue.All, ["1.3", "1.6", "2.5", "2.6", "3.11", "5.3", "6.9", "7.1", "7.5", "7.6", "7.7", "10.1", "10.2", "11.4"], []);

        SuiteResult result = await new ServerSuite(new Uri($"wss://localhost:{server.EndPoint.Port}/"), BusyMachine.Options with { AcceptAnyCertificate = true }).RunAsync(cases);

        Assert.Empty(result.Results.Where(item => item.Verdict != Verdict.Passed).Select(item => item.ToString()));
    }
}
