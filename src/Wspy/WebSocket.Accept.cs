using System.Net.Sockets;
using Wspy.Handshake;

namespace Wspy;

// Becoming a WebSocket as a server.
public sealed partial class WebSocket
{
    /// <summary>Upgrades a connected stream as its server: reads the client's request and accepts it.</summary>
    /// <param name="stream">A connected stream in both directions, owned by the WebSocket from now on, and disposed when this fails.</param>
    /// <param name="options">What to accept; <see langword="null"/> for the defaults. <see cref="ServerOptions.Tls"/> is not applied to a stream.</param>
    /// <exception cref="HandshakeException">The request was refused, or answered as plain HTTP; the client has its answer.</exception>
    public static WebSocket Accept(Stream stream, ServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= ServerOptions.Default;
        return Accepted(ServerAcceptor.Accept(stream, options, options.ToHandshakeOptions()));
    }

    /// <summary>Upgrades a connected socket as its server: TLS if the options have it, then the client's request.</summary>
    /// <param name="socket">A connected socket, owned by the WebSocket from now on, and disposed when this fails.</param>
    /// <param name="options">What to accept; <see langword="null"/> for the defaults.</param>
    /// <exception cref="HandshakeException">The request was refused, or answered as plain HTTP; the client has its answer. Or TLS failed.</exception>
    public static WebSocket Accept(Socket socket, ServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        options ??= ServerOptions.Default;
        return Accepted(ServerAcceptor.Accept(socket, options, options.ToHandshakeOptions()));
    }

    /// <inheritdoc cref="Accept(Stream, ServerOptions?)"/>
    /// <param name="stream">A connected stream in both directions, owned by the WebSocket from now on, and disposed when this fails.</param>
    /// <param name="options">What to accept; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Gives up, and disposes the stream.</param>
    public static async ValueTask<WebSocket> AcceptAsync(Stream stream, ServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= ServerOptions.Default;
        return Accepted(await ServerAcceptor.AcceptAsync(stream, options, options.ToHandshakeOptions(), cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc cref="Accept(Socket, ServerOptions?)"/>
    /// <param name="socket">A connected socket, owned by the WebSocket from now on, and disposed when this fails.</param>
    /// <param name="options">What to accept; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Gives up, and disposes the socket.</param>
    public static async ValueTask<WebSocket> AcceptAsync(Socket socket, ServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        options ??= ServerOptions.Default;
        return Accepted(await ServerAcceptor.AcceptAsync(socket, options, options.ToHandshakeOptions(), cancellationToken).ConfigureAwait(false));
    }

    internal static WebSocket Accepted((WebSocket? Accepted, HandshakeException? Failure) result) => result.Accepted ?? throw result.Failure!;
}
