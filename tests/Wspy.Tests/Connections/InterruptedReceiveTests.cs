using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Receives that are given up, by time or by token, and go on afterwards.</summary>
public class InterruptedReceiveTests
{
    public static TheoryData<LinkKind> Links => Link.All;

    [Theory]
    [InlineData(LinkKind.Memory)]
    [InlineData(LinkKind.Tcp)]
    [InlineData(LinkKind.Tls)]
    public async Task A_receive_that_times_out_leaves_the_connection_unharmed(LinkKind kind)
    {
        (WebSocket client, WebSocket server) = await Link.OpenAsync(kind);
        await Link.OnThread(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                Assert.Throws<TimeoutException>(() => server.Receive(TimeSpan.FromMilliseconds(1)));
                Assert.True(server.IsOpen);
                client.Send(Frame.Text($"message {i}"));
                Assert.Equal($"message {i}", Text(server.Receive(Link.Limit)));
                server.Send(Frame.Text($"answer {i}"));
                Assert.Equal($"answer {i}", Text(client.Receive(Link.Limit)));
            }
        });
        await CloseAsync(client, server);
    }

    [Theory]
    [InlineData(LinkKind.Tcp)]
    [InlineData(LinkKind.Tls)]
    public async Task A_receive_that_times_out_within_a_frame_keeps_what_came(LinkKind kind)
    {
        (WebSocket client, WebSocket server) = await Link.OpenAsync(kind, serverOptions: new ServerOptions { ReceiveBufferSize = 256 });
        byte[] payload = new byte[200_000];
        new Random(3).NextBytes(payload);
        await Link.OnThread(() =>
        {
            Task sending = Link.OnThread(() => client.Send(Frame.Binary(payload)));
            Frame? frame = null;
            while (frame is null)
            {
                try
                {
                    frame = server.Receive(TimeSpan.Zero);
                }
                catch (TimeoutException)
                {
                    // Goes on where it was.
                }
            }

            Assert.True(frame.Payload.Span.SequenceEqual(payload));
        });
        await CloseAsync(client, server);
    }

    [Fact]
    public async Task A_receive_may_wait_longer_than_the_platform_polls()
    {
        (WebSocket client, WebSocket server) = await Link.OpenAsync(LinkKind.Tcp);
        Task<Frame> receiving = Link.OnThread(() => server.Receive(TimeSpan.FromDays(2)));
        client.Send(Frame.Text("here"));
        Assert.Equal("here", Text(await receiving));
        await CloseAsync(client, server);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_cancelled_receive_loses_nothing(LinkKind kind)
    {
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind, serverOptions: new ServerOptions { ReceiveBufferSize = 256 });
        (Connection client, Connection server) = (new Connection(lower), new Connection(upper));
        const int Count = 200;
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                await client.SendAsync(Content(i), fragmentSize: i % 2 == 0 ? 0 : 100);
                await Task.Yield();
            }
        });
        int cancelled = 0;
        for (int i = 0; i < Count;)
        {
            using var source = new CancellationTokenSource();
            Task<Message> receiving = server.ReceiveAsync(source.Token).AsTask();
            if (i % 3 != 0 || cancelled > 10_000)
            {
                await Task.WhenAny(receiving, sending);
                await Task.Yield();
            }

            await source.CancelAsync();
            try
            {
                Assert.True((await receiving.WaitAsync(Link.Limit)).Payload.Span.SequenceEqual(Content(i)), $"message {i}");
                i++;
            }
            catch (OperationCanceledException)
            {
                cancelled++;
                Assert.True(server.IsOpen);
            }
        }

        Assert.True(cancelled > 0, "no receive was cancelled, so nothing was tested");
        await sending.WaitAsync(Link.Limit);
        await CloseAsync(lower, upper);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task After_a_cancelled_receive_the_blocking_calls_go_on(LinkKind kind)
    {
        (WebSocket lower, WebSocket upper) = await Link.OpenAsync(kind);
        (Connection client, Connection server) = (new Connection(lower), new Connection(upper));
        for (int i = 0; i < 10; i++)
        {
            using var source = new CancellationTokenSource();
            Task<Message> receiving = server.ReceiveAsync(source.Token).AsTask();
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving.WaitAsync(Link.Limit));
            client.Send($"message {i}");
            Assert.Equal($"message {i}", ((TextMessage)await Link.OnThread(() => server.Receive())).Text);
        }

        using var last = new CancellationTokenSource();
        Task<Message> pending = server.ReceiveAsync(last.Token).AsTask();
        await last.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.WaitAsync(Link.Limit));
        Task<CloseInfo> closing = Link.OnThread(() =>
        {
            server.Close(CloseCode.NormalClosure, "blocking");
            return server.Closed.Result;
        });
        await Assert.ThrowsAsync<ConnectionClosedException>(() => client.ReceiveAsync().AsTask().WaitAsync(Link.Limit));
        Assert.True((await closing).WasClean);
        Assert.Equal("blocking", (await client.Closed).Reason);
    }

    [Fact]
    public async Task A_receive_at_rest_costs_no_clock()
    {
        var clock = new FakeTimeProvider();
        (WebSocket client, WebSocket server) = await Link.OpenAsync(LinkKind.Memory, new ClientOptions { TimeProvider = clock }, new ServerOptions { TimeProvider = clock });
        Task<Frame> receiving = server.ReceiveAsync().AsTask();
        clock.Advance(TimeSpan.FromDays(1));
        client.Send(Frame.Text("patience"));
        Assert.Equal("patience", Text(await receiving.WaitAsync(Link.Limit)));
        await CloseAsync(client, server);
    }

    private static byte[] Content(int i)
    {
        byte[] content = new byte[i % 7 * 300];
        content.AsSpan().Fill((byte)i);
        return content;
    }

    private static string Text(Frame frame) => System.Text.Encoding.UTF8.GetString(frame.Payload.Span);

    private static async Task CloseAsync(WebSocket client, WebSocket server)
    {
        Task closing = client.CloseAsync().AsTask();
        await server.CloseAsync().AsTask().WaitAsync(Link.Limit);
        await closing.WaitAsync(Link.Limit);
        Assert.True((await client.Closed).WasClean);
    }
}
