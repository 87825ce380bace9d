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

    /// <summary>What is informational is explained in docs/conformance-deflate.md, and is the same for the server.</summary>
    [Fact]
    public async Task With_compression()
    {
        SuiteResult result = await ClientRun.AgainstAsync(
            url => WspyAsyncDriver.RunAsync(url, "wspy", ClientRun.Parallel), CaseSelection.Select(ConformanceCatalogue.All, ["12"], []));

        Assert.NotEmpty(result.Results);
        Assert.Empty(result.Results.Where(item => item.Verdict is not (Verdict.Passed or Verdict.Informational)).Select(item => item.ToString()));
    }

    private static IReadOnlyList<ConformanceCase> Cases { get; } = CaseSelection.Select(ConformanceCatalogue.All, [], ["12"]);
}
