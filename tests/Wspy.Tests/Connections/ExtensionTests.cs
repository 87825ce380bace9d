using System.Buffers;
using Microsoft.Extensions.Time.Testing;
using Wspy.Extensions;
using Wspy.Tests.Compression;
using Wspy.Tests.Extensions;

namespace Wspy.Tests.Connections;

/// <summary>Extensions on real connections: negotiated, at work in both directions, and failing.</summary>
public class ExtensionTests
{
    public static TheoryData<string> Kinds => ["permessage-deflate", "deflate-frame", "both ways without takeover", "a chain"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Messages_and_fragments_come_back_as_they_were_RFC7692(string kind)
    {
        (WebSocket near, WebSocket far) = WebSocket.CreatePair(new ClientOptions { Extensions = Extensions(kind) }, new ServerOptions { Extensions = Extensions(kind) });
        Assert.Equal(Extensions(kind).Length, near.Extensions.Count);
        Assert.Equal(near.Extensions.Select(offer => offer.ToString()), far.Extensions.Select(offer => offer.ToString()));
        await using var client = new Connection(near);
        await using var server = new Connection(far);
        Task echoing = EchoAsync(server);
        foreach (byte[] message in (byte[][])[.. Codec.Messages, [], new byte[1_000_000]])
        {
            await client.SendAsync(new BinaryMessage(message));
            Assert.Equal(message, (await client.ReceiveAsync()).Payload.ToArray());
            await client.SendAsync(new BinaryMessage(message), Math.Max(message.Length / 3, 1));
            Assert.Equal(message, (await client.ReceiveAsync()).Payload.ToArray());
        }

        await client.SendAsync("κόσμε, and again: κόσμε, κόσμε, κόσμε, κόσμε, κόσμε, κόσμε, κόσμε, κόσμε");
        Assert.StartsWith("κόσμε", (await client.ReceiveAsync()).ToString(), StringComparison.Ordinal);
        await client.CloseAsync();
        await echoing;
        Assert.True((await near.Closed).WasClean);
    }

    [Fact]
    public async Task Frames_are_inflated_one_by_one_and_blocking_calls_compress_as_well()
    {
        (WebSocket client, WebSocket server) = WebSocket.CreatePair(new ClientOptions { Extensions = [new DeflateMessage()] }, new ServerOptions { Extensions = [new DeflateMessage()] });
        string text = string.Concat(Enumerable.Repeat("again and ", 1000));
        Task<Frame> receiving = server.ReceiveAsync().AsTask();
        client.Send(Frame.Text(text));
        Frame frame = await receiving;

        Assert.Equal(ReservedBits.None, frame.Reserved);
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(frame.Payload.Span));
        client.Abort();
        server.Abort();
    }

    [Fact]
    public async Task What_both_do_not_speak_is_not_used()
    {
        (WebSocket client, WebSocket server) = WebSocket.CreatePair(new ClientOptions { Extensions = [new DeflateMessage()] }, new ServerOptions { Extensions = [new DeflateFrame()] });

        Assert.Empty(client.Extensions);
        Assert.Empty(server.Extensions);
        client.Abort();
        server.Abort();
        await client.Closed;
    }

    [Fact]
    public async Task A_bomb_closes_with_1009()
    {
        (WebSocket near, WebSocket far) = WebSocket.CreatePair(
            new ClientOptions { Extensions = [new DeflateMessage()] }, new ServerOptions { Extensions = [new DeflateMessage()], MaxMessageSize = 100_000 });
        await using var client = new Connection(near);
        await using var server = new Connection(far);
        Task<Message> receiving = server.ReceiveAsync().AsTask();
        await client.SendAsync(new BinaryMessage(new byte[10_000_000]));

        ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(() => receiving);
        LimitExceededException limit = Assert.IsType<LimitExceededException>(closed.CloseInfo.Exception);
        Assert.Equal((100_000, 100_001), (limit.Limit, limit.Actual));
        Assert.Equal(CloseCode.MessageTooBig, (await Assert.ThrowsAsync<ConnectionClosedException>(async () => await client.ReceiveAsync())).CloseInfo.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_has_ended_calls_its_extensions_no_more(bool sharesForm)
    {
        var clock = new FakeTimeProvider();
        var extension = new TestExtension("test", ReservedBits.Rsv2) { IdleTime = TimeSpan.FromSeconds(10), SharedForm = sharesForm ? "shared" : null };
        (WebSocket near, WebSocket far) = WebSocket.CreatePair(
            new ClientOptions { Extensions = [new TestExtension("test", ReservedBits.Rsv2)] }, new ServerOptions { Extensions = [extension], TimeProvider = clock });
        await using var client = new Connection(near);
        await using var server = new Connection(far);
        await server.SendAsync("first");
        Assert.Equal("first", (await client.ReceiveAsync()).ToString());

        client.Abort();
        await Assert.ThrowsAsync<ConnectionClosedException>(() => server.ReceiveAsync().AsTask());
        await server.Closed;
        Assert.Throws<ConnectionClosedException>(() => server.Send("late"));
        await Assert.ThrowsAsync<ConnectionClosedException>(() => server.SendAsync("late").AsTask());
        Assert.Throws<ConnectionClosedException>(() => server.Send(new PreparedMessage("late")));
        await Assert.ThrowsAsync<ConnectionClosedException>(() => server.SendAsync(new PreparedMessage("late")).AsTask());
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["begin", "dispose"], Assert.Single(extension.Instances).Sending);
    }

    [Fact]
    public async Task An_extension_that_throws_while_sending_closes_with_1011_and_no_other_connection()
    {
        var failing = new FailingExtension(whenSending: true);
        (WebSocket near, WebSocket far) = WebSocket.CreatePair(new ClientOptions { Extensions = [failing] }, new ServerOptions { Extensions = [new TestExtension(failing.Name, ReservedBits.Rsv1)] });
        await using var client = new Connection(near);
        await using var server = new Connection(far);
        Task<Message> receiving = server.ReceiveAsync().AsTask();

        ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(async () => await client.SendAsync("x"));
        ExtensionException failure = Assert.IsType<ExtensionException>(closed.CloseInfo.Exception);
        Assert.Equal(("failing", "The extension failing failed: while sending"), (failure.Extension, failure.Message));
        Assert.IsType<InvalidOperationException>(failure.InnerException);
        Assert.Equal(CloseCode.InternalError, closed.CloseInfo.Code);
        Assert.Equal(CloseCode.InternalError, (await Assert.ThrowsAsync<ConnectionClosedException>(() => receiving)).CloseInfo.Code);
    }

    private static async Task EchoAsync(Connection server)
    {
        await foreach (Message message in server)
        {
            await server.SendAsync(message);
        }
    }

    private static Extension[] Extensions(string kind) => kind switch
    {
        "permessage-deflate" => [new DeflateMessage()],
        "deflate-frame" => [new DeflateFrame()],
        "a chain" => [new TestExtension("turn", ReservedBits.Rsv2) { Number = 0x55 }, new DeflateMessage()],
        _ => [new DeflateMessage(new DeflateMessageOptions { ServerContextTakeover = false, ClientContextTakeover = false, ServerMaxWindowBits = 8, ClientMaxWindowBits = 9 })],
    };
}
