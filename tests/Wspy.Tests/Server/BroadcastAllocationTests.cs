using Wspy.Extensions;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Telling many on a loop allocates nothing per client: what was prepared is there, and the queues hold it as it is.</summary>
public class BroadcastAllocationTests
{
    [Theory]
    [InlineData(ServerEngine.Epoll, 1000)]
    [InlineData(ServerEngine.Epoll, 100_000)]
    [InlineData(ServerEngine.Portable, 1000)]
    public async Task A_broadcast_from_a_handler_allocates_nothing(ServerEngine engine, int size)
    {
        const int Clients = 10, Rounds = 30;
        var message = new PreparedMessage(new BinaryMessage(new byte[size]));
        long least = long.MaxValue;
        int told = 0;
        await using var server = new TestServer(engine, new ServerOptions { Loops = 1, Extensions = [new DeflateMessage(new DeflateMessageOptions { ServerContextTakeover = false })] });
        Client[] others = [];
        int opened = 0;
        var complete = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = _ =>
        {
            if (++opened == Clients)
            {
                complete.SetResult();
            }
        };
        server.WhenReceived = (_, _) =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            BroadcastTally tally = server.Server.Broadcast(others.AsSpan(), message);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            told = tally.Sent + tally.Queued;
        };
        Connection[] clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => Connection.ConnectAsync(
            server.Url, new ClientOptions { Extensions = i % 2 == 0 ? [] : [new DeflateMessage()] }).AsTask())).WaitAsync(Link.Limit);
        await complete.Task.WaitAsync(Link.Limit);
        others = [.. server.Clients];
        for (int round = 0; round < Rounds; round++)
        {
            await clients[0].SendAsync("go");
            foreach (Connection client in clients)
            {
                Assert.Equal(size, (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.Length);
            }
        }

        Assert.Equal(Clients, told);
        Assert.Equal(0, least);
        foreach (Connection client in clients)
        {
            client.Abort();
        }
    }
}
