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

    private static IReadOnlyList<ConformanceCase> Cases { get; } = CaseSelection.Select(ConformanceCatalogue.All, [], ["12"]);
}
