using System.Buffers;
using System.Net;
using Wspy.Handshake;
using Wspy.Loop;
using Wspy.Transports;

namespace Wspy;

/// <summary>The opening handshake of one client of an <see cref="AsyncServer"/>.</summary>
internal sealed class LoopServerOpening : ILoopOpening
{
    private readonly AsyncServer _server;
    private readonly LoopAcceptor _acceptor;
    private readonly ClientGate _gate;
    private readonly ServerOpening _opening;
    private bool _isReported;

    public LoopServerOpening(AsyncServer server, LoopAcceptor acceptor, ServerHandshakeOptions handshakeOptions)
    {
        _server = server;
        _acceptor = acceptor;
        _gate = new LoopGate(server, acceptor);
        ProxyHeader = server.CommonOptions.TrustedProxies is { ProxyProtocol: true } ? new ProxyHeader() : null;
        _opening = new ServerOpening(handshakeOptions, _gate);
    }

    // It was when it was accepted.
    public bool Connected() => true;

    public ProxyHeader? ProxyHeader { get; }

    public Exception? Introduced(LoopConnection connection, ProxyHeader header)
    {
        if (header.Status != ProxyHeaderStatus.Complete)
        {
            HandshakeException failure = ProxyHeaderDriver.Failure();
            Report(connection, failure);
            return failure;
        }

        if (header.Source is { } source)
        {
            if (!_acceptor.TryTakeAddress(source))
            {
                _isReported = true;
                _server.AddressFull(source);
                return new IOException("The address has as many connections as it may have.");
            }

            connection.SetPeer(source);
        }

        _opening.HidesPeer = header is { Source: null, IsOwn: false };
        return null;
    }

    public void Secured(TlsSocket socket) => _opening.Tls = socket.Describe();

    public bool TryRefusePlain(LoopConnection connection, IBufferWriter<byte> output)
    {
        if (!WrongScheme.IsHttpRequest(connection.TlsBeginning))
        {
            return false;
        }

        WrongScheme.Answer.Write(output);
        _acceptor.Opened(connection);
        Report(connection, ServerOpeningDriver.PlainToTls());
        return true;
    }

    public ReadOnlyMemory<byte> Begin() => default;

    public LoopOpeningStatus Receive(LoopConnection connection, ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        _opening.Peer = connection.Peer;
        ServerOpeningStatus status;
        do
        {
            status = _opening.Receive(ref input, output);
            if (status == ServerOpeningStatus.Kept)
            {
                connection.ProlongOpening();
            }
        }
        while (status == ServerOpeningStatus.Challenged || (status == ServerOpeningStatus.Kept && !connection.IsAboveMark));

        if (status is ServerOpeningStatus.NeedMoreData or ServerOpeningStatus.Kept)
        {
            return LoopOpeningStatus.NeedMoreData;
        }

        if (status == ServerOpeningStatus.Pending)
        {
            _opening.WhenJudged(connection.PostResumeOpening);
            return LoopOpeningStatus.Pending;
        }

        _acceptor.Opened(connection);
        if (_opening.Failure is { } failure)
        {
            Report(connection, failure);
            return LoopOpeningStatus.Refused;
        }

        ServerRoute route = _gate.Route!;
        LoopClient client = _server.CreateClient(_opening.Request!, _opening.Subprotocol, _opening.AcceptedExtensions, route.Handler, connection);
        connection.Open(WebSocketRole.Server, route.ProtocolOptions, _opening.ExtensionInstances, client, route.Options);
        return LoopOpeningStatus.Opened;
    }

    public bool IsIdle => _opening.IsBetweenRequests;

    public bool GiveUp()
    {
        _opening.GiveUp();
        return true;
    }

    public void Ended(LoopConnection connection, Exception? cause)
    {
        _acceptor.Opened(connection);
        if (_isReported || _opening.IsBetweenRequests)
        {
            // Why is known already, or of no interest.
        }
        else if (_opening.Failure is { } failure)
        {
            // Maybe a challenge that was not answered.
            Report(connection, failure);
        }
        else
        {
            bool timedOut = cause is TimeoutException;
            string message = timedOut ? cause!.Message : $"The connection ended during the opening handshake: {cause?.Message}";
            _server.Refused(connection.RemoteEndPoint, new HandshakeException(timedOut ? HandshakeViolation.TimedOut : HandshakeViolation.ConnectionLost, message, cause) { Request = _opening.Request });
        }

        _gate.Leave();
        _server.Left(connection.Loop, connection.RemoteEndPoint);
    }

    private void Report(LoopConnection connection, HandshakeException failure)
    {
        if (!_isReported)
        {
            _isReported = true;
            _server.Refused(connection.RemoteEndPoint, failure);
        }
    }
}
