using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Messages there and back over every kind of link, blocking and asynchronous.</summary>
public class EchoTests
{
    private static readonly int[] Sizes = [0, 1, 125, 126, 127, 4096, 16 * 1024 - 1, 16 * 1024, 65535, 65536, 65537, 200_000, 1 << 20];

    public static TheoryData<LinkKind> Links => Link.All;

    [Theory]
    [MemberData(nameof(Links))]
    public async Task All_sizes_in_both_directions_blocking(LinkKind kind)
    {
        (WebSocket client, WebSocket server) = await Link.OpenAsync(kind);
        foreach ((WebSocket near, WebSocket far) in new[] { (client, server), (server, client) })
        {
            Task echoing = Link.OnThread(() =>
            {
                foreach (int _ in Sizes)
                {
                    Frame frame = far.Receive();
                    far.Send(frame);
                }
            });
            await Link.OnThread(() =>
            {
                foreach (int size in Sizes)
                {
                    byte[] payload = Payload(size);
                    near.Send(Frame.Binary(payload));
                    Assert.True(near.Receive().Payload.Span.SequenceEqual(payload));
                }
            });
            await echoing;
        }

        await EndAsync(client, server);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task All_sizes_in_both_directions_asynchronously(LinkKind kind)
    {
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
        (Connection client, Connection server) = (new Connection(lower), new Connection(upper));
        foreach ((Connection near, Connection far) in new[] { (client, server), (server, client) })
        {
            Task echoing = Task.Run(async () =>
            {
                foreach (int _ in Sizes)
                {
                    using MessageLease lease = await far.ReceiveLeaseAsync();
                    await far.SendAsync(lease.Payload, lease.Opcode, fragmentSize: lease.Payload.Length / 3);
                }
            });
            foreach (int size in Sizes)
            {
                byte[] payload = Payload(size);
                await near.SendAsync(payload, fragmentSize: 3 * size / 4);
                Message back = await near.ReceiveAsync().AsTask().WaitAsync(Link.Limit);
                Assert.True(back.Payload.Span.SequenceEqual(payload));
            }

            await echoing.WaitAsync(Link.Limit);
        }

        await EndAsync(lower, upper);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Pings_pass_between_fragments_and_both_faces_mix(LinkKind kind)
    {
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
        var server = new Recorder(upper) { WhenReceived = (self, message) => self.Send(message, fragmentSize: 10) };
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        var client = new Recorder(lower);
        string text = new('€', 100);
        for (int i = 0; i < 20; i++)
        {
            if (i % 2 == 0)
            {
                client.SendPing("between"u8);
                client.Send(text, fragmentSize: 7);
            }
            else
            {
                await client.SendAsync(text, fragmentSize: 7);
                await client.SendPingAsync("between"u8.ToArray());
            }

            Message back = i % 3 == 0 ? await Link.OnThread(() => client.Receive()) : await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit);
            Assert.Equal(text, ((TextMessage)back).Text);
        }

        await client.CloseAsync();
        Assert.True((await serving).WasClean);
        Assert.Equal(20, server.Calls.Count(call => call == "ping"));
        Assert.Contains("pong", client.Calls);
        Assert.False(server.Overlapped);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task Await_foreach_yields_messages_and_leases_until_the_close(LinkKind kind)
    {
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
        (Connection client, Connection server) = (new Connection(lower), new Connection(upper));
        Task<int> messages = Task.Run(async () =>
        {
            int count = 0;
            await foreach (Message message in server)
            {
                Assert.Equal(count, message.Payload.Length);
                await server.SendAsync(message);
                count++;
            }

            return count;
        });
        Task<int> leases = Task.Run(async () =>
        {
            int count = 0;
            await foreach (MessageLease lease in client.ReceiveLeasesAsync())
            {
                using (lease)
                {
                    Assert.Equal(count, lease.Payload.Length);
                    if (++count == 50)
                    {
                        await client.CloseAsync(CloseCode.NormalClosure, "enough").AsTask().WaitAsync(Link.Limit);
                        return count;
                    }
                }
            }

            return -1;
        });
        for (int i = 0; i < 50; i++)
        {
            await client.SendAsync(new byte[i]);
        }

        Assert.Equal(50, await messages.WaitAsync(Link.Limit));
        Assert.Equal(50, await leases.WaitAsync(Link.Limit));
        Assert.Equal("enough", (await server.Closed).Reason);
    }

    private static byte[] Payload(int size)
    {
        byte[] payload = new byte[size];
        new Random(size).NextBytes(payload);
        return payload;
    }

    private static async Task EndAsync(WebSocket client, WebSocket server)
    {
        Task closing = client.CloseAsync().AsTask();
        await server.CloseAsync().AsTask().WaitAsync(Link.Limit);
        await closing.WaitAsync(Link.Limit);
        Assert.True((await client.Closed).WasClean);
        Assert.True((await server.Closed).WasClean);
    }
}
