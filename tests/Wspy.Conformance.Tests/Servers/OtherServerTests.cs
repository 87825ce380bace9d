using Wspy.Interop.Tests.Harness;
using Peer = Wspy.Interop.Tests.Harness.EchoServer;

namespace Wspy.Conformance.Tests.Servers;

/// <summary>A server of others does what its files say; docs/conformance-servers.md and docs/conformance-deflate.md explain it.</summary>
public abstract class OtherServerTests
{
    private readonly string _name;
    private readonly Func<PeerServerOptions, Task<Peer>> _start;
    private readonly Requirement[] _requirements;

    /// <param name="name">The first part of its files' names.</param>
    /// <param name="start">Starts it.</param>
    /// <param name="requirements">What it needs beside the SDK.</param>
    private protected OtherServerTests(string name, Func<PeerServerOptions, Task<Peer>> start, params Requirement[] requirements)
    {
        _name = name;
        _start = start;
        _requirements = requirements;
    }

    [Fact]
    public Task Without_compression() => AssertAsync(new PeerServerOptions(), $"{_name}.expected", ExtensionCases.Others);

    [Theory]
    [InlineData(false)]
    [InlineData(true, Explicit = true)]
    public Task With_compression(bool all) =>
        AssertAsync(new PeerServerOptions { Compress = true }, $"{_name}-deflate.expected", all ? ExtensionCases.All : ExtensionCases.Sample);

    private async Task AssertAsync(PeerServerOptions options, string file, IReadOnlyList<ConformanceCase> cases)
    {
        Requirement.Need(_requirements);
        await using Peer server = await _start(options);

        await ServerVerdicts.AssertAsync(server.Url(secure: false), file, cases);
    }
}

public sealed class KestrelTests() : OtherServerTests("kestrel", KestrelServer.StartAsync);

public sealed class WsTests() : OtherServerTests("ws", ScriptPeer.WsServerAsync, Requirement.Node, Requirement.Ws);

public sealed class WebsocketsTests() : OtherServerTests("websockets", ScriptPeer.WebsocketsServerAsync, Requirement.Websockets);
