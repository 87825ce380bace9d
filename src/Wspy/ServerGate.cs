using System.Net;
using Wspy.Handshake;

namespace Wspy;

/// <summary>Whom the opening handshake of one connection asks: what holds for a request, what the application says to it, and whether there is room.</summary>
/// <remarks>Called in this order, by one thread at a time: <see cref="TryRoute"/>, <see cref="Enter"/>, <see cref="JudgeAsync"/>, <see cref="Admit"/>.</remarks>
internal abstract class ServerGate(ServerOptions options) : IHandshakeRouter
{
    /// <summary>Those of the server, and once the request is known those of its route.</summary>
    public ServerOptions Options { get; protected set; } = options;

    /// <summary>Whether there are WebSockets where the request goes.</summary>
    public virtual bool ServesWebSockets => true;

    /// <summary>Cancelled when nobody may be admitted any more.</summary>
    public virtual CancellationToken Stopping => CancellationToken.None;

    public virtual bool TryRoute(HttpRequestHead request, ref ServerHandshakeOptions options) => true;

    /// <summary>Who has connected, or for whom a trusted proxy has; of a connection with a thread of its own, once it is known.</summary>
    public EndPoint? Peer { get; set; }

    /// <summary>A trusted proxy says for whom it asks, now; a response when that address has as many connections as it may have.</summary>
    /// <param name="before">For whom it asked, or who it is.</param>
    /// <param name="now">For whom it asks; or who it is, when it does not say.</param>
    public virtual HttpResponse? Introduce(EndPoint? before, EndPoint? now)
    {
        Peer = now;
        return null;
    }

    /// <summary>Whether other requests may follow plain ones. Where one caller waits for one WebSocket, they would hold it up.</summary>
    public virtual bool KeepsConnections => false;

    /// <summary>A plain request was answered, and others may follow.</summary>
    public virtual void Answered(HandshakeException plain)
    {
    }

    /// <summary>The answer to a plain request; null for 426.</summary>
    public abstract ValueTask<HttpResponse?> AnswerAsync(HttpRequestHead request);

    /// <summary>Takes a place for a client before the application is asked; a response when there is none.</summary>
    public virtual HttpResponse? Enter() => null;

    /// <summary>What the application says to a request for an upgrade.</summary>
    public abstract ValueTask<UpgradeAnswer> JudgeAsync(HttpRequestHead request);

    /// <summary>The application has accepted; a response when it is too late for that.</summary>
    public virtual HttpResponse? Admit() => null;

    /// <summary>Gives the place back, if one is held.</summary>
    public virtual void Leave()
    {
    }
}

/// <summary>The gate where there is no server around the handshake: the callbacks of the options.</summary>
internal sealed class OptionsGate(ServerOptions options) : ServerGate(options)
{
    public override ValueTask<HttpResponse?> AnswerAsync(HttpRequestHead request) =>
        Options.OnRequestAsync?.Invoke(request) ?? new(Options.OnRequest?.Invoke(request));

    public override ValueTask<UpgradeAnswer> JudgeAsync(HttpRequestHead request) =>
        Options.OnUpgradeAsync?.Invoke(request) ?? new(Options.OnUpgrade?.Invoke(request) ?? default);
}
