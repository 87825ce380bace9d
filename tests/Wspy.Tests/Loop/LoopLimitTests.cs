using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>How many may come, how fast, and what happens when the system has no more to give.</summary>
public abstract class LoopLimitTests(ServerEngine engine)
{
    [Fact]
    public async Task An_address_has_so_many_connections_and_gets_them_back()
    {
        using var log = new LogLines();
        await using var server = new LoopServer(engine, new ServerOptions { MaxConnectionsPerAddress = 3, LoggerFactory = log });
        for (int round = 0; round < 5; round++)
        {
            // One of them never gets beyond its opening handshake.
            RawClient[] clients = [await server.OpenRawAsync(), await server.OpenRawAsync(), new RawClient(server.EndPoint)];
            clients[2].Send("GET ");
            using (var refused = new RawClient(server.EndPoint))
            {
                using var limit = new CancellationTokenSource(Link.Limit);
                await refused.DrainAsync(limit.Token);
            }

            clients[0].Send(LoopServer.Wire.Text("x"));
            Assert.Equal([0x81, 1, (byte)'x'], await clients[0].ReadAsync(3));
            Array.ForEach(clients, static client => client.Reset());
            int gone = 3 * (round + 1);
            await LoopServer.UntilAsync(() => server.Ends.Count == 2 * (round + 1) && log.Lines.Count(line => line.Line.StartsWith("No WebSocket", StringComparison.Ordinal)) == gone / 3);
        }

        Assert.Equal(5, log.Lines.Count(line => line.Line.Contains("MaxConnectionsPerAddress", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task So_many_are_accepted_per_second_and_the_others_wait()
    {
        var clock = new FakeTimeProvider();
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, MaxAcceptRate = 5, TimeProvider = clock, HandshakeTimeout = Timeout.InfiniteTimeSpan });
        RawClient[] clients = [.. Enumerable.Range(0, 14).Select(_ => new RawClient(server.EndPoint))];
        Task<string>[] heads = [.. clients.Select(client =>
        {
            client.Send(RawClient.Upgrade());
            return client.ReadHeadAsync();
        })];

        // The loop's clock begins at its start; the first second is not over.
        await LoopServer.UntilAsync(() => heads.Count(head => head.IsCompleted) == 5);
        clients[0].Send(LoopServer.Wire.Text("x"));
        Assert.Equal([0x81, 1, (byte)'x'], await clients[0].ReadAsync(3));
        Assert.Equal(5, heads.Count(head => head.IsCompleted));
        clock.Advance(TimeSpan.FromMilliseconds(1000));
        await LoopServer.UntilAsync(() => heads.Count(head => head.IsCompleted) == 10);
        clock.Advance(TimeSpan.FromMilliseconds(1000));
        await Task.WhenAll(heads).WaitAsync(Link.Limit);
        Array.ForEach(clients, static client => client.Dispose());
    }

    [Fact]
    public async Task A_handler_that_holds_up_its_loop_is_in_the_log_with_the_time()
    {
        var clock = new FakeTimeProvider();
        using var log = new LogLines();
        await using var server = new LoopServer(engine, new ServerOptions { Loops = 1, LoggerFactory = log, TimeProvider = clock, BlockedLoopThreshold = TimeSpan.FromMilliseconds(500) });
        server.WhenView = (client, message) =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(message.Payload.Length));
            client.Send(message);
        };
        using RawClient raw = await server.OpenRawAsync();
        raw.Send(LoopServer.Wire.Binary(new byte[499]));
        await raw.ReadAsync(503);
        raw.Send(LoopServer.Wire.Binary(new byte[1234]));
        await raw.ReadAsync(1238);
        await LoopServer.UntilAsync(() => log.Lines.Any(line => line.Level == LogLevel.Warning));
        Assert.StartsWith("A handler held up the event loop for 1234 ms, last for client 1 from 127.0.0.1:", Assert.Single(log.Lines, line => line.Level == LogLevel.Warning).Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_larger_than_every_buffer_is_answered_in_full()
    {
        string page = string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i:000000}"));
        await using var server = new LoopServer(engine, new ServerOptions { OnRequest = _ => HttpResponse.Html(200, page) });
        using var client = new RawClient(server.EndPoint);
        client.Send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        string answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + page, answer, StringComparison.Ordinal);
    }
}

public sealed class EpollLoopLimitTests() : LoopLimitTests(ServerEngine.Epoll);

public sealed class PortableLoopLimitTests() : LoopLimitTests(ServerEngine.Portable);
