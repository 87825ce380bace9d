using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>A blocking echo loop over TCP allocates nothing per message, on neither side.</summary>
public class AllocationTests
{
    private const int WarmUp = 200;
    private const int Window = 100;
    private const int Measured = 5 * Window;

    [Theory]
    [InlineData(5, 0)]
    [InlineData(1000, 0)]
    [InlineData(64 * 1024, 0)]
    [InlineData(4000, 1000)]
    public async Task An_echo_allocates_nothing(int size, int fragmentSize)
    {
        await using var server = new EchoServer(fragmentSize);
        server.Start();
        var client = new EchoClient(WebSocket.Connect($"ws://127.0.0.1:{server.EndPoint.Port}/"), new byte[size], fragmentSize);
        await Link.OnThread(client.ReceiveForever);
        Assert.Equal(WarmUp + Measured, client.Received);
        Assert.Equal(0, client.Meter.Bytes);
        Assert.Equal(0, server.Meter.Bytes);
    }

    /// <summary>
    /// The least that one thread allocates in a window of messages. What is allocated per message is in every window; what the
    /// runtime does once in a while, such as trimming its array pools after a collection, is not.
    /// </summary>
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

    private sealed class EchoServer(int fragmentSize) : Wspy.Server(new ServerOptions { Port = 0 })
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

        protected override void OnOpen() => Send(payload, fragmentSize: fragmentSize);

        protected override void OnMessage(MessageView message)
        {
            Meter.Count();
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
