using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>What a server's handlers get.</summary>
public class ClientTests
{
    [Fact]
    public async Task Trying_to_send_tells_whether_the_client_is_there()
    {
        await using var server = new TestServer(new ServerOptions());
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = opened.SetResult;
        await using Connection connection = await Connection.ConnectAsync(server.Url);
        Client client = await opened.Task.WaitAsync(Link.Limit);

        Assert.True(client.TrySend("text"));
        Assert.True(client.TrySend("bytes"u8));
        Assert.True(client.TrySend(new MessageView(Opcode.Text, "view"u8)));
        Assert.Equal("text", ((TextMessage)await connection.ReceiveAsync()).Text);
        Assert.Equal("bytes"u8.ToArray(), (await connection.ReceiveAsync()).Payload.ToArray());
        Assert.Equal("view", ((TextMessage)await connection.ReceiveAsync()).Text);

        connection.Abort();
        await client.Closed.WaitAsync(Link.Limit);
        Assert.False(client.TrySend("text"));
        Assert.False(client.TrySend("bytes"u8));
        Assert.False(client.TrySend(new MessageView(Opcode.Text, "view"u8)));
    }
}
