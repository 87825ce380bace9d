using System.Text;
using Wspy.Extensions;
using Wspy.Tests.Extensions;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Messages that are written and read piece by piece, whole in the end.</summary>
public class MessageStreamTests
{
    private static readonly int[] Sizes = [0, 1, 125, 126, 999, 1000, 1001, 2000, 70_000, 300_000];

    public static TheoryData<LinkKind, string> Kinds => new MatrixTheoryData<LinkKind, string>(
        [LinkKind.Memory, LinkKind.Tcp, LinkKind.Tls, LinkKind.Partial], ["plain", "deflate", "deflate without context", "deflate-frame", "chain"]);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_written_in_pieces_is_read_in_others_blocking(LinkKind kind, string extensions)
    {
        (Connection client, Connection server) = await OpenAsync(kind, extensions);
        Task echoing = Link.OnThread(() =>
        {
            byte[] buffer = new byte[777];
            for (int i = 0; i < Sizes.Length; i++)
            {
                using MessageReadStream incoming = server.ReceiveStream();
                using MessageWriteStream outgoing = server.BeginSend(incoming.Opcode, fragmentSize: 1000);
                Assert.Equal(i % 2 == 0, incoming.IsText);
                for (int count; (count = incoming.Read(buffer)) > 0;)
                {
                    outgoing.Write(buffer, 0, count);
                }

                outgoing.Complete();
                Assert.Equal(0, incoming.Read(buffer));
            }
        });
        await Link.OnThread(() =>
        {
            for (int i = 0; i < Sizes.Length; i++)
            {
                byte[] message = DeflateSamples.Payload(Sizes[i]);
                Opcode opcode = i % 2 == 0 ? Opcode.Text : Opcode.Binary;
                Task sending = Link.OnThread(() =>
                {
                    using MessageWriteStream outgoing = client.BeginSend(opcode, fragmentSize: 50_000);
                    outgoing.Write(message.AsSpan(0, message.Length / 3));
                    outgoing.Flush();
                    outgoing.Write(message.AsSpan(message.Length / 3));
                    outgoing.Complete();
                });

                // One by one, whole or as a stream: the two ways may follow each other on one connection.
                Assert.Equal(message, i % 3 == 0 ? ReadAll(client.ReceiveStream()) : client.Receive().Payload);
                sending.GetAwaiter().GetResult();
            }
        });
        await echoing;
        await CloseAsync(client, server);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_written_in_pieces_is_read_in_others_asynchronously(LinkKind kind, string extensions)
    {
        (Connection client, Connection server) = await OpenAsync(kind, extensions);
        Task echoing = EchoAsync(server, Sizes.Length);
        for (int i = 0; i < Sizes.Length; i++)
        {
            byte[] message = DeflateSamples.Payload(Sizes[i]);
            Task sending = SendAsync(client, message);
            if (i % 3 == 0)
            {
                using var received = new MemoryStream();
                await using MessageReadStream incoming = await client.ReceiveStreamAsync().AsTask().WaitAsync(Link.Limit);
                await incoming.CopyToAsync(received).WaitAsync(Link.Limit);
                Assert.Equal(message, received.ToArray());
            }
            else
            {
                Assert.Equal(message, (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload);
            }

            await sending.WaitAsync(Link.Limit);
        }

        await echoing.WaitAsync(Link.Limit);
        await CloseAsync(client, server);
    }

    [Fact]
    public async Task What_fits_into_one_fragment_is_one_frame()
    {
        (WebSocket near, WebSocket far) = WebSocket.CreatePair();
        var client = new Connection(near);
        foreach ((int size, int[] lengths) in new[] { (0, new[] { 0 }), (1000, [1000]), (1001, [1000, 1]), (3000, [1000, 1000, 1000]) })
        {
            await using (MessageWriteStream writer = await client.BeginSendAsync(fragmentSize: 1000))
            {
                await writer.WriteAsync(new byte[size / 2]);
                await writer.WriteAsync(new byte[size - (size / 2)]);
                await writer.CompleteAsync();
            }

            Frame[] frames = await far.ReceiveAsync(lengths.Length);
            Assert.Equal(lengths, frames.Select(frame => frame.Payload.Length));
            Assert.Equal(Enumerable.Repeat(Opcode.Continuation, lengths.Length - 1).Prepend(Opcode.Binary), frames.Select(frame => frame.Opcode));
            Assert.Equal(lengths.Length - 1, Array.FindIndex(frames, frame => frame.Fin));
        }

        client.Abort();
        far.Abort();
    }

    [Fact]
    public async Task Text_of_several_bytes_per_character_may_be_cut_anywhere_RFC6455_5_6()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        string text = string.Concat(Enumerable.Repeat("κόσμε 🦉 ", 500));
        await using (MessageWriteStream outgoing = client.BeginSend(Opcode.Text, fragmentSize: 7))
        {
            await using (var writer = new StreamWriter(outgoing, leaveOpen: true))
            {
                await writer.WriteAsync(text);
            }

            await outgoing.CompleteAsync();
        }

        await using MessageReadStream incoming = await server.ReceiveStreamAsync();
        using var reader = new StreamReader(incoming, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 128);
        Assert.Equal(text, await reader.ReadToEndAsync());
        await CloseAsync(client, server);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("deflate")]
    [InlineData("chain")]
    public async Task A_message_that_is_not_read_to_its_end_is_dropped_and_the_next_comes_whole(string extensions)
    {
        (Connection client, Connection server) = await OpenAsync(LinkKind.Memory, extensions);
        byte[] large = DeflateSamples.Payload(500_000), small = DeflateSamples.Payload(1000);
        for (int read = 0; read < 3; read++)
        {
            Task sending = SendAsync(client, large, small, large);
            await using (MessageReadStream incoming = await server.ReceiveStreamAsync())
            {
                byte[] start = new byte[read * 1000];
                await incoming.ReadExactlyAsync(start);
                Assert.Equal(large[..start.Length], start);
            }

            Assert.Equal(small, (await server.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Payload);
            Assert.Equal(large, ReadAll(await server.ReceiveStreamAsync().AsTask().WaitAsync(Link.Limit)));
            await sending.WaitAsync(Link.Limit);
        }

        await CloseAsync(client, server);
    }

    [Fact]
    public async Task Pings_pass_between_the_fragments_and_are_answered_while_a_stream_is_read_RFC6455_5_5_2()
    {
        (WebSocket near, WebSocket far) = WebSocket.CreatePair();
        var client = new Recorder(near);
        var server = new Recorder(far);
        await using (MessageWriteStream writer = client.BeginSend(fragmentSize: 10))
        {
            await writer.WriteAsync(new byte[25]);
            await client.SendPingAsync();
            await writer.WriteAsync(new byte[5]);
            await server.SendPingAsync();
            await writer.CompleteAsync();
        }

        Assert.Equal(30, ReadAll(await server.ReceiveStreamAsync()).Length);
        Assert.Equal(["open", "ping"], server.Calls);
        Assert.Throws<TimeoutException>(() => client.ReceiveStream(TimeSpan.Zero));
        Assert.Equal(["open", "ping", "pong"], client.Calls);
        Assert.Throws<TimeoutException>(() => server.ReceiveStream(TimeSpan.Zero));
        Assert.Equal(["open", "ping", "pong"], server.Calls);
        await CloseAsync(client, server);
    }

    private static async Task EchoAsync(Connection server, int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            await using MessageReadStream incoming = await server.ReceiveStreamAsync();
            await using MessageWriteStream outgoing = await server.BeginSendAsync(incoming.Opcode, fragmentSize: 1000);
            await incoming.CopyToAsync(outgoing, bufferSize: 1333);
            await outgoing.CompleteAsync();
        }
    }

    private static async Task SendAsync(Connection client, params byte[][] messages)
    {
        foreach (byte[] message in messages)
        {
            await using MessageWriteStream outgoing = await client.BeginSendAsync(fragmentSize: 10_000);
            await outgoing.WriteAsync(message);
            await outgoing.CompleteAsync();
        }
    }

    internal static byte[] ReadAll(MessageReadStream stream)
    {
        using (stream)
        {
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }
    }

    internal static async Task CloseAsync(Connection client, Connection server)
    {
        Task closing = server.CloseAsync().AsTask();
        await client.CloseAsync().AsTask().WaitAsync(Link.Limit);
        await closing.WaitAsync(Link.Limit);
        Assert.True((await client.Closed).WasClean);
    }

    internal static async Task<(Connection Client, Connection Server)> OpenAsync(LinkKind kind, string extensions, ServerOptions? options = null)
    {
        (WebSocket client, WebSocket server) = await Link.OpenAsync(
            kind, new ClientOptions { Extensions = Extensions(extensions) }, (options ?? new ServerOptions()) with { Extensions = Extensions(extensions) });
        Assert.Equal(Extensions(extensions).Count, client.Extensions.Count);
        return (new Connection(client), new Connection(server));
    }

    internal static IReadOnlyList<Extension> Extensions(string kind) => kind switch
    {
        "plain" => [],
        "deflate" => [DeflateSamples.Extension(takeover: true)],
        "deflate without context" => [DeflateSamples.Extension(takeover: false)],
        "deflate-frame" => [new DeflateFrame(new DeflateFrameOptions { Memory = new DeflateMemory(16 << 20), Threshold = 0 })],
        "third party" => [new TestExtension("x-turn", ReservedBits.Rsv2) { Number = 0x5A }],
        "chain" => [new TestExtension("x-turn", ReservedBits.Rsv2) { Number = 0x5A }, DeflateSamples.Extension(takeover: true), new TestExtension("x-frames", ReservedBits.Rsv3) { Unit = ExtensionUnit.Frame }],
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
