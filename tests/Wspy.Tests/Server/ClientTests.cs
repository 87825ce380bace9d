using Wspy.Tests.LoopTests;
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

    [Fact]
    public async Task What_cannot_be_sent_is_an_argument_of_the_callers()
    {
        await using var server = new TestServer(engine);
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = opened.SetResult;
        await using Connection connection = await Connection.ConnectAsync(server.Url);
        Client client = await opened.Task.WaitAsync(Link.Limit);

        Assert.Equal("fragmentSize", Assert.Throws<ArgumentOutOfRangeException>(() => client.Send("text", -1)).ParamName);
        Assert.Equal("fragmentSize", Assert.Throws<ArgumentOutOfRangeException>(() => client.Send("bytes"u8, Opcode.Binary, -1)).ParamName);
        Assert.Equal("fragmentSize", Assert.Throws<ArgumentOutOfRangeException>(() => client.Send(new TextMessage("text"), -1)).ParamName);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await client.SendAsync("text", -1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await client.SendAsync(new byte[1], Opcode.Binary, -1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await client.SendAsync(new TextMessage("text"), -1));

        const string tooLong = "A payload of 126 bytes exceeds the 125 bytes of a control frame (RFC 6455 §5.5). (Parameter 'payload')";
        Assert.Equal(tooLong, Assert.Throws<ArgumentException>(() => client.SendPing(new byte[126])).Message);
        Assert.Equal(tooLong, Assert.Throws<ArgumentException>(() => client.SendPong(new byte[126])).Message);
        client.Send("sound");
        Assert.Equal("sound", ((TextMessage)await connection.ReceiveAsync()).Text);
    }

    [Theory]
    [InlineData("resume")]
    [InlineData("close")]
    [InlineData("abort")]
    [InlineData("stop")]
    public async Task While_reading_is_paused_no_handler_is_called_and_the_end_comes_all_the_same(string then)
    {
        await using var server = new TestServer(engine, new ServerOptions { CloseTimeout = TimeSpan.FromMilliseconds(200) });
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.WhenOpened = opened.SetResult;
        server.WhenReceived = (_, _) => received.SetResult();
        using var raw = new RawClient(server.EndPoint);
        raw.Send(RawClient.Upgrade());
        await raw.ReadHeadAsync();
        Client client = await opened.Task.WaitAsync(Link.Limit);
        client.PauseReading();

        // When these are out, a loop has taken over what was asked of it before.
        client.SendPing();
        Assert.Equal([0x89, 0], await raw.ReadAsync(2));
        raw.Send(LoopServer.Wire.Text("one"));
        await Task.WhenAny(received.Task, Task.Delay(50));
        Assert.False(received.Task.IsCompleted);
        switch (then)
        {
            case "resume":
                client.ResumeReading();
                await received.Task.WaitAsync(Link.Limit);
                return;
            case "close":
                await client.CloseAsync().AsTask().WaitAsync(Link.Limit);
                break;
            case "abort":
                client.Abort();
                break;
            default:
                await server.StopAsync().WaitAsync(Link.Limit);
                break;
        }

        // Nobody resumes it.
        await client.Closed.WaitAsync(Link.Limit);
        await LoopServer.UntilAsync(() => server.Calls.Contains("close 1 1006"));
        Assert.False(received.Task.IsCompleted);
    }
}

public sealed class ThreadedClientTests() : ClientTests(ServerEngine.Threads);

public sealed class EpollClientTests() : ClientTests(ServerEngine.Epoll);

public sealed class PortableClientTests() : ClientTests(ServerEngine.Portable);
