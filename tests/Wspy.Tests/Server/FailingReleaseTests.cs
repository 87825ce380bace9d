using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Wspy.Extensions;
using Wspy.Tests.LoopTests;
using Wspy.Tests.Transports;
using Wspy.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Code of the application that throws where it is to give something back: the end of its connection is told all the same, and nobody else's comes.</summary>
public abstract class FailingReleaseTests(ServerEngine engine)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_extension_that_throws_when_its_connection_has_ended(bool isHandling)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<CloseInfo>(TaskCreationOptions.RunContinuationsAsynchronously);
        var errors = new List<Exception>();
        using var log = new LogLines();
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [new Throwing { IdleTime = Timeout.InfiniteTimeSpan }], LoggerFactory = log })
        {
            WhenFailed = (_, error) => errors.Add(error),
            WhenClosed = (_, info) => ended.SetResult(info),
            WhenReceived = (client, message) =>
            {
                client.Send(message);
                if (isHandling)
                {
                    entered.SetResult();
                    client.Await(new ValueTask(release.Task));
                }
            },
        };
        await using (Connection client = await Connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [new Extensions.TestExtension("throwing")] }))
        {
            await client.SendAsync("x");
            Assert.Equal("x", (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
            if (isHandling)
            {
                await entered.Task.WaitAsync(Link.Limit);
                client.Abort();
            }
        }

        release.SetResult();
        CloseInfo info = await ended.Task.WaitAsync(Link.Limit);
        Assert.Equal(isHandling ? CloseCode.AbnormalClosure : CloseCode.NormalClosure, info.Code);
        Assert.Equal("The extension throwing failed: when disposed", Assert.IsType<ExtensionException>(Assert.Single(errors)).Message);
        Assert.Single(log.Lines, static entry => entry.Line.StartsWith("The extension throwing failed for client 1 ", StringComparison.Ordinal));
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(3, server.Calls.Count);
    }

    [Fact]
    public async Task An_extension_that_throws_when_it_is_to_release_what_is_idle_fails_its_connection()
    {
        var clock = new FakeTimeProvider();
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        TimeSpan never = Timeout.InfiniteTimeSpan;
        var options = new ServerOptions { Extensions = [new Throwing { IdleTime = TimeSpan.FromSeconds(10) }], TimeProvider = clock, PingInterval = never, IdleTimeout = never, CloseTimeout = never };
        await using var server = new TestServer(engine, options) { WhenOpened = client => opened.TrySetResult(client) };
        using var raw = new RawClient(server.EndPoint);
        raw.Send(RawClient.Upgrade("Sec-WebSocket-Extensions: throwing\r\n"));
        Assert.StartsWith("HTTP/1.1 101 ", await raw.ReadHeadAsync(), StringComparison.Ordinal);
        Client client = await opened.Task.WaitAsync(Link.Limit);
        client.Send("x");
        Assert.Equal([0x81, 1, (byte)'x'], await raw.ReadAsync(3));
        Task<byte[]> close = raw.ReadAsync(4);
        await LoopServer.UntilAsync(() => close.IsCompleted, () => clock.Advance(TimeSpan.FromSeconds(1)));
        byte[] bytes = await close;
        Assert.Equal((0x88, CloseCode.InternalError), (bytes[0], (CloseCode)((bytes[2] << 8) | bytes[3])));
        raw.Dispose();
        Assert.IsType<ExtensionException>((await client.Closed.WaitAsync(Link.Limit)).Exception);
    }

    private sealed class Throwing : Extension
    {
        public required TimeSpan IdleTime { get; init; }

        public override string Name => "throwing";

        public override IReadOnlyList<ExtensionOffer> CreateOffers() => [new ExtensionOffer(Name)];

        public override ExtensionAcceptance? Accept(ExtensionOffer offer) => new(new ExtensionOffer(Name), new Instance(this));

        public override ExtensionInstance? Confirm(ExtensionOffer answer) => new Instance(this);
    }

    private sealed class Instance(Throwing extension) : ExtensionInstance(extension)
    {
        public override ExtensionUnit Unit => ExtensionUnit.Message;

        public override TimeSpan IdleTime => extension.IdleTime;

        public override bool BeginReceive(Opcode opcode, ReservedBits reserved) => false;

        public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end) => throw new NotSupportedException();

        public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end) => ReservedBits.None;

        public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end) => throw new NotSupportedException();

        public override void ReleaseIdle() => throw new InvalidOperationException("when idle");

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            throw new InvalidOperationException("when disposed");
        }
    }
}

public sealed class ThreadedFailingReleaseTests() : FailingReleaseTests(ServerEngine.Threads)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_throws_when_disposed(bool refused)
    {
        await using var server = new TestServer(ServerEngine.Threads);
        (Stream near, Stream far) = InMemoryStream.CreatePair();
        ((Wspy.Server)server.Server).Serve(new Undisposable(far));
        if (refused)
        {
            await near.WriteAsync("nonsense\r\n\r\n"u8.ToArray());
            await near.ReadExactlyAsync(new byte[12]).AsTask().WaitAsync(Link.Limit);
        }
        else
        {
            await using var client = new Connection(await WebSocket.ConnectAsync(near, new Uri("ws://localhost/")));
            await client.SendAsync("x");
            Assert.Equal("x", (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
        }

        await near.DisposeAsync();
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(refused ? 0 : 2, server.Calls.Count);
    }

    private sealed class Undisposable(Stream inner) : StreamWrapper(inner)
    {
        public override int Read(Span<byte> buffer) => Inner.Read(buffer);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Inner.ReadAsync(buffer, cancellationToken);

        public override void Write(ReadOnlySpan<byte> buffer) => Inner.Write(buffer);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => Inner.WriteAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            throw new InvalidOperationException("as the test wants it");
        }
    }
}

public sealed class EpollFailingReleaseTests() : FailingReleaseTests(ServerEngine.Epoll);

public sealed class PortableFailingReleaseTests() : FailingReleaseTests(ServerEngine.Portable);
