using System.Net;
using System.Net.Sockets;
using Wspy.Handshake;

namespace Wspy;

/// <summary>Listens for connections and upgrades them one by one.</summary>
/// <remarks>
/// <see cref="Accept"/> may be called from several threads, so that a slow client does not hold up the others; a
/// <see cref="Server"/> does that for you. Disposing it ends pending accepts, not the accepted connections.
/// </remarks>
public sealed class WebSocketListener : IDisposable
{
    private readonly ServerOptions _options;
    private readonly ServerHandshakeOptions _handshakeOptions;
    private readonly Socket _socket;

    /// <summary>Binds and listens.</summary>
    /// <param name="options">Where to listen and what to accept; <see langword="null"/> for the defaults.</param>
    /// <exception cref="SocketException">The address cannot be listened on: it is in use, or not of this machine.</exception>
    /// <exception cref="InvalidOperationException">A socket that was given or inherited does not listen.</exception>
    /// <exception cref="ArgumentException">The options name several addresses, or none: a listener has one, servers may have several.</exception>
    public WebSocketListener(ServerOptions? options = null)
        : this(options ?? ServerOptions.Default, Single(options ?? ServerOptions.Default))
    {
    }

    internal WebSocketListener(ServerOptions options, ListenAddress address)
    {
        _options = options;
        _handshakeOptions = options.ToHandshakeOptions();
        _socket = address.Listen(options.Backlog);
        LocalEndPoint = _socket.LocalEndPoint!;
    }

    /// <summary>The address it listens on, with the port that the system chose if the options said 0.</summary>
    /// <exception cref="InvalidOperationException">It listens on a Unix-domain socket.</exception>
    public IPEndPoint EndPoint => LocalEndPoint as IPEndPoint ?? throw new InvalidOperationException($"{LocalEndPoint} is no IP address; see {nameof(LocalEndPoint)}.");

    /// <summary>The address it listens on, of whatever family.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>Waits for a connection and upgrades it.</summary>
    /// <exception cref="HandshakeException">The connection was no WebSocket or was refused; accept again for the next one.</exception>
    /// <exception cref="ObjectDisposedException">The listener was disposed.</exception>
    public WebSocket Accept() => WebSocket.Accepted(ServerAcceptor.Accept(AcceptSocket(), _options, _handshakeOptions));

    /// <summary>Waits for a connection and upgrades it.</summary>
    /// <param name="cancellationToken">Stops waiting, and ends a handshake that is under way.</param>
    /// <exception cref="HandshakeException">The connection was no WebSocket or was refused; accept again for the next one.</exception>
    /// <exception cref="ObjectDisposedException">The listener was disposed.</exception>
    public async ValueTask<WebSocket> AcceptAsync(CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted)
        {
            throw new ObjectDisposedException(nameof(WebSocketListener), exception);
        }

        return WebSocket.Accepted(await ServerAcceptor.AcceptAsync(socket, _options, _handshakeOptions, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _socket.Dispose();

    private static ListenAddress Single(ServerOptions options) => options.ListenAddresses is [ListenAddress one]
        ? one
        : throw new ArgumentException($"A {nameof(WebSocketListener)} has one address; {nameof(ServerOptions.ListenOn)} names {options.ListenAddresses.Count}.", nameof(options));

    /// <summary>For an event loop, which accepts by itself.</summary>
    internal Socket Socket => _socket;

    /// <summary>Waits for a connection that is not upgraded yet.</summary>
    /// <exception cref="ObjectDisposedException">The listener was disposed.</exception>
    internal Socket AcceptSocket()
    {
        try
        {
            return _socket.Accept();
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted or SocketError.InvalidArgument or SocketError.NotSocket)
        {
            // On Linux, disposing shuts the socket down below the blocked call.
            throw new ObjectDisposedException(nameof(WebSocketListener), exception);
        }
    }
}
