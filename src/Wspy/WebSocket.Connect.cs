using System.Net.Sockets;
using Wspy.Handshake;

namespace Wspy;

// Becoming a WebSocket as a client.
public sealed partial class WebSocket
{
    /// <summary>Connects to a server.</summary>
    /// <param name="url">Such as <c>ws://localhost:8000/chat</c> or <c>wss://example.com</c>.</param>
    /// <param name="options">How to connect; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The URL is not absolute, is no ws or wss URL, or has a fragment (RFC 6455 §3).</exception>
    /// <exception cref="HandshakeException">The server refused or did not answer as a WebSocket server; TLS failed.</exception>
    /// <exception cref="SocketException">There is no way to the server.</exception>
    /// <exception cref="TimeoutException">Connecting took longer than <see cref="ClientOptions.ConnectTimeout"/>.</exception>
    public static WebSocket Connect(string url, ClientOptions? options = null) => Connect(ParseUrl(url), options);

    /// <inheritdoc cref="Connect(string, ClientOptions?)"/>
    public static WebSocket Connect(Uri url, ClientOptions? options = null) => ClientConnector.Connect(url, options ?? ClientOptions.Default);

    /// <summary>Upgrades a connected stream as its client.</summary>
    /// <param name="stream">A connected stream in both directions, owned by the WebSocket from now on, and disposed when this fails.</param>
    /// <param name="url">What to ask for; its host is not connected to.</param>
    /// <param name="options">How to ask; <see langword="null"/> for the defaults. <see cref="ClientOptions.Tls"/> is not applied to a stream.</param>
    /// <exception cref="HandshakeException">The server refused or did not answer as a WebSocket server.</exception>
    public static WebSocket Connect(Stream stream, Uri url, ClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ClientConnector.Upgrade(stream, url, options ?? ClientOptions.Default);
    }

    /// <summary>Upgrades a connected socket as its client.</summary>
    /// <param name="socket">A connected socket, owned by the WebSocket from now on, and disposed when this fails.</param>
    /// <param name="url">What to ask for; its host is not connected to. TLS is spoken when its scheme is wss.</param>
    /// <param name="options">How to ask; <see langword="null"/> for the defaults.</param>
    /// <exception cref="HandshakeException">The server refused or did not answer as a WebSocket server; TLS failed.</exception>
    public static WebSocket Connect(Socket socket, Uri url, ClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return ClientConnector.Upgrade(socket, url, options ?? ClientOptions.Default);
    }

    /// <inheritdoc cref="Connect(string, ClientOptions?)"/>
    /// <param name="url">Such as <c>ws://localhost:8000/chat</c> or <c>wss://example.com</c>.</param>
    /// <param name="options">How to connect; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static ValueTask<WebSocket> ConnectAsync(string url, ClientOptions? options = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(ParseUrl(url), options, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, ClientOptions?, CancellationToken)"/>
    public static ValueTask<WebSocket> ConnectAsync(Uri url, ClientOptions? options = null, CancellationToken cancellationToken = default) =>
        ClientConnector.ConnectAsync(url, options ?? ClientOptions.Default, cancellationToken);

    /// <inheritdoc cref="Connect(Stream, Uri, ClientOptions?)"/>
    /// <param name="stream">A connected stream in both directions, owned by the WebSocket from now on, and disposed when this fails.</param>
    /// <param name="url">What to ask for; its host is not connected to.</param>
    /// <param name="options">How to ask; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Gives up, and disposes the stream.</param>
    public static ValueTask<WebSocket> ConnectAsync(Stream stream, Uri url, ClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ClientConnector.UpgradeAsync(stream, url, options ?? ClientOptions.Default, cancellationToken);
    }

    /// <inheritdoc cref="Connect(Socket, Uri, ClientOptions?)"/>
    /// <param name="socket">A connected socket, owned by the WebSocket from now on, and disposed when this fails.</param>
    /// <param name="url">What to ask for; its host is not connected to. TLS is spoken when its scheme is wss.</param>
    /// <param name="options">How to ask; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Gives up, and disposes the socket.</param>
    public static ValueTask<WebSocket> ConnectAsync(Socket socket, Uri url, ClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return ClientConnector.UpgradeAsync(socket, url, options ?? ClientOptions.Default, cancellationToken);
    }

    internal static Uri ParseUrl(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed)
            ? parsed
            : throw new ArgumentException("The text is no absolute URL; write something like ws://localhost:8000/.", nameof(url));
    }
}
