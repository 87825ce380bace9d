using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>What handlers may do: throw, close, send, abort, dispose.</summary>
public class HandlerTests
{
    private sealed class MishapException(string message) : Exception(message);

    [Theory]
    [InlineData("open")]
    [InlineData("message")]
    public async Task A_handler_that_throws_closes_with_1011_and_the_exception_comes_out(string where)
    {
        (WebSocket lower, WebSocket upper) = WebSocket.CreatePair();
        var server = new Recorder(upper)
        {
            WhenOpened = _ => Throw(where == "open"),
            WhenReceived = (_, _) => Throw(where == "message"),
        };
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        using var client = new Connection(lower);
        client.Send("go");
        ConnectionClosedException closed = Assert.Throws<ConnectionClosedException>(() => client.Receive());
        Assert.Equal(CloseCode.InternalError, closed.CloseInfo.Code);
        Assert.Empty(closed.CloseInfo.Reason);
        MishapException thrown = await Assert.ThrowsAsync<MishapException>(() => serving);
        Assert.Same(thrown, server.Error);
        Assert.Same(thrown, server.Info!.Exception);
        Assert.Equal(["error", "close"], server.Calls[^2..]);
    }

    [Fact]
    public async Task When_OnError_throws_as_well_both_come_out()
    {
        (WebSocket lower, WebSocket upper) = WebSocket.CreatePair();
        var server = new Recorder(upper) { WhenOpened = _ => Throw(true), WhenFailed = (_, _) => throw new MishapException("second") };
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        using var client = new Connection(lower);
        Assert.Equal(CloseCode.InternalError, Assert.Throws<ConnectionClosedException>(() => client.Receive()).CloseInfo.Code);
        AggregateException both = await Assert.ThrowsAsync<AggregateException>(() => serving);
        Assert.Equal(["first", "second"], both.InnerExceptions.Select(exception => exception.Message));
        Assert.Equal(["open", "error", "close"], server.Calls);
    }

    [Fact]
    public async Task OnError_may_close_with_a_code_of_its_own()
    {
        (WebSocket lower, WebSocket upper) = WebSocket.CreatePair(null, new ServerOptions { CloseTimeout = TimeSpan.FromSeconds(25) });
        var server = new Recorder(upper) { WhenOpened = _ => Throw(true), WhenFailed = (self, _) => self.Close((CloseCode)4001, "mine") };
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        using var client = new Connection(lower);
        Assert.Equal((CloseCode)4001, Assert.Throws<ConnectionClosedException>(() => client.Receive()).CloseInfo.Code);
        await Assert.ThrowsAsync<MishapException>(() => serving.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task An_exception_in_OnClose_comes_out_and_harms_nothing()
    {
        (WebSocket lower, WebSocket upper) = WebSocket.CreatePair();
        var server = new Recorder(upper) { WhenClosed = _ => Throw(true) };
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        await new Connection(lower).CloseAsync().AsTask().WaitAsync(Link.Limit);
        await Assert.ThrowsAsync<MishapException>(() => serving);
        Assert.True((await server.Closed).WasClean);
        server.Dispose();
        Assert.Equal(["open", "close"], server.Calls);
    }

    [Theory]
    [InlineData("close", CloseCode.NormalClosure)]
    [InlineData("close twice", CloseCode.NormalClosure)]
    [InlineData("dispose", CloseCode.NormalClosure)]
    [InlineData("close asynchronously", CloseCode.NormalClosure)]
    [InlineData("abort", CloseCode.AbnormalClosure)]
    public async Task A_handler_may_end_its_connection(string how, CloseCode code)
    {
        foreach (bool opening in new[] { true, false })
        {
            (WebSocket lower, WebSocket upper) = WebSocket.CreatePair(null, new ServerOptions { CloseTimeout = TimeSpan.FromSeconds(25) });
            void End(Recorder self)
            {
                switch (how)
                {
                    case "dispose":
                        self.Dispose();
                        break;
                    case "close asynchronously":
                        self.CloseAsync().AsTask().Wait();
                        break;
                    case "abort":
                        self.Abort();
                        break;
                    default:
                        self.Close();
                        self.Close((CloseCode)4000);
                        break;
                }
            }

            var server = new Recorder(upper)
            {
                WhenOpened = self => { if (opening) { End(self); } },
                WhenReceived = (self, _) => { if (!opening) { End(self); } },
                WhenClosed = self => self.Dispose(),
            };
            Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
            using var client = new Connection(lower);
            try
            {
                client.Send("go");
            }
            catch (ConnectionClosedException)
            {
                // Ended already.
            }

            Assert.Equal(code, Assert.Throws<ConnectionClosedException>(() => client.Receive()).CloseInfo.Code);
            Assert.Equal(code, (await serving.WaitAsync(TimeSpan.FromSeconds(10))).Code);
            Assert.Equal("close", server.Calls[^1]);
            Assert.Single(server.Calls, "close");
        }
    }

    [Fact]
    public async Task A_handler_cannot_receive_and_is_told_so()
    {
        (WebSocket lower, WebSocket upper) = WebSocket.CreatePair();
        var server = new Recorder(upper) { WhenReceived = (self, _) => self.Receive() };
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        using var client = new Connection(lower);
        client.Send("go");
        Assert.Equal(CloseCode.InternalError, Assert.Throws<ConnectionClosedException>(() => client.Receive()).CloseInfo.Code);
        await Assert.ThrowsAsync<InvalidOperationException>(() => serving);
    }

    [Fact]
    public async Task Two_receives_at_once_are_a_mistake()
    {
        (Connection client, Connection server) = Connection.CreatePair();
        Task<Message> first = client.ReceiveAsync().AsTask();
        Assert.Throws<InvalidOperationException>(() => client.Receive());
        Assert.False(first.IsCompleted);
        server.Send("one");
        Assert.Equal("one", ((TextMessage)await first.WaitAsync(Link.Limit)).Text);
        client.Abort();
        server.Abort();
    }

    private static void Throw(bool wanted)
    {
        if (wanted)
        {
            throw new MishapException("first");
        }
    }
}
