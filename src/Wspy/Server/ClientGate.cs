using System.Net;
using Wspy.Handshake;

namespace Wspy;

/// <summary>Lets a client into a server: by its route, when there is a place, and when the application agrees.</summary>
/// <remarks>One opening handshake; what is called comes from one thread at a time.</remarks>
internal class ClientGate(WebSocketServer server) : ServerGate(server.CommonOptions)
{
    private bool _holdsPlace;

    /// <summary>What the request is for; known once it is there.</summary>
    public ServerRoute? Route { get; private set; }

    public override bool ServesWebSockets => Route!.ServesWebSockets;

    public override CancellationToken Stopping => server.StoppingToken;

    public override bool TryRoute(HttpRequestHead request, ref ServerHandshakeOptions options)
    {
        bool isValid = server.TryRoute(request, out ServerRoute route);
        Route = route;
        Options = route.Options;
        options = route.HandshakeOptions;
        return isValid;
    }

    public override bool KeepsConnections => true;

    public override void Answered(HandshakeException plain) => server.Answered(plain);

    public override ValueTask<HttpResponse?> AnswerAsync(HttpRequestHead request) => server.AnswerAsync(Route!, request);

    public override HttpResponse? Enter()
    {
        if (Stopping.IsCancellationRequested)
        {
            return WebSocketServer.StoppingResponse();
        }

        _holdsPlace = server.TryTakePlace();
        return _holdsPlace ? null : WebSocketServer.FullResponse();
    }

    public override ValueTask<UpgradeAnswer> JudgeAsync(HttpRequestHead request) => server.JudgeAsync(Route!, request);

    public override void Leave()
    {
        if (_holdsPlace)
        {
            _holdsPlace = false;
            server.GivePlaceBack();
        }
    }
}

/// <summary>A gate of a client on an event loop.</summary>
internal sealed class LoopGate(AsyncServer server, LoopAcceptor acceptor) : ClientGate(server)
{
    public override HttpResponse? Introduce(EndPoint? before, EndPoint? now)
    {
        if (before is IPEndPoint known && now is IPEndPoint next && known.Address.Equals(next.Address))
        {
            // Another port of the same client, whose place is held already.
            return null;
        }

        if (!acceptor.TryTakeAddress(now as IPEndPoint))
        {
            return HttpResponse.Text(429, "The address has as many connections as it may have.\n");
        }

        acceptor.Release(before);
        return null;
    }
}

/// <summary>A gate of a client with a thread of its own.</summary>
internal sealed class ThreadedGate(Server server, IDisposable transport) : ClientGate(server)
{
    // From here on it is a client, which is told that the server stops: who stops has no hold on its transport any more.
    public override HttpResponse? Admit() => server.TryAdmit(transport) ? null : WebSocketServer.StoppingResponse();
}
