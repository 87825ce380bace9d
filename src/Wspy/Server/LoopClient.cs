using System.Net;
using Wspy.Buffers;
using Wspy.Loop;

namespace Wspy;

/// <summary>A client of an <see cref="AsyncServer"/>: the face of a connection on an event loop.</summary>
internal sealed class LoopClient(AsyncServer server, long id, HttpRequestHead request, string? subprotocol, LoopConnection connection)
    : Client(id, request), ILoopHandler
{
    public LoopConnection Connection => connection;

    public override string? Subprotocol => subprotocol;

    public override EndPoint? RemoteEndPoint => connection.RemoteEndPoint;

    public override bool IsOpen => connection.IsOpen;

    public override Task<CloseInfo> Closed => connection.Closed;

    public override long BufferedBytes => connection.BufferedBytes;

    bool ILoopHandler.WantsSent => server.WantsSent;

    public override SendResult Send(string text, int fragmentSize = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] array = BufferPool.Rent(Message.StrictUtf8.GetMaxByteCount(text.Length));
        try
        {
            return connection.Send(array.AsSpan(0, Message.StrictUtf8.GetBytes(text, array)), Opcode.Text, fragmentSize, null);
        }
        finally
        {
            BufferPool.Return(array);
        }
    }

    public override SendResult Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0)
    {
        Wspy.Connection.CheckOpcode(opcode);
        return connection.Send(payload, opcode, fragmentSize, null);
    }

    public override SendResult Send(Message message, int fragmentSize = 0)
    {
        ArgumentNullException.ThrowIfNull(message);
        return connection.Send(message.Payload.Span, message.Opcode, fragmentSize, message);
    }

    public override ValueTask<SendResult> SendAsync(string text, int fragmentSize = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SendAsync(Message.StrictUtf8.GetBytes(text), Opcode.Text, fragmentSize, cancellationToken);
    }

    public override ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0, CancellationToken cancellationToken = default)
    {
        Wspy.Connection.CheckOpcode(opcode);
        return connection.SendAsync(payload, opcode, fragmentSize, null, cancellationToken);
    }

    public override ValueTask<SendResult> SendAsync(Message message, int fragmentSize = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return connection.SendAsync(message.Payload, message.Opcode, fragmentSize, message, cancellationToken);
    }

    public override SendResult SendPing(ReadOnlySpan<byte> payload = default) => connection.SendControl(Opcode.Ping, payload);

    public override SendResult SendPong(ReadOnlySpan<byte> payload = default) => connection.SendControl(Opcode.Pong, payload);

    public override void PauseReading() => connection.PauseReading();

    public override void ResumeReading() => connection.ResumeReading();

    public override void Close(CloseCode code = CloseCode.NormalClosure, string reason = "") => connection.Close(code, reason);

    public override async ValueTask CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default)
    {
        connection.Close(code, reason);
        if (connection.Loop.IsCurrent)
        {
            // Waiting here could not end: it is this thread that brings the end.
            return;
        }

        try
        {
            await connection.Closed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception)
        {
            connection.Abort(exception);
        }
    }

    public override void Abort() => connection.Abort();

    /// <summary>Holds the reading of this client up until a handler's task completes.</summary>
    public void Await(ValueTask handler) => connection.Await(handler);

    void ILoopHandler.Opened() => server.OpenedOnLoop(this);

    void ILoopHandler.Received(MessageView message) => server.Received(this, message);

    void ILoopHandler.Pinged(ReadOnlySpan<byte> payload) => server.Pinged(this, payload);

    void ILoopHandler.Ponged(ReadOnlySpan<byte> payload) => server.Ponged(this, payload);

    void ILoopHandler.Sent(Message message) => server.Sent(this, message);

    void ILoopHandler.Failed(Exception error) => server.Failed(this, error);

    void ILoopHandler.Closed(CloseInfo info) => server.ClosedOnLoop(this, info);
}
