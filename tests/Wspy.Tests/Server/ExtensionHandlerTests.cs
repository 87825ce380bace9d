using Microsoft.Extensions.Logging;
using Wspy.Extensions;
using Wspy.Tests.ClientTests;
using Wspy.Tests.Extensions;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>What extensions have to do with handlers: what was agreed on, opcodes of their own, and being told of their failures.</summary>
public abstract class ExtensionHandlerTests(ServerEngine engine)
{
    private const Opcode Data = (Opcode)0x3;
    private const Opcode Control = (Opcode)0xB;

    private static TestExtension Claiming => new("claiming", ReservedBits.Rsv2, Data, Control);

    [Fact]
    public async Task Both_ends_tell_what_was_agreed_on()
    {
        Extension[] extensions = [Claiming, new DeflateMessage(new DeflateMessageOptions { ServerMaxWindowBits = 12 })];
        var opened = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions { Extensions = extensions }) { WhenOpened = client => opened.TrySetResult(ExtensionHeader.Format(client.Extensions)) };
        await using Connection client = await Connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [new DeflateMessage(), Claiming] });

        Assert.Equal("permessage-deflate; server_max_window_bits=12, claiming; first", ExtensionHeader.Format(client.Extensions));
        Assert.Equal(ExtensionHeader.Format(client.Extensions), await opened.Task.WaitAsync(Link.Limit));
    }

    [Fact]
    public async Task Without_extensions_there_are_none()
    {
        var opened = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine) { WhenOpened = client => opened.TrySetResult(client.Extensions.Count) };
        await using Connection client = await Connection.ConnectAsync(server.Url);

        Assert.Equal(0, await opened.Task.WaitAsync(Link.Limit));
        Assert.Empty(client.Extensions);
    }

    // RFC 6455 §5.2: reserved opcodes have the meaning that an extension gives them

    [Fact]
    public async Task Messages_of_a_claimed_opcode_are_messages_with_that_opcode()
    {
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [Claiming] });
        await using Connection client = await Connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [Claiming] });

        await client.SendAsync("one"u8.ToArray(), Data);
        AssertIs("one", await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit));
        await client.SendAsync(Message.Create(Data, "in fragments"u8.ToArray()), fragmentSize: 5);
        AssertIs("in fragments", await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit));
        await client.SendAsync("three"u8.ToArray(), Data);
        using MessageLease lease = await client.ReceiveLeaseAsync().AsTask().WaitAsync(Link.Limit);
        AssertIs("three", lease.ToMessage());
        await Link.OnThread(() =>
        {
            client.Send("four"u8, Data);
            AssertIs("four", client.Receive(Link.Limit));
        });

        static void AssertIs(string expected, Message message)
        {
            Assert.IsType<ExtensionMessage>(message);
            Assert.Equal((Data, $"Opcode 0x3, {expected.Length} bytes"), (message.Opcode, message.ToString()));
            Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(message.Payload.Span));
        }
    }

    [Fact]
    public async Task Control_frames_of_a_claimed_opcode_have_a_handler_and_a_call()
    {
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [Claiming] });
        var near = new Controlled(await WebSocket.ConnectAsync(server.Url, new ClientOptions { Extensions = [Claiming] }));
        await using var client = near;
        Task<Message> receiving = client.ReceiveAsync().AsTask();
        await client.SendControlAsync(Control, new byte[125]);
        client.SendControl(Control);
        await client.SendAsync("last");

        Assert.Equal("last", (await receiving.WaitAsync(Link.Limit)).ToString());
        Assert.Equal(["11 125", "11 0"], near.Calls);
        Assert.Equal(["control 11 125", "control 11 0"], server.Calls.Where(call => call.StartsWith("control", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_connection_on_a_loop_has_them_as_well()
    {
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [Claiming] });
        await using var client = new TestConnection();
        await client.ConnectAsync(server.Url, new ClientOptions { Extensions = [Claiming] });
        Assert.Equal(SendResult.Queued, client.SendControl(Control, "x"u8));
        Assert.Equal(SendResult.Queued, client.Send("data"u8, Data));

        Assert.Equal(Data, (await client.ReceiveAsync()).Opcode);
        Assert.Contains("control 11 1", client.Calls);
    }

    [Fact]
    public async Task Opcodes_that_no_extension_of_the_connection_claims_are_refused_before_anything_is_sent()
    {
        var opened = new TaskCompletionSource<Client>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [Claiming] }) { WhenOpened = client => opened.TrySetResult(client) };
        await using Connection client = await Connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [new DeflateMessage()] });
        await using var looping = new TestConnection();
        await looping.ConnectAsync(server.Url);
        Client far = await opened.Task.WaitAsync(Link.Limit);
        foreach (Opcode opcode in (Opcode[])[Opcode.Continuation, Data, (Opcode)0x4, Opcode.Close, Opcode.Ping, Control])
        {
            Assert.Throws<ArgumentException>(() => client.Send("x"u8, opcode));
            Assert.Throws<ArgumentException>(() => far.Send("x"u8, opcode));
            Assert.Throws<ArgumentException>(() => looping.Send("x"u8, opcode));
            Assert.Throws<ArgumentException>(() => client.SendControl(opcode));
            Assert.Throws<ArgumentException>(() => far.SendControl(opcode));
            Assert.Throws<ArgumentException>(() => looping.SendControl(opcode));
        }

        var message = new ExtensionMessage(Data, default);
        Assert.Throws<ArgumentException>(() => client.Send(message));
        Assert.Throws<ArgumentException>(() => far.Send(message));
        Assert.Throws<ArgumentException>(() => looping.Send(message));
        Assert.Throws<ArgumentException>(() => client.Send(new MessageView(Data, default)));
        await client.SendAsync("unharmed");
        Assert.Equal("unharmed", (await client.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).ToString());
    }

    [Fact]
    public async Task Payloads_of_control_frames_are_at_most_125_bytes_RFC6455_5_5()
    {
        await using var server = new TestServer(engine, new ServerOptions { Extensions = [Claiming] });
        await using Connection client = await Connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [Claiming] });

        Assert.Throws<ArgumentException>(() => client.SendControl(Control, new byte[126]));
    }

    // An extension that throws fails its own connection with 1011, and says who it was

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failure_is_told_with_its_extension_and_logged_apart(bool whenSending)
    {
        var log = new LogLines();
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource<CloseInfo>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new TestServer(engine, new ServerOptions { LoggerFactory = log, Extensions = [new FailingExtension(whenSending)] })
        {
            WhenFailed = (_, error) => failed.TrySetResult(error),
            WhenClosed = (_, info) => ended.TrySetResult(info),
        };
        await using Connection client = await Connection.ConnectAsync(server.Url, new ClientOptions { Extensions = [new TestExtension("failing", ReservedBits.Rsv1)] });
        await client.SendAsync("x"u8.ToArray());
        ConnectionClosedException closed = await Assert.ThrowsAsync<ConnectionClosedException>(() => client.ReceiveAsync().AsTask().WaitAsync(Link.Limit));

        Assert.Equal(CloseCode.InternalError, closed.CloseInfo.Code);
        ExtensionException failure = Assert.IsType<ExtensionException>(await failed.Task.WaitAsync(Link.Limit));
        Assert.Equal($"The extension failing failed: while {(whenSending ? "sending" : "receiving")}", failure.Message);
        Assert.Equal("failing", failure.Extension);
        Assert.IsType<InvalidOperationException>(failure.InnerException);
        CloseInfo info = await ended.Task.WaitAsync(Link.Limit);
        Assert.Same(failure, info.Exception);
        Assert.Equal(CloseCode.InternalError, info.Code);
        Assert.Single(server.Calls, call => call.StartsWith("error", StringComparison.Ordinal));
        (LogLevel level, string line) = Assert.Single(log.Lines, entry => entry.Level == LogLevel.Error);
        Assert.StartsWith("The extension failing failed for client 1 ", line, StringComparison.Ordinal);
        Assert.EndsWith(failure.Message, line, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Lines, entry => entry.Line.Contains("broke a rule", StringComparison.Ordinal));
    }

    private sealed class Controlled(WebSocket webSocket) : Connection(webSocket)
    {
        public List<string> Calls { get; } = [];

        protected override void OnControl(Opcode opcode, ReadOnlySpan<byte> payload) => Calls.Add($"{(int)opcode} {payload.Length}");
    }
}

public sealed class ThreadedExtensionHandlerTests() : ExtensionHandlerTests(ServerEngine.Threads);

public sealed class EpollExtensionHandlerTests() : ExtensionHandlerTests(ServerEngine.Epoll);

public sealed class PortableExtensionHandlerTests() : ExtensionHandlerTests(ServerEngine.Portable);
