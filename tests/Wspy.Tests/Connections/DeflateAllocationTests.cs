using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>A blocking echo loop with compression allocates nothing per message, on neither side (RFC 7692).</summary>
public class DeflateAllocationTests
{
    private const int WarmUp = 200;
    private const int Window = 100;
    private const int Measured = 5 * Window;

    [Theory]
    [InlineData(5, 0, true)]
    [InlineData(1000, 0, true)]
    [InlineData(64 * 1024, 0, true)]
    [InlineData(4000, 1000, true)]
    [InlineData(5, 0, false)]
    [InlineData(1000, 0, false)]
    [InlineData(64 * 1024, 0, false)]
    [InlineData(4000, 1000, false)]
    public async Task A_compressed_echo_allocates_nothing(int size, int fragmentSize, bool takeover)
    {
        await using var server = new EchoServer(fragmentSize, takeover);
        server.Start();
        var options = new ClientOptions { Extensions = [DeflateSamples.Extension(takeover)] };
        var client = new EchoClient(WebSocket.Connect($"ws://127.0.0.1:{server.EndPoint.Port}/", options), DeflateSamples.Payload(size), fragmentSize);
        DeflateSamples.MustBeAgreed(client.WebSocket, takeover);
        await Link.OnThread(client.ReceiveForever);
        Assert.Equal(WarmUp + Measured, client.Received);
        Assert.Equal(0, client.WrongLengths);
        Assert.Equal(0, client.Meter.Bytes);
        Assert.Equal(0, server.Meter.Bytes);
    }

    /// <summary>
    /// Asynchronous calls that find everything at hand, on one thread. A lease, and a frame, is an object of the application's own; compression adds nothing.
    /// </summary>
    [Theory]
    [InlineData(1000, 0, true)]
    [InlineData(4000, 1000, true)]
    [InlineData(1000, 0, false)]
    [InlineData(4000, 1000, false)]
    public void Asynchronous_calls_allocate_no_more_than_without_compression(int size, int fragmentSize, bool takeover)
    {
        byte[] payload = DeflateSamples.Payload(size);
        foreach (bool byFrame in (bool[])[true, false])
        {
            long plain = LeastPerWindow(payload, byFrame, fragmentSize, new ClientOptions(), new ServerOptions());
            long compressed = LeastPerWindow(
                payload, byFrame, fragmentSize,
                new ClientOptions { Extensions = [DeflateSamples.Extension(takeover)] },
                new ServerOptions { Extensions = [DeflateSamples.Extension(takeover)] });
            Assert.InRange(compressed, 0, plain);
        }
    }

    private static long LeastPerWindow(byte[] payload, bool byFrame, int fragmentSize, ClientOptions clientOptions, ServerOptions serverOptions)
    {
        (WebSocket client, WebSocket server) = WebSocket.CreatePair(clientOptions, serverOptions);
        Assert.Equal(clientOptions.Extensions.Count, client.Extensions.Count);
        Connection? near = byFrame ? null : new Connection(client), far = byFrame ? null : new Connection(server);
        Frame[] frames = [.. Frame.Binary(payload).Fragment(fragmentSize == 0 ? payload.Length : fragmentSize)];
        long least = long.MaxValue;
        for (int window = 0; window < 8; window++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Window; i++)
            {
                if (byFrame)
                {
                    Done(client.SendAsync(frames));

                    // Which of the frames yields which bytes is the compressor's choice.
                    int received = 0;
                    foreach (Frame _ in frames)
                    {
                        received += Done(server.ReceiveAsync()).Payload.Length;
                    }

                    Assert.True(received == payload.Length);
                }
                else
                {
                    Done(near!.SendAsync(payload, fragmentSize: fragmentSize));
                    using MessageLease lease = Done(far!.ReceiveLeaseAsync());
                    Assert.True(lease.Payload.Length == payload.Length);
                }
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        client.Abort();
        server.Abort();
        return least;
    }

    private static void Done(ValueTask task)
    {
        Assert.True(task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    private static T Done<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>The least that one thread allocates in a window of messages: what is allocated per message is in every window.</summary>
    private sealed class Meter
    {
        private long _start;
        private int _count;

        public long Bytes { get; private set; } = long.MaxValue;

        public void Count()
        {
            if (++_count >= WarmUp && (_count - WarmUp) % Window == 0)
            {
                long now = GC.GetAllocatedBytesForCurrentThread();
                if (_count > WarmUp)
                {
                    Bytes = Math.Min(Bytes, now - _start);
                }

                _start = GC.GetAllocatedBytesForCurrentThread();
            }
        }
    }

    private sealed class EchoServer(int fragmentSize, bool takeover)
        : Wspy.Server(new ServerOptions { Port = 0, Extensions = [DeflateSamples.Extension(takeover)] })
    {
        public Meter Meter { get; } = new();

        protected override void OnMessage(Client client, MessageView message)
        {
            Meter.Count();
            client.Send(message, fragmentSize);
        }
    }

    private sealed class EchoClient(WebSocket webSocket, byte[] payload, int fragmentSize) : Connection(webSocket)
    {
        public Meter Meter { get; } = new();

        public int Received { get; private set; }

        public int WrongLengths { get; private set; }

        protected override void OnOpen() => Send(payload, fragmentSize: fragmentSize);

        protected override void OnMessage(MessageView message)
        {
            Meter.Count();
            WrongLengths += message.Payload.Length == payload.Length ? 0 : 1;
            if (++Received < WarmUp + Measured)
            {
                Send(message, fragmentSize);
            }
            else
            {
                Close();
            }
        }
    }
}
