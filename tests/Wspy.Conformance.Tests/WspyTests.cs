namespace Wspy.Conformance.Tests;

/// <summary>
/// Wspy's servers, strictly: not even informational outcomes, but for choices that RFC 7692 leaves open. Its client is
/// tested by <see cref="Clients.WspyClientTests"/>.
/// </summary>
public class WspyTests
{
    private static readonly List<string> Open = ["12.26.", "12.31.", "12.32.", "12.38."];

    [Fact]
    public Task The_threaded_server_passes_every_case() => PassAsync(null, ConformanceCatalogue.All);

    [Fact]
    public Task The_event_loop_passes_every_case() => PassAsync(PollerKind.Auto, ConformanceCatalogue.All);

    /// <summary>The poller has no say in compression: a sample of those many cases is enough.</summary>
    [Fact]
    public Task The_portable_poller_passes_every_case() => PassAsync(PollerKind.Portable, [.. ExtensionCases.Others, .. ExtensionCases.Sample]);

    private static async Task PassAsync(PollerKind? loop, IReadOnlyList<ConformanceCase> cases)
    {
        await using WebSocketServer server = EchoServer.Start(loop);

        SuiteResult result = await new ServerSuite(server.Url(), BusyMachine.Options).RunAsync(cases);

        Assert.NotEmpty(result.Results);
        Assert.Empty(result.Results.Where(IsAmiss).Select(item => item.ToString()));
    }

    // Explained in docs/conformance-deflate.md.
    internal static bool IsAmiss(CaseResult result) =>
        result.Verdict != Verdict.Passed && !(result.Verdict == Verdict.Informational && Open.Exists(group => result.Case.Id.StartsWith(group, StringComparison.Ordinal)));
}
