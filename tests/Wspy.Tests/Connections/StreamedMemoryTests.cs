using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Wspy.Extensions;
using Wspy.Protocol;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>What counts the bytes of the whole process runs alone.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
[SuppressMessage("Naming", "CA1711", Justification = "It is one, of xUnit's.")]
public class AloneCollection;

/// <summary>One message of any size passes through extensions in flat memory, in both directions and in every way that streams.</summary>
[Collection(nameof(AloneCollection))]
public class StreamedMemoryTests
{
    private const int Piece = 1 << 20;

    // Buffers of the pool, the transport's 64 KiB each way, an inflated part of 1,024 bytes (1 MiB at most, twice while it grows) and what the
    // tests themselves allocate, for each thread that comes by; 256 MiB is eight times as much.
    private const long Bound = 32 << 20;

    // What is held at any moment, beyond what was there before. Most of it is the pool's, which keeps arrays for each thread and each processor.
    private const long LiveBound = 32 << 20;

    // For a busy machine: one that is not takes seconds, and half a minute for a gibibyte.
    private static TimeSpan Patience(int mebibytes) => mebibytes < 1024 ? TimeSpan.FromMinutes(2) : TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData("blocking", "deflate", 256)]
    [InlineData("async", "chain", 256)]
    [InlineData("frames", "deflate", 64)]
    [InlineData("blocking", "third party", 64)]
    [InlineData("async", "deflate without context", 64)]
    [InlineData("blocking", "deflate-frame", 64)]
    [InlineData("async", "plain", 64)]
    [InlineData("engine", "deflate", 64)]
    public Task A_large_message_needs_no_large_memory(string way, string extensions, int mebibytes) => PassBothWaysAsync(way, extensions, mebibytes);

    [Theory(Explicit = true)]
    [InlineData("blocking", "deflate")]
    [InlineData("blocking", "third party")]
    [InlineData("blocking", "chain")]
    [InlineData("async", "deflate")]
    [InlineData("async", "third party")]
    [InlineData("async", "chain")]
    [InlineData("frames", "chain")]
    [InlineData("engine", "chain")]
    public Task A_gibibyte_needs_no_large_memory(string way, string extensions) => PassBothWaysAsync(way, extensions, 1024);

    private static async Task PassBothWaysAsync(string way, string extensions, int mebibytes)
    {
        var unlimited = new ServerOptions { MaxMessageSize = ProtocolOptions.Unlimited };
        (WebSocket client, WebSocket server) = WebSocket.CreatePair(
            new ClientOptions { Extensions = MessageStreamTests.Extensions(extensions), MaxMessageSize = ProtocolOptions.Unlimited },
            unlimited with { Extensions = MessageStreamTests.Extensions(extensions) });
        Assert.Equal(MessageStreamTests.Extensions(extensions).Count, client.Extensions.Count);
        var near = way is "blocking" or "async" ? new Connection(client) : null;
        var far = near is null ? null : new Connection(server);
        foreach (bool forth in (bool[])[true, false])
        {
            await MeasureAsync(mebibytes, way switch { "frames" => 1, "async" => 0.5, _ => 0 }, course => way switch
            {
                "blocking" => forth ? PassBlocking(near!, far!, course) : PassBlocking(far!, near!, course),
                "async" => forth ? PassAsync(near!, far!, course) : PassAsync(far!, near!, course),
                "frames" => Task.Run(() => PassFrames(forth ? client : server, forth ? server : client, course)),
                _ => Task.Run(() => PassEngines(extensions, forth ? WebSocketRole.Client : WebSocketRole.Server, course)),
            });
        }

        client.Abort();
        server.Abort();
    }

    private static async Task MeasureAsync(int mebibytes, double garbage, Func<Course, Task> pass)
    {
        // What is made once, and what the pool keeps, is there before.
        await pass(new Course(2)).WaitAsync(Patience(2));
        long live = GC.GetTotalMemory(forceFullCollection: true);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        var course = new Course(mebibytes);
        await pass(course).WaitAsync(Patience(mebibytes));
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal((long)mebibytes << 20, course.ReceivedBytes);
        Assert.Equal(course.SentHash, course.ReceivedHash);
        Assert.InRange(course.Live - live, long.MinValue, LiveBound);

        // Frames are each the application's own: there is one copy of the message in all, of which all but a piece is garbage. An asynchronous call that
        // waits takes some kilobytes, and does so for every few kilobytes that come.
        Assert.InRange(allocated, 0, Bound + (long)(garbage * mebibytes * (1 << 20)));
    }

    private static Task PassBlocking(Connection from, Connection to, Course course)
    {
        Task sending = Task.Factory.StartNew(() =>
        {
            using MessageWriteStream writer = from.BeginSend();
            for (int i = 0; i < course.Pieces; i++)
            {
                writer.Write(course.NextPiece().Span);
            }

            writer.Complete();
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Task receiving = Task.Factory.StartNew(() =>
        {
            using MessageReadStream reader = to.ReceiveStream();
            byte[] buffer = new byte[40_000];
            for (int count; (count = reader.Read(buffer)) > 0;)
            {
                course.Take(buffer.AsSpan(0, count));
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.WhenAll(sending, receiving);
    }

    private static async Task PassAsync(Connection from, Connection to, Course course)
    {
        Task sending = Task.Run(async () =>
        {
            await using MessageWriteStream writer = await from.BeginSendAsync();
            for (int i = 0; i < course.Pieces; i++)
            {
                await writer.WriteAsync(course.NextPiece());
            }

            await writer.CompleteAsync();
        });
        await using (MessageReadStream reader = await to.ReceiveStreamAsync())
        {
            byte[] buffer = new byte[40_000];
            for (int count; (count = await reader.ReadAsync(buffer)) > 0;)
            {
                course.Take(buffer.AsSpan(0, count));
            }
        }

        await sending;
    }

    private static void PassFrames(WebSocket from, WebSocket to, Course course)
    {
        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < course.Pieces; i++)
            {
                from.Send(new Frame(i == 0 ? Opcode.Binary : Opcode.Continuation, course.NextPiece(), fin: i == course.Pieces - 1));
            }
        });
        Frame frame;
        do
        {
            frame = to.Receive();
            course.Take(frame.Payload.Span);
        }
        while (!frame.Fin);
        sending.GetAwaiter().GetResult();
    }

    private static void PassEngines(string extensions, WebSocketRole sending, Course course)
    {
        (ExtensionInstance[] client, ExtensionInstance[] server) = Negotiate(extensions);
        bool forth = sending == WebSocketRole.Client;
        using var sender = new WebSocketProtocol(sending, null, forth ? client : server);
        using var receiver = new WebSocketProtocol(forth ? WebSocketRole.Server : WebSocketRole.Client, new ProtocolOptions { MaxMessageSize = ProtocolOptions.Unlimited, Delivery = DeliveryUnit.Part }, forth ? server : client);
        var wire = new System.Buffers.ArrayBufferWriter<byte>(2 * Piece);
        byte[] received = new byte[4 * Piece];
        for (int i = 0; i < course.Pieces; i++)
        {
            wire.ResetWrittenCount();
            sender.WriteFrame(wire, i == 0 ? Opcode.Binary : Opcode.Continuation, course.NextPiece().Span, fin: i == course.Pieces - 1);
            wire.WrittenSpan.CopyTo(received);
            Span<byte> input = received.AsSpan(0, wire.WrittenCount);
            for (ProtocolEvent part; (part = receiver.Read(ref input)).Kind != ProtocolEventKind.None;)
            {
                // The assertion itself allocates, a million times.
                if (part.Kind != ProtocolEventKind.Data)
                {
                    Assert.Equal(ProtocolEventKind.Data, part.Kind);
                }

                course.Take(part.Payload);
            }
        }
    }

    private static (ExtensionInstance[] Client, ExtensionInstance[] Server) Negotiate(string extensions)
    {
        var client = new List<ExtensionInstance>();
        var server = new List<ExtensionInstance>();
        foreach (Extension extension in MessageStreamTests.Extensions(extensions))
        {
            ExtensionAcceptance accepted = extension.Accept(extension.CreateOffers()[0])!;
            server.Add(accepted.Instance);
            client.Add(extension.Confirm(accepted.Answer)!);
        }

        return ([.. client], [.. server]);
    }

    /// <summary>One message that is sent and received, and what was seen of memory meanwhile.</summary>
    private sealed class Course(int pieces)
    {
        private static readonly byte[][] Contents = [.. Enumerable.Range(0, 3).Select(Content)];

        private readonly IncrementalHash _sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly IncrementalHash _received = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private int _next;
        private long _nextLook = ((long)pieces << 20) / 4;

        public int Pieces => pieces;

        public long ReceivedBytes { get; private set; }

        public long Live { get; private set; }

        public string SentHash => Convert.ToHexString(_sent.GetCurrentHash());

        public string ReceivedHash => Convert.ToHexString(_received.GetCurrentHash());

        public ReadOnlyMemory<byte> NextPiece()
        {
            byte[] content = Contents[_next++ % Contents.Length];
            _sent.AppendData(content);
            return content;
        }

        public void Take(ReadOnlySpan<byte> part)
        {
            _received.AppendData(part);
            ReceivedBytes += part.Length;
            if (ReceivedBytes >= _nextLook)
            {
                // Enough to see what grows, where garbage does not count; and no more, for each collection makes the pool begin anew.
                _nextLook += ((long)pieces << 20) / 4;
                Live = Math.Max(Live, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        // What shrinks well, what does not shrink at all, and what shrinks as far as deflate can.
        private static byte[] Content(int kind)
        {
            byte[] content = kind == 0 ? DeflateSamples.Payload(Piece) : new byte[Piece];
            if (kind == 1)
            {
                new Random(5).NextBytes(content);
            }

            return content;
        }
    }
}
