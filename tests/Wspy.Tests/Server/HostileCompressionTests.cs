using Wspy.Extensions;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>A hostile client of a server with compression gets the right Close frame, leaves nothing behind, and troubles no other client.</summary>
public abstract class HostileCompressionTests(ServerEngine engine)
{
    public static TheoryData<string, bool> Attacks => new MatrixTheoryData<string, bool>(HostileCompression.Kinds.Select(row => row.Data).ToArray(), [true, false]);

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task An_attack_ends_its_own_connection_and_leaves_nothing_behind(string kind, bool takeover)
    {
        var memory = new DeflateMemory(16 << 20, maxPooled: 0);
        await using var server = new TestServer(engine, new ServerOptions
        {
            MaxMessageSize = HostileCompression.MaxMessageSize,
            MaxFragments = HostileCompression.MaxFragments,
            Extensions = [new DeflateMessage(new DeflateMessageOptions { Memory = memory, ClientContextTakeover = takeover, MaxRatio = kind == "a ratio" ? 100 : 1100 })],
        });
        using Connection other = Connection.Connect(server.Url);
        (byte[] bytes, CloseCode code) = HostileCompression.Make(kind, WebSocketRole.Client);
        using var client = new RawClient(server.EndPoint);
        client.Send(RawClient.Upgrade("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
        Assert.Contains("permessage-deflate", await client.ReadHeadAsync(), StringComparison.Ordinal);
        Task sending = SendAsync(client, bytes);
        byte[] head = await client.ReadAsync(4);
        Assert.Equal((0x88, (int)code), (head[0], (head[2] << 8) | head[3]));
        await client.DrainAsync(CancellationToken.None).WaitAsync(Link.Limit);
        await sending.WaitAsync(Link.Limit);
        client.Reset();

        using var limit = new CancellationTokenSource(Link.Limit);
        while (memory.Used != 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        other.Send("still there");
        Assert.Equal("still there", other.Receive(Link.Limit).ToString());
    }

    // It drips: what it holds is what was set aside for it, whatever others do meanwhile.
    [Fact]
    public async Task Many_that_stop_in_the_middle_of_a_message_hold_no_more_than_was_set_aside()
    {
        const int Clients = 50;
        var memory = new DeflateMemory((Clients - 10) * DeflateMemory.InflaterSize);
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [new DeflateMessage(new DeflateMessageOptions { Memory = memory, ClientContextTakeover = false, ServerContextTakeover = false })] });
        var clients = new List<RawClient>();
        int declined = 0;
        try
        {
            for (int i = 0; i < Clients; i++)
            {
                var client = new RawClient(server.EndPoint);
                clients.Add(client);
                client.Send(RawClient.Upgrade("Sec-WebSocket-Extensions: permessage-deflate\r\n"));
                if (!(await client.ReadHeadAsync()).Contains("permessage-deflate", StringComparison.Ordinal))
                {
                    declined++;
                    continue;
                }

                // The example of RFC 7692 §7.2.3.1, without its end.
                client.Send([0xC2, 0x87, 0, 0, 0, 0, 0xF2, 0x48, 0xCD]);
                Assert.InRange(memory.Used, 1, memory.Limit);
            }

            Assert.Equal(10, declined);

            // Who was declined is as good a client as any.
            clients[^1].Send([0x81, 0x81, 0, 0, 0, 0, (byte)'x']);
            Assert.Equal([0x81, 1, (byte)'x'], await clients[^1].ReadAsync(3));

            // And who goes on at last is served.
            clients[0].Send([0xC9, 0xC9, 0x07, 0x00]);
            Assert.Equal([0x82, 5, .. "Hello"u8], await clients[0].ReadAsync(7));
            Assert.InRange(memory.Used, 1, memory.Limit);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    private static async Task SendAsync(RawClient client, byte[] bytes)
    {
        try
        {
            await client.SendAsync(bytes, CancellationToken.None);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The server does not wait for all of it.
        }
    }
}

public sealed class ThreadedHostileCompressionTests() : HostileCompressionTests(ServerEngine.Threads);

public sealed class EpollHostileCompressionTests() : HostileCompressionTests(ServerEngine.Epoll);

public sealed class PortableHostileCompressionTests() : HostileCompressionTests(ServerEngine.Portable);
