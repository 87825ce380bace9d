using System.Diagnostics.CodeAnalysis;
using System.Net;
using Wspy.Extensions;

namespace Wspy;

/// <summary>A client with a thread of its own: a <see cref="Connection"/> whose handlers are the server's.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The end of the receive loop, which the client's thread runs, is the end of the connection.")]
internal sealed partial class ThreadedClient : Client
{
    private readonly ServerConnection _connection;

    public ThreadedClient(Server server, long id, WebSocket webSocket, RouteHandler? handler, HandlerFlow flow)
        : base(id, webSocket.Request!, handler)
    {
        webSocket.Driver.OnFailed = StopWaiting;
        _connection = new ServerConnection(server, this, webSocket);
        Flow = flow;
    }

    /// <summary>That of its handlers.</summary>
    public HandlerFlow Flow { get; }

    /// <summary>Whether one of its handlers has not returned; from any thread, a moment's truth.</summary>
    public bool IsHandling => _connection.IsHandling;

    public override string? Subprotocol => _connection.Subprotocol;

    public override IReadOnlyList<ExtensionOffer> Extensions => _connection.Extensions;

    public override bool IsOpen => _connection.IsOpen;

    public override Task<CloseInfo> Closed => _connection.Closed;

    // Its thread has nothing else to do.
    internal override void Await(ValueTask handling)
    {
        if (handling.IsCompleted)
        {
            handling.GetAwaiter().GetResult();
        }
        else
        {
            handling.AsTask().GetAwaiter().GetResult();
        }
    }

    public void Run() => _connection.ReceiveForever();

    public override SendResult Send(string text, int fragmentSize = 0)
    {
        try
        {
            _connection.Send(text, fragmentSize);
            return SendResult.Sent;
        }
        catch (ConnectionClosedException)
        {
            return SendResult.Closing;
        }
        catch (TimeoutException)
        {
            return SendResult.Dropped;
        }
    }

    public override SendResult Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0)
    {
        try
        {
            _connection.Send(payload, opcode, fragmentSize);
            return SendResult.Sent;
        }
        catch (ConnectionClosedException)
        {
            return SendResult.Closing;
        }
        catch (TimeoutException)
        {
            return SendResult.Dropped;
        }
    }

    public override SendResult Send(Message message, int fragmentSize = 0)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Send(message.Payload.Span, message.Opcode, fragmentSize);
    }

    public override ValueTask<SendResult> SendAsync(string text, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        OutcomeAsync(_connection.SendAsync(text, fragmentSize, cancellationToken));

    public override ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        OutcomeAsync(_connection.SendAsync(payload, opcode, fragmentSize, cancellationToken));

    public override ValueTask<SendResult> SendAsync(Message message, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        OutcomeAsync(_connection.SendAsync(message, fragmentSize, cancellationToken));

    public override SendResult SendPing(ReadOnlySpan<byte> payload = default)
    {
        try
        {
            _connection.SendPing(payload);
            return SendResult.Sent;
        }
        catch (ConnectionClosedException)
        {
            return SendResult.Closing;
        }
        catch (TimeoutException)
        {
            return SendResult.Dropped;
        }
    }

    public override SendResult SendPong(ReadOnlySpan<byte> payload = default)
    {
        try
        {
            _connection.SendPong(payload);
            return SendResult.Sent;
        }
        catch (ConnectionClosedException)
        {
            return SendResult.Closing;
        }
        catch (TimeoutException)
        {
            return SendResult.Dropped;
        }
    }

    public override SendResult SendControl(Opcode opcode, ReadOnlySpan<byte> payload = default)
    {
        try
        {
            _connection.SendControl(opcode, payload);
            return SendResult.Sent;
        }
        catch (ConnectionClosedException)
        {
            return SendResult.Closing;
        }
        catch (TimeoutException)
        {
            return SendResult.Dropped;
        }
    }

    public override void Close(CloseCode code = CloseCode.NormalClosure, string reason = "") => _connection.Close(code, reason);

    public override ValueTask CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default) =>
        _connection.CloseAsync(code, reason, cancellationToken);

    public override void Abort() => _connection.Abort();

    // A client that is gone is no error for who tells many.
    private static async ValueTask<SendResult> OutcomeAsync(ValueTask send)
    {
        try
        {
            await send.ConfigureAwait(false);
            return SendResult.Sent;
        }
        catch (ConnectionClosedException)
        {
            return SendResult.Closing;
        }
        catch (TimeoutException)
        {
            return SendResult.Dropped;
        }
    }

    private sealed class ServerConnection(Server server, ThreadedClient client, WebSocket webSocket) : Connection(webSocket)
    {
        protected override void OnOpen() => server.Opened(client);

        protected override void OnMessage(MessageView message)
        {
            if (client.WaitWhilePaused())
            {
                server.Received(client, message);

                // Before more is read.
                client.WaitWhilePaused();
            }
        }

        protected override void OnPing(ReadOnlySpan<byte> payload)
        {
            if (client.WaitWhilePaused())
            {
                server.Pinged(client, payload);
            }
        }

        protected override void OnPong(ReadOnlySpan<byte> payload)
        {
            if (client.WaitWhilePaused())
            {
                server.Ponged(client, payload);
            }
        }

        protected override void OnControl(Opcode opcode, ReadOnlySpan<byte> payload)
        {
            if (client.WaitWhilePaused())
            {
                server.Controlled(client, opcode, payload);
            }
        }

        protected override void OnError(Exception error) => server.Failed(client, error);

        protected override void OnClose(CloseInfo info) => server.Closed(client, info);
    }
}
