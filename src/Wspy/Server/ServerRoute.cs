using Wspy.Handshake;
using Wspy.Protocol;

namespace Wspy;

/// <summary>What a request leads to: the options that hold for it, who handles WebSockets there, and who answers plain requests.</summary>
/// <remarks>Immutable once the server has started.</remarks>
internal sealed class ServerRoute
{
    /// <param name="options">Those of the server, or derived from them.</param>
    /// <exception cref="ArgumentException">An option cannot be kept.</exception>
    public ServerRoute(ServerOptions options)
    {
        Options = options;
        HandshakeOptions = options.ToHandshakeOptions();
        ProtocolOptions = options.ToMessageOptions();
    }

    public ServerOptions Options { get; }

    public ServerHandshakeOptions HandshakeOptions { get; }

    public ProtocolOptions ProtocolOptions { get; }

    public bool ServesWebSockets { get; init; }

    /// <summary>Null for the server's own handlers.</summary>
    public RouteHandler? Handler { get; init; }

    /// <summary>Answers GET and HEAD; null where plain requests have no business.</summary>
    public Func<HttpRequestHead, ValueTask<HttpResponse?>>? Answer { get; init; }

    /// <summary>The options of one route: the server's with changes to what may differ between routes.</summary>
    /// <exception cref="ArgumentException">It changes something else.</exception>
    public static ServerOptions Configure(ServerOptions server, Func<ServerOptions, ServerOptions>? configure)
    {
        ServerOptions options = configure?.Invoke(server) ?? server;
        ServerOptions others = options with
        {
            Subprotocols = server.Subprotocols,
            SubprotocolSelector = server.SubprotocolSelector,
            Extensions = server.Extensions,
            AllowedOrigins = server.AllowedOrigins,
            RequireOrigin = server.RequireOrigin,
            AllowedLocations = server.AllowedLocations,
            Authentication = server.Authentication,
            MaxFrameSize = server.MaxFrameSize,
            MaxMessageSize = server.MaxMessageSize,
            MaxFragments = server.MaxFragments,
            HighWaterMark = server.HighWaterMark,
            Backpressure = server.Backpressure,
            PingInterval = server.PingInterval,
            PingTimeout = server.PingTimeout,
            IdleTimeout = server.IdleTimeout,
            CloseTimeout = server.CloseTimeout,
        };

        // The list of extensions is copied whenever it is set, so it is compared by what it holds.
        return (others with { Extensions = [] }).Equals(server with { Extensions = [] })
            ? options
            : throw new ArgumentException(
                "A route has subprotocols, extensions, origins, locations, authentication, sizes of messages, backpressure, pings, idle and close time-outs of its own; what else is changed here holds for the whole server.",
                nameof(configure));
    }
}
