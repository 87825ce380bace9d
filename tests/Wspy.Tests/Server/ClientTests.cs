using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>What a server's handlers get.</summary>
public abstract class ClientTests(ServerEngine engine)
{
    private static readonly SendResult[] Taken = [SendResult.Sent, SendResult.Queued];

    [Fact]
    public async Task Sending_tells_whether_the_client_is_there()
    {
        await using var server = new TestServer(engine, new ServerOptions());
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = opened.SetResult;
        await using Connection connection = await Connection.ConnectAsync(server.Url);
        Client client = await opened.Task.WaitAsync(Link.Limit);

        Assert.Contains(client.Send("text"), Taken);
        Assert.Contains(client.Send("bytes"u8), Taken);
        Assert.Contains(client.Send(new MessageView(Opcode.Text, "view"u8)), Taken);
        Assert.Equal("text", ((TextMessage)await connection.ReceiveAsync()).Text);
        Assert.Equal("bytes"u8.ToArray(), (await connection.ReceiveAsync()).Payload.ToArray());
        Assert.Equal("view", ((TextMessage)await connection.ReceiveAsync()).Text);

        connection.Abort();
        await client.Closed.WaitAsync(Link.Limit);
        Assert.Equal(SendResult.Closing, client.Send("text"));
        Assert.Equal(SendResult.Closing, client.Send("bytes"u8));
        Assert.Equal(SendResult.Closing, client.Send(new MessageView(Opcode.Text, "view"u8)));
    }
}

public sealed class ThreadedClientTests() : ClientTests(ServerEngine.Threads);

public sealed class EpollClientTests() : ClientTests(ServerEngine.Epoll);

public sealed class PortableClientTests() : ClientTests(ServerEngine.Portable);
