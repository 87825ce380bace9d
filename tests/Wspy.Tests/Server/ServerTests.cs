using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>Serving: clients of all kinds, and what one of them does to the others, which is nothing.</summary>
public abstract class ServerTests(ServerEngine engine)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Echoes_to_the_platforms_client(bool secure)
    {
        await using var server = new TestServer(engine, new ServerOptions { Subprotocols = ["second", "chat"], Tls = secure ? Link.ServerTls : null });
        using var client = new ClientWebSocket();
        client.Options.AddSubProtocol("chat");
        client.Options.RemoteCertificateValidationCallback = Link.TrustingTls.RemoteCertificateValidationCallback;
        await client.ConnectAsync(new Uri(secure ? server.Url.Replace("ws:", "wss:", StringComparison.Ordinal) : server.Url), CancellationToken.None).WaitAsync(Link.Limit);
        Assert.Equal("chat", client.SubProtocol);
        foreach (int size in new[] { 0, 1, 125, 126, 65535, 65536, 1 << 20 })
        {
            byte[] data = new byte[size], back = new byte[size + 1];
            new Random(size).NextBytes(data);
            await client.SendAsync(data, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            int count = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await client.ReceiveAsync(back.AsMemory(count), CancellationToken.None).AsTask().WaitAsync(Link.Limit);
                count += result.Count;
            }
            while (!result.EndOfMessage);
            Assert.True(back.AsSpan(0, count).SequenceEqual(data));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None).WaitAsync(Link.Limit);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Echoes_to_the_own_client_over_both_families_and_with_both_faces(bool secure)
    {
        await using var server = new TestServer(engine, new ServerOptions { Address = IPAddress.IPv6Any, Tls = secure ? Link.ServerTls : null });
        var options = new ClientOptions { Tls = Link.TrustingTls };
        foreach (string host in new[] { "[::1]", "127.0.0.1", "localhost" })
        {
            string url = $"{(secure ? "wss" : "ws")}://{host}:{server.EndPoint.Port}/";
            await Link.OnThread(() =>
            {
                using var client = Connection.Connect(url, options);
                client.Send("hello");
                Assert.Equal("hello", ((TextMessage)client.Receive()).Text);
            });
            await using Connection other = await Connection.ConnectAsync(url, options);
            await other.SendAsync(new byte[300_000]);
            Assert.Equal(300_000, (await other.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload.Length);
        }
    }

    [Fact]
    public async Task Bytes_right_behind_the_request_are_the_first_frames()
    {
        await using var server = new TestServer(engine);
        using var client = new RawClient(server.EndPoint);

        // A masked text frame "hi" with the key 0, in the same segment as the head.
        client.Send(RawClient.Upgrade() + "\x81\x82\0\0\0\0hi");
        Assert.StartsWith("HTTP/1.1 101 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Assert.Equal([0x81, 2, (byte)'h', (byte)'i'], await client.ReadAsync(4));
    }

    [Fact]
    public async Task Clients_that_send_garbage_vanish_or_make_handlers_throw_disturb_nobody()
    {
        await using var server = new TestServer(engine);
        server.WhenReceived = (client, message) =>
        {
            if (message is TextMessage { Text: "throw" })
            {
                throw new InvalidOperationException("as the test wants it");
            }

            client.Send(message);
        };
        using var healthy = Connection.Connect(server.Url);
        void Echo()
        {
            healthy.Send("still here");
            Assert.Equal("still here", ((TextMessage)healthy.Receive(Link.Limit)).Text);
        }

        byte[] garbage = new byte[1000];
        new Random(1).NextBytes(garbage);
        for (int i = 0; i < 10; i++)
        {
            using var noHttp = new RawClient(server.EndPoint);
            noHttp.Send(garbage);
            Echo();
            using var noFrames = new RawClient(server.EndPoint);
            noFrames.Send(RawClient.Upgrade());
            await noFrames.ReadHeadAsync();
            noFrames.Send(garbage);
            Echo();
            var vanishing = new RawClient(server.EndPoint);
            vanishing.Send(RawClient.Upgrade());
            await vanishing.ReadHeadAsync();
            vanishing.Reset();
            Echo();
            new RawClient(server.EndPoint).Reset();
            using var crashing = Connection.Connect(server.Url);
            crashing.Send("throw");
            Assert.Equal(CloseCode.InternalError, Assert.Throws<ConnectionClosedException>(() => crashing.Receive(Link.Limit)).CloseInfo.Code);
            Echo();
        }

        await server.StopAsync();
        Assert.Equal(server.Calls.Count(call => call.StartsWith("open", StringComparison.Ordinal)), server.Calls.Count(call => call.StartsWith("close", StringComparison.Ordinal)));
        Assert.Equal(10, server.Calls.Count(call => call.EndsWith(nameof(InvalidOperationException), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_client_more_than_MaxConnections_gets_503_until_one_leaves()
    {
        await using var server = new TestServer(engine, new ServerOptions { MaxConnections = 2, OnRequest = _ => HttpResponse.Text(200, "a page") });
        using var first = Connection.Connect(server.Url);
        using var second = Connection.Connect(server.Url);
        for (int i = 0; i < 3; i++)
        {
            HandshakeException refused = Assert.Throws<HandshakeException>(() => Connection.Connect(server.Url));
            Assert.Equal(503, refused.StatusCode);
            Assert.Contains("try again", Encoding.UTF8.GetString(refused.Body.Span), StringComparison.Ordinal);
        }

        using (var visitor = new RawClient(server.EndPoint))
        {
            visitor.Send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            Assert.EndsWith("a page", await visitor.ReadToEndAsync(), StringComparison.Ordinal);
        }

        first.Close();
        Connection? third = null;
        for (int i = 0; third is null && i < 10_000; i++)
        {
            try
            {
                third = Connection.Connect(server.Url);
            }
            catch (HandshakeException exception) when (exception.StatusCode == 503)
            {
                // The thread of the first is about to leave.
            }
        }

        Assert.NotNull(third);
        third.Dispose();
    }

    [Fact]
    public async Task Concurrent_clients_never_exceed_MaxConnections()
    {
        int now = 0, most = 0;
        await using var server = new TestServer(engine, new ServerOptions { MaxConnections = 3 });
        server.WhenOpened = _ => InterlockedMax(ref most, Interlocked.Increment(ref now));
        server.WhenClosed = (_, _) => Interlocked.Decrement(ref now);
        int connected = 0;
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(async () =>
        {
            try
            {
                await using Connection client = await Connection.ConnectAsync(server.Url);
                Interlocked.Increment(ref connected);
            }
            catch (HandshakeException exception) when (exception.StatusCode == 503)
            {
                // As it should.
            }
        }))).WaitAsync(Link.Limit);
        await server.StopAsync();
        Assert.InRange(most, 1, 3);
        Assert.True(connected >= 3);
    }

    [Fact]
    public async Task The_log_tells_start_and_stop_at_Information_connections_at_Debug_and_payloads_never()
    {
        using var log = new LogLines();
        await using (var server = new TestServer(engine, new ServerOptions { LoggerFactory = log, BlockedLoopThreshold = Timeout.InfiniteTimeSpan }))
        {
            using (var client = Connection.Connect(server.Url))
            {
                client.Send("secret payload");
                client.Receive();
                client.SendPing("secret ping"u8);
                client.Close(CloseCode.NormalClosure, "secret\nreason");
            }

            using var violating = Connection.Connect(server.Url);
            violating.Send([0xFF, (byte)'s', (byte)'e', (byte)'c', (byte)'r', (byte)'e', (byte)'t'], Opcode.Text);
            Assert.Throws<ConnectionClosedException>(() => violating.Receive());
        }

        Assert.DoesNotContain(log.Lines, entry => entry.Line.Contains("secret", StringComparison.Ordinal));
        Assert.Equal(["Listening", "Stopping,", "Stopped"], log.Lines.Where(entry => entry.Level == LogLevel.Information).Select(entry => entry.Line.Split(' ')[0]));
        foreach (string expected in new[] { "connected to /", "sent Text of 14 bytes", "closed with 1000 by Peer", "broke a rule", "closed with 1007 by Local" })
        {
            Assert.Contains(log.Lines, entry => entry.Level == LogLevel.Debug && entry.Line.Contains(expected, StringComparison.Ordinal));
        }

        Assert.DoesNotContain(log.Lines, entry => entry.Level > LogLevel.Information);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}

public sealed class ThreadedServerTests() : ServerTests(ServerEngine.Threads);

public sealed class EpollServerTests() : ServerTests(ServerEngine.Epoll);

public sealed class PortableServerTests() : ServerTests(ServerEngine.Portable);
