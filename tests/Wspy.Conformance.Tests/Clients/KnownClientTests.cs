using Wspy.Conformance.Tests.Drivers;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Conformance.Tests.Clients;

/// <summary>What clients of others are known to do, each deviation explained in docs/conformance-clients.md and docs/conformance-deflate.md.</summary>
public abstract class KnownClientTests
{
    private readonly string _name;
    private readonly Func<string, Task> _drive;
    private readonly Requirement[] _requirements;

    /// <param name="name">The middle of its files' names.</param>
    /// <param name="drive">Leads the client through the cases, given the suite's URL.</param>
    /// <param name="requirements">What it needs beside the SDK.</param>
    private protected KnownClientTests(string name, Func<string, Task> drive, params Requirement[] requirements)
    {
        _name = name;
        _drive = drive;
        _requirements = requirements;
    }

    [Fact]
    public Task Without_compression() => AssertAsync($"client-{_name}.txt", ExtensionCases.Others);

    [Theory]
    [InlineData(false)]
    [InlineData(true, Explicit = true)]
    public Task With_compression(bool all) => AssertAsync($"client-{_name}-deflate.txt", all ? ExtensionCases.All : ExtensionCases.Sample);

    private async Task AssertAsync(string file, IReadOnlyList<ConformanceCase> cases)
    {
        Requirement.Need(_requirements);

        ClientRun.AssertExpected(file, await ClientRun.AgainstAsync(_drive, cases));
    }

    private protected static Func<string, Task> Program(string program, params string[] arguments) =>
        url => ClientRun.ProgramAsync(program, [.. arguments, url, "client", $"{ClientRun.Parallel}"]);
}

public sealed class ClientWebSocketTests() : KnownClientTests("clientwebsocket", url => PlatformDriver.RunAsync(url, "client", ClientRun.Parallel));

public sealed class WsTests() : KnownClientTests("ws", Program("node", Path.Combine(ClientRun.Drivers, "ws.mjs")), Requirement.Node, Requirement.Ws);

public sealed class WebsocketsTests() : KnownClientTests("websockets", Program("/usr/bin/python3", "-B", Path.Combine(ClientRun.Drivers, "python_websockets.py")), Requirement.Websockets);
