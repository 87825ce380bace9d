namespace Wspy.Conformance.Tests;

/// <summary>
/// Wspy's server, strictly: not even informational outcomes; of section 12 what needs an extension is unsupported. Its client is
/// tested by <see cref="Clients.WspyClientTests"/>.
/// </summary>
public class WspyTests
{
    [Fact]
    public async Task The_server_passes_every_case()
    {
        await using var server = new EchoServer();

        SuiteResult result = await new ServerSuite(server.Url, BusyMachine.Options).RunAsync(ConformanceCatalogue.All);

        Assert.NotEmpty(result.Results);
        Assert.Empty(result.Results.Where(IsAmiss).Select(item => item.ToString()));
    }

    private static bool IsAmiss(CaseResult result) => result.Verdict != Verdict.Passed && (result.Case.Section, result.Verdict) != (12, Verdict.Unsupported);
}
