using Wspy.Conformance.Tests.Drivers;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Conformance.Tests.Clients;

/// <summary>What clients are known to do, each deviation explained in docs/conformance-clients.md.</summary>
/// <remarks>Other clients than Wspy's are explicit: what they do depends on their versions and on the machine's load; run them with <c>--explicit only</c>.</remarks>
public sealed class KnownClientTests
{
    [Fact]
    public async Task Wspy_blocking() =>
        ClientRun.AssertExpected("client-wspy.txt", await ClientRun.AgainstAsync(url => Task.Factory.StartNew(() => WspyDriver.Run(url, "wspy", ClientRun.Parallel), TaskCreationOptions.LongRunning)));

    [Fact]
    public async Task Wspy_asynchronous() => ClientRun.AssertExpected("client-wspy.txt", await ClientRun.AgainstAsync(url => WspyAsyncDriver.RunAsync(url, "wspy", ClientRun.Parallel)));

    /// <summary>What is informational is explained in docs/conformance-deflate.md, and is the same for the server.</summary>
    [Fact]
    public async Task Wspy_with_compression()
    {
        SuiteResult result = await ClientRun.AgainstAsync(
            url => WspyAsyncDriver.RunAsync(url, "wspy", ClientRun.Parallel), CaseSelection.Select(ConformanceCatalogue.All, ["12"], []));

        Assert.NotEmpty(result.Results);
        Assert.Empty(result.Results.Where(item => item.Verdict is not (Verdict.Passed or Verdict.Informational)).Select(item => item.ToString()));
    }

    [Fact(Explicit = true)]
    public async Task ClientWebSocket_of_the_platform() =>
        ClientRun.AssertExpected("client-clientwebsocket.txt", await ClientRun.AgainstAsync(url => PlatformDriver.RunAsync(url, "ClientWebSocket", ClientRun.Parallel)));

    [Fact(Explicit = true)]
    public async Task Ws_from_npm()
    {
        Requirement.Need(Requirement.Node, Requirement.Ws);
        string driver = Path.Combine(ClientRun.Drivers, "ws.mjs");
        ClientRun.AssertExpected("client-ws.txt", await ClientRun.AgainstAsync(url => ClientRun.ProgramAsync("node", driver, url, "ws", $"{ClientRun.Parallel}")));
    }

    [Fact(Explicit = true)]
    public async Task Websockets_for_Python()
    {
        Requirement.Need(Requirement.Websockets);
        string driver = Path.Combine(ClientRun.Drivers, "python_websockets.py");
        ClientRun.AssertExpected("client-websockets.txt", await ClientRun.AgainstAsync(url => ClientRun.ProgramAsync("/usr/bin/python3", "-B", driver, url, "websockets", $"{ClientRun.Parallel}")));
    }
}
