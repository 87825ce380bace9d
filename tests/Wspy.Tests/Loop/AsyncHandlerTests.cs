using System.Collections.Concurrent;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>Handlers that do not complete at once: they hold up their own client, and nobody else.</summary>
public abstract class AsyncHandlerTests(ServerEngine engine)
{
    [Fact]
    public async Task One_at_a_time_and_in_order_wherever_the_bytes_are_cut()
    {
        byte[] stream = [.. Enumerable.Range(0, 12).SelectMany(i => i % 4 == 3 ? LoopServer.Wire.Ping($"{i}") : LoopServer.Wire.Text($"message {i}"))];
        for (int cut = 0; cut < stream.Length; cut += 19)
        {
            int running = 0;
            bool overlapped = false;
            var seen = new ConcurrentQueue<string>();
            await using var server = new LoopServer(engine, new ServerOptions { Loops = 1 });
            server.WhenPing = (_, payload) => seen.Enqueue($"ping {payload[0] - '0'}");
            server.WhenMessage = async (client, message) =>
            {
                overlapped |= Interlocked.Increment(ref running) != 1;
                await Task.Yield();
                seen.Enqueue(((TextMessage)message).Text);
                Interlocked.Decrement(ref running);
                Assert.NotEqual(SendResult.Dropped, client.Send(message));
            };
            using RawClient client = await server.OpenRawAsync();
            client.Send(stream.AsSpan(0, cut));
            client.Send(stream.AsSpan(cut));
            client.Send(LoopServer.Wire.Close(1000));
            string all = await client.ReadToEndAsync();
            await server.StopAsync().WaitAsync(Link.Limit);
            Assert.False(overlapped);
            Assert.Equal(9, seen.Count(call => call.StartsWith("message", StringComparison.Ordinal)));
            Assert.Equal(["message 0", "message 1", "message 2", "ping 3", "message 4"], seen.Take(5));
            int[] places = [.. Enumerable.Range(0, 12).Where(i => i % 4 != 3).Select(i => all.IndexOf($"message {i}", StringComparison.Ordinal))];
            Assert.DoesNotContain(-1, places);
            Assert.Equal(places.Order(), places);
        }
    }

    // Its other thread was faster than the loop, which sees a task that is complete.
    [Fact]
    public async Task What_a_handler_has_done_on_another_thread_comes_before_what_is_received_next()
    {
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1 });
        int received = 0;
        server.WhenMessage = (client, message) =>
        {
            Interlocked.Increment(ref received);
            Task sending = Task.Run(() =>
            {
                Assert.NotEqual(SendResult.Dropped, client.Send(message));
                client.PauseReading();
            });
            Assert.True(sending.Wait(Link.Limit));
            return new ValueTask(sending);
        };
        (RawClient raw, Client client) = await server.OpenPairAsync();
        raw.Send([.. LoopServer.Wire.Text("1"), .. LoopServer.Wire.Text("2"), .. LoopServer.Wire.Ping("p"), .. LoopServer.Wire.Close(1000)]);
        Assert.Equal([0x81, 1, (byte)'1'], await raw.ReadAsync(3));
        Assert.Equal(1, Volatile.Read(ref received));
        client.ResumeReading();
        Assert.Equal([0x81, 1, (byte)'2'], await raw.ReadAsync(3));
        Assert.Equal(2, Volatile.Read(ref received));
        client.ResumeReading();
        Assert.Equal([0x8A, 1, (byte)'p', 0x88, 2, 3, 0xE8], await raw.ReadAsync(7));
        raw.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Others_are_served_while_one_waits(bool inOpen)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1 });
        server.WhenMessage = async (client, message) =>
        {
            if (client.Id == 1 && !inOpen)
            {
                await gate.Task;
            }

            client.Send(message);
        };
        server.WhenOpen = client => client.Id == 1 && inOpen ? new ValueTask(gate.Task) : default;
        using RawClient held = await server.OpenRawAsync();
        held.Send([.. LoopServer.Wire.Text("one"), .. LoopServer.Wire.Text("two")]);
        for (int i = 0; i < 5; i++)
        {
            await server.EchoAsync();
        }

        Task<byte[]> answer = held.ReadAsync(10);
        Assert.False(answer.IsCompleted);
        gate.SetResult();
        Assert.Equal([0x81, 3, .. "one"u8, 0x81, 3, .. "two"u8], await answer);
    }

    // Their Close frame is looked for then, and what comes before it is received as well.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_close_no_handler_runs_beside_one_that_has_not_completed(bool inOpen)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new LoopServer(engine);
        async ValueTask CloseAsync(Client client)
        {
            client.Close();
            await gate.Task;
            server.Calls.Enqueue("completed");
        }

        server.WhenOpen = client => inOpen ? CloseAsync(client) : default;
        server.WhenMessage = (client, _) => CloseAsync(client);
        server.WhenPing = (_, _) => server.Calls.Enqueue("ping");
        server.WhenPong = (_, _) => server.Calls.Enqueue("pong");
        using RawClient raw = await server.OpenRawAsync();
        raw.Send(LoopServer.Wire.Text("close"));
        Assert.Equal([0x88, 2, 0x03, 0xE8], await raw.ReadAsync(4));
        raw.Send([.. LoopServer.Wire.Ping(), .. LoopServer.Wire.Pong(), .. LoopServer.Wire.Frame((Opcode)3, [])]);

        // The mistake ends the stream, so that all of it was seen.
        string rest = await raw.ReadToEndAsync();
        string[] meanwhile = [.. server.Calls];
        gate.SetResult();
        raw.Dispose();
        Assert.Equal("", rest);
        Assert.Equal(["open 1"], meanwhile);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(["open 1", "completed", "error 1 ProtocolException", "close 1"], server.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exception_after_an_await_is_OnError_and_1011(bool inOpen)
    {
        await using var server = new LoopServer(engine);
        static async ValueTask FailAsync()
        {
            await Task.Yield();
            throw new InvalidOperationException("as the test wants it");
        }

        server.WhenOpen = _ => inOpen ? FailAsync() : default;
        server.WhenMessage = (_, _) => FailAsync();
        using RawClient client = await server.OpenRawAsync();
        client.Send([.. LoopServer.Wire.Text("one"), .. LoopServer.Wire.Text("two")]);
        Assert.Equal([0x88, 2, 0x03, 0xF3], await client.ReadAsync(4));
        client.Send(LoopServer.Wire.Close(1011));
        Assert.Empty(await client.ReadToEndAsync());
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(["open 1", "error 1 InvalidOperationException", "close 1"], server.Calls);
        Assert.IsType<InvalidOperationException>(server.Ends[1].Exception);
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("abort")]
    [InlineData("stop")]
    [InlineData("stop and answer")]
    public async Task The_end_waits_for_the_handler_that_is_under_way(string end)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new LoopServer(engine, new ServerOptions { StopTimeout = TimeSpan.FromMilliseconds(end == "stop" ? 50 : 20_000) });
        bool returned = false, closedBefore = false;
        server.WhenMessage = async (client, message) =>
        {
            entered.SetResult();
            await gate.Task;
            Assert.Equal(SendResult.Closing, client.Send(message));
            returned = true;
        };
        server.WhenClose = (_, _) => closedBefore = !returned;
        (RawClient raw, Client client) = await server.OpenPairAsync();
        raw.Send(LoopServer.Wire.Text("one"));
        await entered.Task.WaitAsync(Link.Limit);
        Task stopping = Task.CompletedTask;
        switch (end)
        {
            case "reset":
                raw.Reset();

                // Nothing is read meanwhile, so it shows when something is sent, or when reading goes on.
                client.Send("x");
                client.Send("y");
                client.Close();
                await LoopServer.UntilAsync(() => !client.IsOpen);
                break;
            case "abort":
                client.Abort();
                break;
            default:
                stopping = server.StopAsync();
                break;
        }

        if (end == "stop and answer")
        {
            Assert.Equal([0x88, 2, 0x03, 0xE9], await raw.ReadAsync(4));
            raw.Send(LoopServer.Wire.Close(1001));
        }

        if (end != "reset")
        {
            await client.Closed.WaitAsync(Link.Limit);
            Assert.Empty(server.Ends);
            Assert.False(stopping.IsCompleted && end.StartsWith("stop", StringComparison.Ordinal));
        }

        gate.SetResult();
        await stopping.WaitAsync(Link.Limit);
        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(["open 1", "close 1"], server.Calls);
        Assert.True(returned);
        Assert.False(closedBefore);
        raw.Dispose();
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("dispose")]
    [InlineData("dispose asynchronously")]
    public async Task A_handler_may_await_the_stop_of_its_own_server(string how)
    {
        await using var server = new LoopServer(engine, new ServerOptions { StopTimeout = Timeout.InfiniteTimeSpan, CloseTimeout = Timeout.InfiniteTimeSpan });
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int entered = 0;
        server.WhenMessage = async (_, _) =>
        {
            if (Interlocked.Increment(ref entered) == 2)
            {
                both.SetResult();
            }

            await both.Task;
            await Task.Yield();
            switch (how)
            {
                case "stop":
                    await server.StopAsync();
                    break;
                case "dispose":
                    server.Dispose();
                    break;
                default:
                    await server.DisposeAsync();
                    break;
            }

            stopped.TrySetResult();
            await gate.Task;
        };

        // Both wait, and neither for the other.
        Connection[] clients = [.. Enumerable.Range(0, 2).Select(_ => Connection.Connect(server.Url))];
        Task[] ends = [.. clients.Select(client => Link.OnThread(client.ReceiveForever))];
        Array.ForEach(clients, static client => client.Send("stop"));
        await stopped.Task.WaitAsync(Link.Limit);
        await Task.WhenAll(ends);
        Task all = server.StopAsync();
        Assert.False(all.IsCompleted);
        gate.SetResult();
        await all.WaitAsync(Link.Limit);
        Assert.Equal(2, server.Ends.Count);
        Assert.All(clients, client => Assert.Equal((CloseCode.GoingAway, true), (client.Closed.Result.Code, client.Closed.Result.WasClean)));
    }

    // A handler's replies to its own client are always taken, whether its input came just now or was held up.
    [Fact]
    public async Task Replies_to_held_input_are_not_dropped()
    {
        byte[] reply = new byte[60_000];
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var results = new ConcurrentQueue<SendResult>();
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, HighWaterMark = 100_000 });
        server.WhenMessage = (client, message) =>
        {
            if (message.Payload.Length == 0)
            {
                return new ValueTask(gate.Task);
            }

            results.Enqueue(client.Send(reply));
            results.Enqueue(client.Send(reply));
            return default;
        };
        using RawClient client = await server.OpenRawAsync();
        client.Send([.. LoopServer.Wire.Text(""), .. Enumerable.Range(0, 50).SelectMany(_ => LoopServer.Wire.Text("more"))]);
        gate.SetResult();
        byte[] all = await client.ReadAsync(100 * (reply.Length + 4));
        Assert.Equal(0x82, all[99 * (reply.Length + 4)]);
        Assert.DoesNotContain(SendResult.Dropped, results);
    }
}

public sealed class EpollAsyncHandlerTests() : AsyncHandlerTests(ServerEngine.Epoll);

public sealed class PortableAsyncHandlerTests() : AsyncHandlerTests(ServerEngine.Portable);
