namespace Wspy.Conformance.Tests;

/// <summary>
/// Wspy's server, strictly: not even informational outcomes, but for choices that RFC 7692 leaves open. Its client is among those of
/// <see cref="Clients.KnownClientTests"/>.
/// </summary>
public class WspyTests
{
    private static readonly List<string> Open = ["12.26.", "12.31.", "12.32.", "12.38."];

    [Fact]
    public async Task The_server_passes_every_case()
    {
        await using var server = new EchoServer();

        SuiteResult result = await new ServerSuite(server.Url, BusyMachine.Options).RunAsync(ConformanceCatalogue.All);

        Assert.NotEmpty(result.Results);
        Assert.Empty(result.Results.Where(IsAmiss).Select(item => item.ToString()));
    }

    // Explained in docs/conformance-deflate.md.
    private static bool IsAmiss(CaseResult result) =>
        result.Verdict != Verdict.Passed && !(result.Verdict == Verdict.Informational && Open.Exists(group => result.Case.Id.StartsWith(group, StringComparison.Ordinal)));
}
