using System.Net;
using Wspy.Extensions;
using Wspy.Loop;

namespace Wspy;

/// <summary>A client of an <see cref="AsyncServer"/>: the face of a connection on an event loop.</summary>
internal sealed class LoopClient(AsyncServer server, long id, HttpRequestHead request, string? subprotocol, IReadOnlyList<ExtensionOffer> extensions, RouteHandler? handler, LoopConnection connection)
    : Client(id, request, handler), ILoopHandler
{
    public LoopConnection Connection => connection;

    public override string? Subprotocol => subprotocol;

    public override IReadOnlyList<ExtensionOffer> Extensions => extensions;

    public override bool IsOpen => connection.IsOpen;

    public override Task<CloseInfo> Closed => connection.Closed;

    public override long BufferedBytes => connection.BufferedBytes;

    bool ILoopHandler.WantsSent => Handler?.WantsSent ?? server.WantsSent;

    internal override void Await(ValueTask handling) => connection.Await(handling);

    public override SendResult Send(string text, int fragmentSize = 0) => connection.Send(text, fragmentSize);

    public override SendResult Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0) => connection.Send(payload, opcode, fragmentSize);

    public override SendResult Send(Message message, int fragmentSize = 0) => connection.Send(message, fragmentSize);

    public override SendResult Send(PreparedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return connection.Send(message, waits: true);
    }

    internal override SendResult TrySend(PreparedMessage message) => connection.Send(message, waits: false);

    public override ValueTask<SendResult> SendAsync(string text, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        connection.SendAsync(text, fragmentSize, cancellationToken);

    public override ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        connection.SendAsync(payload, opcode, fragmentSize, cancellationToken);

    public override ValueTask<SendResult> SendAsync(Message message, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        connection.SendAsync(message, fragmentSize, cancellationToken);

    public override SendResult SendPing(ReadOnlySpan<byte> payload = default) => connection.SendControl(Opcode.Ping, payload);

    public override SendResult SendPong(ReadOnlySpan<byte> payload = default) => connection.SendControl(Opcode.Pong, payload);

    public override SendResult SendControl(Opcode opcode, ReadOnlySpan<byte> payload = default) => connection.SendReserved(opcode, payload);

    public override void PauseReading() => connection.PauseReading();

    public override void ResumeReading() => connection.ResumeReading();

    public override void Close(CloseCode code = CloseCode.NormalClosure, string reason = "") => connection.Close(code, reason);

    public override ValueTask CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default) =>
        connection.CloseAsync(code, reason, cancellationToken);

    public override void Abort() => connection.Abort();

    void ILoopHandler.Opened() => server.OpenedOnLoop(this);

    void ILoopHandler.Received(MessageView message) => server.Received(this, message);

    void ILoopHandler.Pinged(ReadOnlySpan<byte> payload) => server.Pinged(this, payload);

    void ILoopHandler.Ponged(ReadOnlySpan<byte> payload) => server.Ponged(this, payload);

    void ILoopHandler.Controlled(Opcode opcode, ReadOnlySpan<byte> payload) => server.Controlled(this, opcode, payload);

    void ILoopHandler.Sent(Message message) => server.Sent(this, message);

    void ILoopHandler.Failed(Exception error) => server.Failed(this, error);

    void ILoopHandler.Closed(CloseInfo info) => server.ClosedOnLoop(this, info);
}
