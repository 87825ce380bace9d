using System.Text;
using Microsoft.Extensions.Time.Testing;
using Wspy.Protocol;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Streams of one message that are given up, exceed a limit, meet the end, or are misused.</summary>
public class MessageStreamFailureTests
{
    [Fact]
    public async Task A_message_that_is_left_incomplete_closes_the_connection_with_1011()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        Task<ConnectionClosedException> reading = Assert.ThrowsAsync<ConnectionClosedException>(async () =>
        {
            await using MessageReadStream incoming = await server.ReceiveStreamAsync();
            Assert.Equal(10, await incoming.ReadAtLeastAsync(new byte[10], 10));
            _ = await incoming.ReadAsync(new byte[10]);
        });
        MessageWriteStream writer = client.BeginSend(fragmentSize: 10);
        await writer.WriteAsync(new byte[20]);
        await writer.DisposeAsync().AsTask().WaitAsync(Link.Limit);

        Assert.Equal(CloseCode.InternalError, (await reading.WaitAsync(Link.Limit)).CloseInfo.Code);
        CloseInfo info = await client.Closed.WaitAsync(Link.Limit);
        Assert.Equal((CloseCode.InternalError, CloseInitiator.Local), (info.Code, info.Initiator));
        Assert.Contains(nameof(MessageWriteStream.Complete), Assert.IsType<InvalidOperationException>(info.Exception).Message, StringComparison.Ordinal);
        Assert.Throws<ConnectionClosedException>(() => client.BeginSend());
    }

    [Fact]
    public async Task Of_a_message_of_which_nothing_has_left_nothing_is_left()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        using (MessageWriteStream writer = client.BeginSend(fragmentSize: 10))
        {
            writer.Write(new byte[10]);
        }

        client.Send("next");
        Assert.Equal("next", server.Receive(Link.Limit).ToString());
        await MessageStreamTests.CloseAsync(client, server);
    }

    [Fact]
    public async Task A_write_that_was_cancelled_cannot_go_on()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        await using (MessageWriteStream writer = client.BeginSend(fragmentSize: 10))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writer.WriteAsync(new byte[100], new CancellationToken(canceled: true)));
            Assert.False(writer.CanWrite);
            Assert.Throws<InvalidOperationException>(() => writer.Write(new byte[1]));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CompleteAsync());
        }

        // Nothing had left.
        await client.SendAsync("next");
        Assert.Equal("next", (await server.ReceiveAsync()).ToString());
        await MessageStreamTests.CloseAsync(client, server);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("deflate")]
    [InlineData("chain")]
    public async Task A_limit_holds_for_a_message_that_is_read_as_a_stream(string extensions)
    {
        (Connection client, Connection server) = await MessageStreamTests.OpenAsync(LinkKind.Memory, extensions, new ServerOptions { MaxMessageSize = 100_000 });
        Task sending = Task.Run(async () =>
        {
            await using MessageWriteStream writer = client.BeginSend(fragmentSize: 50_000);
            await writer.WriteAsync(DeflateSamples.Payload(100_001));
            await writer.CompleteAsync();
        });
        Task answering = Assert.ThrowsAsync<ConnectionClosedException>(async () => await client.ReceiveAsync());
        long read = 0;
        ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(async () =>
        {
            await using MessageReadStream incoming = await server.ReceiveStreamAsync();
            byte[] buffer = new byte[1000];
            while (true)
            {
                int count = await incoming.ReadAsync(buffer).AsTask().WaitAsync(Link.Limit);
                read += count;
            }
        });
        Assert.InRange(read, 1, 100_000);
        var limit = Assert.IsType<LimitExceededException>(closed.CloseInfo.Exception);
        Assert.Equal((nameof(ServerOptions.MaxMessageSize), 100_000L), (limit.LimitName, limit.Limit));
        await sending.WaitAsync(Link.Limit);
        await answering.WaitAsync(Link.Limit);
        Assert.Equal(CloseCode.MessageTooBig, (await client.Closed.WaitAsync(Link.Limit)).Code);
    }

    [Fact]
    public async Task Text_that_turns_out_to_be_none_ends_the_stream_with_1007_RFC6455_8_1()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        using (MessageWriteStream writer = client.BeginSend(Opcode.Text, fragmentSize: 4))
        {
            writer.Write("good"u8);
            writer.Write([0x80]);
            writer.Complete();
        }

        MessageReadStream incoming = server.ReceiveStream();
        byte[] buffer = new byte[100];
        Assert.Equal(4, incoming.Read(buffer));
        Task closing = Assert.ThrowsAsync<ConnectionClosedException>(async () => await client.ReceiveAsync());
        var closed = await Assert.ThrowsAsync<ConnectionClosedException>(async () => _ = await incoming.ReadAsync(buffer));
        Assert.Equal(CloseCode.InvalidPayloadData, closed.CloseInfo.Code);
        await closing.WaitAsync(Link.Limit);
    }

    [Fact]
    public async Task The_peers_end_and_ones_own_cut_a_stream_off()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        MessageWriteStream writer = client.BeginSend(fragmentSize: 10);
        writer.Write(new byte[20]);
        MessageReadStream reader = server.ReceiveStream();
        client.Abort();
        var lost = Assert.Throws<ConnectionClosedException>(() => ReadForever(reader));
        Assert.Equal(CloseCode.AbnormalClosure, lost.CloseInfo.Code);
        Assert.Throws<ConnectionClosedException>(() => writer.Write(new byte[20]));
        writer.Dispose();
        reader.Dispose();

        (client, server) = Connection.CreatePair();
        writer = client.BeginSend(fragmentSize: 10);
        writer.Write(new byte[20]);
        reader = server.ReceiveStream();
        Task answering = client.CloseAsync().AsTask();

        // Nobody reads the stream just now, so the close reads on in its place.
        await server.CloseAsync(CloseCode.GoingAway).AsTask().WaitAsync(Link.Limit);
        await answering.WaitAsync(Link.Limit);
        Assert.Throws<ConnectionClosedException>(() => ReadForever(reader));
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await writer.CompleteAsync());
        await writer.DisposeAsync();
    }

    [Fact]
    public async Task A_wait_that_is_given_up_harms_nothing()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        Assert.Throws<TimeoutException>(() => server.ReceiveStream(TimeSpan.Zero));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await server.ReceiveStreamAsync(new CancellationToken(canceled: true)));
        client.Send("whole");
        Assert.Equal("whole", server.Receive(Link.Limit).ToString());

        using var giveUp = new CancellationTokenSource();
        Task<MessageReadStream> waiting = server.ReceiveStreamAsync(giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await client.SendAsync("whole", fragmentSize: 2);
        Assert.Equal("whole", (await server.ReceiveAsync()).ToString());

        MessageWriteStream writer = client.BeginSend(Opcode.Text, fragmentSize: 2);
        writer.Write("in"u8);
        writer.Flush();

        // What has begun to come is read as a stream as well, from its beginning on.
        Assert.Throws<TimeoutException>(() => server.Receive(TimeSpan.Zero));
        MessageReadStream reader = server.ReceiveStream(TimeSpan.Zero);
        byte[] buffer = new byte[100];
        Assert.Equal(2, reader.Read(buffer));
        reader.ReadTimeout = 0;
        Assert.Throws<TimeoutException>(() => reader.Read(buffer));
        using var patience = new CancellationTokenSource();
        Task<int> reading = reader.ReadAsync(buffer, patience.Token).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        reader.ReadTimeout = Timeout.Infinite;
        writer.Write(" two"u8);
        writer.Complete();
        Assert.Equal(" two", Encoding.ASCII.GetString(MessageStreamTests.ReadAll(reader)));
        await MessageStreamTests.CloseAsync(client, server);
    }

    [Fact]
    public async Task Other_messages_wait_until_one_that_is_written_is_complete()
    {
        var clock = new FakeTimeProvider();
        (Connection client, Connection server) = Connection.CreatePair(new ClientOptions { SendTimeout = TimeSpan.FromMilliseconds(1), TimeProvider = clock });
        MessageWriteStream writer = client.BeginSend(fragmentSize: 10);
        writer.Write(new byte[20]);
        Assert.Throws<TimeoutException>(() => client.Send("second"));
        Assert.Throws<TimeoutException>(() => client.BeginSend());
        await Assert.ThrowsAsync<TimeoutException>(async () => await client.BeginSendAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.BeginSendAsync(cancellationToken: new CancellationToken(canceled: true)));
        Assert.True(client.IsOpen);
        writer.Complete();
        writer.Dispose();
        client.Send("second");
        Assert.Equal(20, server.Receive(Link.Limit).Payload.Length);
        Assert.Equal("second", server.Receive(Link.Limit).ToString());
        await MessageStreamTests.CloseAsync(client, server);
    }

    [Fact]
    public async Task Misuse_is_refused_and_harms_nothing()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        Assert.Throws<ArgumentOutOfRangeException>(() => client.BeginSend(fragmentSize: 0));
        Assert.Throws<ArgumentException>(() => client.BeginSend(Opcode.Ping));
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.BeginSendAsync((Opcode)0x3));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await client.BeginSendAsync(fragmentSize: -1));

        MessageWriteStream writer = client.BeginSend();
        Assert.True(writer.CanWrite);
        Assert.False(writer.CanRead || writer.CanSeek);
        Assert.Throws<NotSupportedException>(() => writer.Read(new byte[1], 0, 1));
        Assert.Throws<NotSupportedException>(() => writer.Length);
        writer.WriteByte(1);
        writer.Complete();
        Assert.Throws<InvalidOperationException>(writer.Complete);
        Assert.Throws<InvalidOperationException>(() => writer.WriteByte(1));
        writer.Dispose();
        Assert.Throws<InvalidOperationException>(writer.Flush);
        MessageWriteStream forgotten = client.BeginSend();
        forgotten.Dispose();
        forgotten.Dispose();
        Assert.Throws<ObjectDisposedException>(() => forgotten.WriteByte(1));
        client.Send("next");

        MessageReadStream reader = server.ReceiveStream();
        Assert.True(reader.CanRead && reader.CanTimeout);
        Assert.False(reader.CanWrite || reader.CanSeek);
        Assert.Throws<NotSupportedException>(() => reader.Write(new byte[1], 0, 1));
        Assert.Throws<NotSupportedException>(() => reader.Position);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.ReadTimeout = -2);
        Assert.Contains("stream", Assert.Throws<InvalidOperationException>(() => server.Receive()).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => server.ReceiveStream());
        Assert.Throws<InvalidOperationException>(() => server.ReceiveForever());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await server.ReceiveLeaseAsync());
        Assert.Equal(1, reader.ReadByte());

        // Whether its last byte or its end was read: until the end was, it is open.
        Assert.Throws<InvalidOperationException>(() => server.Receive());
        Assert.Equal(-1, reader.ReadByte());
        Assert.Equal("next", server.Receive(Link.Limit).ToString());
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.ReadByte());
        await MessageStreamTests.CloseAsync(client, server);
    }

    [Fact]
    public async Task A_handler_cannot_read_a_stream()
    {
        (WebSocket near, WebSocket far) = WebSocket.CreatePair();
        var client = new Connection(near);
        Exception? thrown = null;
        var server = new Recorder(far) { WhenReceived = (self, _) => thrown = Record.Exception(() => self.ReceiveStream()) };
        client.Send("call");
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        await client.CloseAsync().AsTask().WaitAsync(Link.Limit);
        await serving;
        Assert.IsType<InvalidOperationException>(thrown);
    }

    private static void ReadForever(MessageReadStream reader)
    {
        byte[] buffer = new byte[100];
        while (reader.Read(buffer) > 0)
        {
        }
    }
}
