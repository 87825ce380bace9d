using Wspy.Conformance.Tests.Drivers;

namespace Wspy.Conformance.Tests.Clients;

/// <summary>Wspy's own client passes; what the RFCs leave open is in its file, explained in docs/conformance-clients.md.</summary>
public sealed class WspyClientTests
{
    [Fact]
    public async Task Blocking() =>
        ClientRun.AssertExpected("client-wspy.txt", await ClientRun.AgainstAsync(url => Task.Factory.StartNew(() => WspyDriver.Run(url, "wspy", ClientRun.Parallel), TaskCreationOptions.LongRunning), Cases));

    [Fact]
    public async Task Asynchronous() => ClientRun.AssertExpected("client-wspy.txt", await ClientRun.AgainstAsync(url => WspyAsyncDriver.RunAsync(url, "wspy", ClientRun.Parallel), Cases));

    [Theory]
    [InlineData(PollerKind.Auto)]
    [InlineData(PollerKind.Portable)]
    public async Task On_an_event_loop(PollerKind poller) =>
        ClientRun.AssertExpected("client-wspy.txt", await ClientRun.AgainstAsync(url => WspyLoopDriver.RunAsync(url, "wspy", ClientRun.Parallel, poller), Cases));

    /// <summary>What is informational is explained in docs/conformance-deflate.md, and is the same for the server.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_compression(bool onLoop)
    {
        SuiteResult result = await ClientRun.AgainstAsync(
            url => onLoop ? WspyLoopDriver.RunAsync(url, "wspy", ClientRun.Parallel, PollerKind.Auto) : WspyAsyncDriver.RunAsync(url, "wspy", ClientRun.Parallel),
            CaseSelection.Select(ConformanceCatalogue.All, ["12"], []));

        Assert.NotEmpty(result.Results);
        Assert.Empty(result.Results.Where(item => !IsAsItShould(item)).Select(item => item.ToString()));
    }

    // Group 12.44 passes over the bounds of the client's offer, and this one offers none.
    private static bool IsAsItShould(CaseResult result) => result.Verdict is Verdict.Passed or Verdict.Informational
        || (result.Verdict == Verdict.Unsupported && result.Case.Id.StartsWith("12.44.", StringComparison.Ordinal));

    private static IReadOnlyList<ConformanceCase> Cases { get; } = CaseSelection.Select(ConformanceCatalogue.All, [], ["12"]);
}
