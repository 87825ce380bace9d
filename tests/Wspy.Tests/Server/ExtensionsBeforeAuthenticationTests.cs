using System.Buffers;
using Wspy.Extensions;
using Wspy.Tests.Protocol;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>
/// Nothing is negotiated, set aside or inflated for a client before it may come in, whatever it sends ahead; and who is refused leaves nothing behind.
/// HARDENING: an inflate bomb before authentication.
/// </summary>
public abstract class ExtensionsBeforeAuthenticationTests(ServerEngine engine)
{
    private const string Offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    private const string Wrong = Offer + "Authorization: Basic Zzp3cm9uZw==\r\n";
    private const string Right = Offer + "Authorization: Basic ZzpyaWdodA==\r\n";

    private static ServerAuthentication Basic => new() { Schemes = [new BasicScheme(new Dictionary<string, string> { ["g"] = "right" })] };

    [Fact]
    public async Task Until_credentials_are_right_no_inflater_is_made_nor_memory_set_aside()
    {
        var watched = new Watched();
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [watched], Authentication = Basic });
        using (var refused = new RawClient(server.EndPoint))
        {
            // The frames that follow at once would be inflated by whoever took them for frames.
            refused.Send([.. System.Text.Encoding.ASCII.GetBytes(RawClient.Upgrade(Wrong + "Connection: close\r\n")), .. Bomb()]);
            Assert.StartsWith("HTTP/1.1 401 ", await refused.ReadToEndAsync(), StringComparison.Ordinal);
        }

        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade(Wrong));
        string answer = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("permessage-deflate", answer, StringComparison.Ordinal);
        await client.ReadAsync(int.Parse(answer.Split("Content-Length: ")[1].Split("\r\n")[0], provider: null));
        Assert.Equal((0, 0L, 0), (watched.Accepted, watched.Memory.Used, watched.Received));

        client.Send(RawClient.Upgrade(Right));
        Assert.Contains("permessage-deflate", await client.ReadHeadAsync(), StringComparison.Ordinal);
        client.Send(Bomb());
        byte[] head = await client.ReadAsync(2);
        Assert.Equal((byte)Opcode.Close | 0x80, head[0]);
        Assert.True(watched.Received > 0);
        await client.DrainAsync(CancellationToken.None).WaitAsync(Link.Limit);
        await watched.ForgottenAsync();
    }

    [Fact]
    public async Task While_a_judgement_is_pending_nothing_is_set_aside_and_a_refusal_leaves_nothing()
    {
        var watched = new Watched();
        var asked = new SemaphoreSlim(0);
        var verdict = new TaskCompletionSource<UpgradeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions
        {
            Extensions = [watched],
            OnUpgradeAsync = request =>
            {
                asked.Release();
                return new ValueTask<UpgradeAnswer>(verdict.Task);
            },
        });
        using var client = new RawClient(server.EndPoint);
        client.Send([.. System.Text.Encoding.ASCII.GetBytes(RawClient.Upgrade(Offer)), .. Bomb()]);
        Assert.True(await asked.WaitAsync(Link.Limit));
        Assert.Equal((0, 0L, 0), (watched.Accepted, watched.Memory.Used, watched.Received));
        verdict.SetResult(new HttpResponse(403));
        Assert.StartsWith("HTTP/1.1 403 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal((0, 0L, 0), (watched.Accepted, watched.Memory.Used, watched.Received));
    }

    [Fact]
    public async Task Who_goes_away_after_the_answer_leaves_nothing_behind()
    {
        var watched = new Watched();
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [watched] });
        for (int i = 0; i < 20; i++)
        {
            using var client = new RawClient(server.EndPoint);
            client.Send(RawClient.Upgrade(Offer));
            if (i % 2 == 0)
            {
                await client.ReadHeadAsync();
                client.Send(Bomb().AsSpan(0, 20));
            }

            client.Reset();
        }

        await watched.ForgottenAsync();
    }

    /// <summary>A message of 64 MiB and one byte in one frame of a client.</summary>
    private static byte[] Bomb()
    {
        using ExtensionInstance sender = DeflateSamples.Extension(takeover: true).Confirm(new ExtensionOffer("permessage-deflate"))!;
        var deflated = new ArrayBufferWriter<byte>();
        byte[] zeros = new byte[1 << 20];
        sender.BeginSend(Opcode.Binary, zeros, end: false);
        for (int i = 0; i < 64; i++)
        {
            sender.Send(zeros, deflated, end: false);
        }

        sender.Send([0], deflated, end: true);
        return new Wire(WebSocketRole.Client).Frame(Opcode.Binary, deflated.WrittenSpan, reserved: ReservedBits.Rsv1);
    }

    /// <summary>permessage-deflate, with a count of what it was asked to do.</summary>
    private sealed class Watched : Extension
    {
        private readonly DeflateMessage _inner;
        private int _accepted;
        private int _received;

        public Watched()
        {
            _inner = new DeflateMessage(new DeflateMessageOptions { Memory = Memory });
        }

        // Nothing of it stays for the next one, so that what is used is of somebody.
        public DeflateMemory Memory { get; } = new(16 << 20, maxPooled: 0);

        public int Accepted => Volatile.Read(ref _accepted);

        public int Received => Volatile.Read(ref _received);

        public override string Name => _inner.Name;

        public override ReservedBits ReservedBits => _inner.ReservedBits;

        public override IReadOnlyList<ExtensionOffer> CreateOffers() => _inner.CreateOffers();

        public override ExtensionInstance? Confirm(ExtensionOffer answer) => _inner.Confirm(answer);

        public override ExtensionAcceptance? Accept(ExtensionOffer offer)
        {
            Interlocked.Increment(ref _accepted);
            return _inner.Accept(offer) is { } inner ? new ExtensionAcceptance(inner.Answer, new Instance(this, inner.Instance)) : null;
        }

        public async Task ForgottenAsync()
        {
            using var limit = new CancellationTokenSource(Link.Limit);
            while (Memory.Used != 0)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        private sealed class Instance(Watched extension, ExtensionInstance inner) : ExtensionInstance(extension)
        {
            public override ExtensionUnit Unit => inner.Unit;

            public override bool BeginReceive(Opcode opcode, ReservedBits reserved) => inner.BeginReceive(opcode, reserved);

            public override ExtensionStatus Receive(scoped ref ReadOnlySpan<byte> input, scoped Span<byte> output, out int written, bool end)
            {
                Interlocked.Increment(ref extension._received);
                return inner.Receive(ref input, output, out written, end);
            }

            public override ReservedBits BeginSend(Opcode opcode, ReadOnlySpan<byte> payload, bool end) => inner.BeginSend(opcode, payload, end);

            public override void Send(ReadOnlySpan<byte> input, IBufferWriter<byte> output, bool end) => inner.Send(input, output, end);

            protected override void Dispose(bool disposing)
            {
                inner.Dispose();
                base.Dispose(disposing);
            }
        }
    }
}

public sealed class ThreadedExtensionsBeforeAuthenticationTests() : ExtensionsBeforeAuthenticationTests(ServerEngine.Threads);

public sealed class EpollExtensionsBeforeAuthenticationTests() : ExtensionsBeforeAuthenticationTests(ServerEngine.Epoll);

public sealed class PortableExtensionsBeforeAuthenticationTests() : ExtensionsBeforeAuthenticationTests(ServerEngine.Portable);
