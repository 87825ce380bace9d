using System.Buffers;
using Wspy.Handshake;
using Wspy.Loop;

namespace Wspy;

/// <summary>The opening handshake of one client of an <see cref="AsyncServer"/>.</summary>
internal sealed class LoopServerOpening : ILoopOpening
{
    private readonly AsyncServer _server;
    private readonly LoopAcceptor _acceptor;
    private readonly ServerOpening _opening;
    private bool _holdsPlace;

    public LoopServerOpening(AsyncServer server, LoopAcceptor acceptor, ServerHandshakeOptions handshakeOptions)
    {
        _server = server;
        _acceptor = acceptor;
        _opening = new ServerOpening(handshakeOptions, server.Answer, Admit);
    }

    public void Connected()
    {
        // It was when it was accepted.
    }

    public ReadOnlyMemory<byte> Begin() => default;

    public LoopOpeningStatus Receive(LoopConnection connection, ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        if (!_opening.Receive(ref input, output))
        {
            return LoopOpeningStatus.NeedMoreData;
        }

        _acceptor.Opened(connection);
        if (_opening.Failure is { } failure)
        {
            _server.Refused(connection.RemoteEndPoint, failure);
            return LoopOpeningStatus.Refused;
        }

        _holdsPlace = false;
        connection.Open(WebSocketRole.Server, _acceptor.ProtocolOptions, _opening.ExtensionInstances, _server.CreateClient(_opening.Request!, _opening.Subprotocol, connection));
        return LoopOpeningStatus.Opened;
    }

    public void Ended(LoopConnection connection, Exception? cause)
    {
        _acceptor.Opened(connection);
        if (_opening.Failure is null)
        {
            bool timedOut = cause is TimeoutException;
            string message = timedOut ? cause!.Message : $"The connection ended during the opening handshake: {cause?.Message}";
            _server.Refused(connection.RemoteEndPoint, new HandshakeException(timedOut ? HandshakeViolation.TimedOut : HandshakeViolation.ConnectionLost, message, cause) { Request = _opening.Request });
        }

        if (_holdsPlace)
        {
            _server.GiveBackPlace();
        }

        _server.Left(connection.Loop, connection.RemoteEndPoint);
    }

    private HttpResponse? Admit(HttpRequestHead request) => _server.Admit(request, out _holdsPlace);
}
