using System.Buffers;
using Wspy.Extensions;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>Code of the application that throws in the moment in which a connection becomes a WebSocket.</summary>
public class FailingOpeningTests
{
    [Theory]
    [InlineData(PollerKind.Epoll)]
    [InlineData(PollerKind.Portable)]
    public async Task An_AsyncConnection_whose_extension_throws_is_none_and_can_be_disposed(PollerKind poller)
    {
        Assert.SkipWhen(poller == PollerKind.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        await using var server = new ServerTests.TestServer(ServerTests.ServerEngine.Threads, new ServerOptions { Extensions = [new Extensions.TestExtension("throwing")] });
        await using var loop = new ConnectionLoop(new ConnectionLoopOptions { Poller = poller });
        var connection = new TestConnection();
        HandshakeException failure = await Assert.ThrowsAsync<HandshakeException>(
            () => connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [new Throwing()] }, loop).AsTask().WaitAsync(Link.Limit));
        Assert.Contains("when asked", failure.Message, StringComparison.Ordinal);
        Assert.False(connection.IsOpen);
        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.Closed);
        await connection.DisposeAsync().AsTask().WaitAsync(Link.Limit);
        Assert.Empty(connection.Calls);
        await LoopTests.LoopServer.UntilAsync(() => loop.Connections == 0);
    }

    private sealed class Throwing : Extension
    {
        public override string Name => "throwing";

        public override IReadOnlyList<ExtensionOffer> CreateOffers() => [new ExtensionOffer(Name)];

        public override ExtensionAcceptance? Accept(ExtensionOffer offer) => null;

        public override ExtensionInstance? Confirm(ExtensionOffer answer) => new Instance(this);
    }

    private sealed class Instance(Extension extension) : ExtensionInstance(extension)
    {
        public override ExtensionUnit Unit => throw new InvalidOperationException("when asked");

        public override bool BeginReceive(Opcode opcode, ReservedBits reserved) => false;

        public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end) => throw new NotSupportedException();

        public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end) => ReservedBits.None;

        public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end) => throw new NotSupportedException();
    }
}
