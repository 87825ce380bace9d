using Wspy.Extensions;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>A compressed message in and its compressed echo out allocate nothing on the loop's thread (RFC 7692).</summary>
public class LoopDeflateAllocationTests
{
    // Few enough for a machine so busy that a round trip takes 40 ms.
    private const int WarmUp = 100;
    private const int Window = 40;
    private const int Measured = 5 * Window;

    [Theory]
    [InlineData(20, 0, true)]
    [InlineData(1024, 0, true)]
    [InlineData(64 * 1024, 0, true)]
    [InlineData(4000, 1000, true)]
    [InlineData(20, 0, false)]
    [InlineData(1024, 0, false)]
    [InlineData(64 * 1024, 0, false)]
    [InlineData(4000, 1000, false)]
    public async Task A_compressed_echo_by_view_allocates_nothing(int size, int fragmentSize, bool takeover)
    {
        await using var server = new LoopServer(ServerEngine.Epoll, new ServerOptions { Loops = 1, Extensions = [DeflateSamples.Extension(takeover)] });
        long start = 0, least = long.MaxValue;
        int count = 0;
        server.WhenView = (client, message) =>
        {
            // The least of several windows: what the runtime does once in a while is not per message.
            if (++count >= WarmUp && (count - WarmUp) % Window == 0)
            {
                long now = GC.GetAllocatedBytesForCurrentThread();
                least = count > WarmUp ? Math.Min(least, now - start) : least;
                start = GC.GetAllocatedBytesForCurrentThread();
            }

            client.Send(message, fragmentSize);
        };
        await Link.OnThread(() =>
        {
            using var client = Connection.Connect(server.Url, new ClientOptions { Extensions = [DeflateSamples.Extension(takeover)] });
            DeflateSamples.MustBeAgreed(client.WebSocket, takeover);
            byte[] payload = DeflateSamples.Payload(size);
            for (int i = 0; i < WarmUp + Measured + 1; i++)
            {
                client.Send(payload, fragmentSize: fragmentSize);
                Assert.Equal(payload, client.Receive(Link.Limit).Payload);
            }
        });
        Assert.Equal(0, least);
    }
}
