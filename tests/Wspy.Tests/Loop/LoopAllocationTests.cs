using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>A message in and its echo out allocate nothing on the loop's thread.</summary>
public class LoopAllocationTests
{
    // Few enough for a machine so busy that a round trip takes 40 ms.
    private const int WarmUp = 100;
    private const int Window = 20;

    // While the machine is busy the runtime takes its time to compile for good what runs hot.
    private const int MaxMeasured = 300 * Window;

    [Theory]
    [InlineData(20, false)]
    [InlineData(1024, false)]
    [InlineData(64 * 1024, false)]
    [InlineData(20, true)]
    [InlineData(1024, true)]
    [InlineData(64 * 1024, true)]
    public async Task An_echo_by_view_allocates_nothing(int size, bool secure)
    {
        await using var server = new LoopServer(ServerEngine.Epoll, new ServerOptions { Loops = 1, Tls = secure ? Link.ServerTls : null });
        var meter = new Meter();
        server.WhenView = (client, message) =>
        {
            meter.Count();
            client.Send(message);
        };
        await EchoAsync(server, size, secure, () => meter.Bytes == 0);
        Assert.Equal(0, meter.Bytes);
    }

    [Fact]
    public async Task Nor_does_that_of_a_client_who_was_there_before_the_first_message_of_all()
    {
        await using var server = new LoopServer(ServerEngine.Epoll, new ServerOptions { Loops = 1 });
        var meter = new Meter();
        server.WhenView = (client, message) =>
        {
            meter.Count();
            client.Send(message);
        };
        await Link.OnThread(() =>
        {
            using var early = Connection.Connect(server.Url);
            using (var first = Connection.Connect(server.Url))
            {
                Echo(first, new byte[20], static () => true);
            }

            Echo(early, new byte[20], () => meter.Bytes == 0);
        });
        Assert.Equal(0, meter.Bytes);
    }

    [Fact]
    public async Task A_message_to_keep_is_one_object_and_its_payload()
    {
        const int size = 1000;
        await using var server = new LoopServer(ServerEngine.Epoll, new ServerOptions { Loops = 1 });
        var meter = new Meter();
        server.WhenMessage = (client, message) =>
        {
            meter.Count();
            client.Send(message);
            return default;
        };

        // The array's header and length, and the message's header and fields.
        const int least = Window * size;
        const int most = Window * (size + 24 + 64);
        await EchoAsync(server, size, secure: false, () => meter.Bytes <= most);
        Assert.InRange(meter.Bytes, least, most);
    }

    private static async Task EchoAsync(LoopServer server, int size, bool secure, Func<bool> isEnough)
    {
        await Link.OnThread(() =>
        {
            using var client = Connection.Connect(secure ? server.SecureUrl : server.Url, new ClientOptions { Tls = Link.TrustingTls });
            Echo(client, new byte[size], isEnough);
        });
    }

    private static void Echo(Connection client, byte[] payload, Func<bool> isEnough)
    {
        int count = 0;
        do
        {
            client.Send(payload);
            Assert.Equal(payload.Length, client.Receive(Link.Limit).Payload.Length);
        }
        while (++count < WarmUp + MaxMeasured && !isEnough());
    }

    // The least of several windows: what the runtime does once in a while is not per message.
    private sealed class Meter
    {
        private long _start;
        private long _bytes = long.MaxValue;
        private int _count;

        public long Bytes => Volatile.Read(ref _bytes);

        public void Count()
        {
            if (++_count >= WarmUp && (_count - WarmUp) % Window == 0)
            {
                long now = GC.GetAllocatedBytesForCurrentThread();
                Volatile.Write(ref _bytes, _count > WarmUp ? Math.Min(_bytes, now - _start) : _bytes);
                _start = GC.GetAllocatedBytesForCurrentThread();
            }
        }
    }
}
