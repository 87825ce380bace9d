using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Wspy;

/// <summary>A client with a thread of its own: a <see cref="Connection"/> whose handlers are the server's.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The end of the receive loop, which the client's thread runs, is the end of the connection.")]
internal sealed class ThreadedClient : Client
{
    private readonly ServerConnection _connection;

    public ThreadedClient(Server server, long id, WebSocket webSocket)
        : base(id, webSocket.Request!)
    {
        _connection = new ServerConnection(server, this, webSocket);
    }

    public override string? Subprotocol => _connection.Subprotocol;

    public override EndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    public override bool IsOpen => _connection.IsOpen;

    public override Task<CloseInfo> Closed => _connection.Closed;

    public void Run() => _connection.ReceiveForever();

    public override void Send(string text, int fragmentSize = 0) => _connection.Send(text, fragmentSize);

    public override void Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0) => _connection.Send(payload, opcode, fragmentSize);

    public override void Send(Message message, int fragmentSize = 0) => _connection.Send(message, fragmentSize);

    public override ValueTask SendAsync(string text, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(text, fragmentSize, cancellationToken);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(payload, opcode, fragmentSize, cancellationToken);

    public override ValueTask SendAsync(Message message, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        _connection.SendAsync(message, fragmentSize, cancellationToken);

    public override void SendPing(ReadOnlySpan<byte> payload = default) => _connection.SendPing(payload);

    public override void SendPong(ReadOnlySpan<byte> payload = default) => _connection.SendPong(payload);

    public override void Close(CloseCode code = CloseCode.NormalClosure, string reason = "") => _connection.Close(code, reason);

    public override ValueTask CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default) =>
        _connection.CloseAsync(code, reason, cancellationToken);

    public override void Abort() => _connection.Abort();

    private sealed class ServerConnection(Server server, ThreadedClient client, WebSocket webSocket) : Connection(webSocket)
    {
        protected override void OnOpen() => server.Opened(client);

        protected override void OnMessage(MessageView message) => server.Received(client, message);

        protected override void OnPing(ReadOnlySpan<byte> payload) => server.Pinged(client, payload);

        protected override void OnPong(ReadOnlySpan<byte> payload) => server.Ponged(client, payload);

        protected override void OnError(Exception error) => server.Failed(client, error);

        protected override void OnClose(CloseInfo info) => server.Closed(client, info);
    }
}
