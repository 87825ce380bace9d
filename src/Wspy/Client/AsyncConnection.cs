using System.Net;
using System.Net.Sockets;
using Wspy.Extensions;
using Wspy.Loop;

namespace Wspy;

/// <summary>A connection on an event loop, of which one thread can drive thousands: derive, override handlers, connect.</summary>
/// <remarks>
/// <para>Its members are safe from any thread. The handlers run on the loop's thread, never two of one connection at once, and must not block;
/// what takes time goes into an asynchronous handler (<see cref="OnMessageAsync"/>), which holds up its own connection only.</para>
/// <para>An instance is connected once. Until then there is nothing to send to: what needs a connection throws <see cref="InvalidOperationException"/>.</para>
/// <para>Where a thread or a task per connection is fine, <see cref="Connection"/> is simpler.</para>
/// </remarks>
public partial class AsyncConnection : IAsyncDisposable
{
    private LoopConnection? _connection;
    private ConnectionLoop? _loop;
    private TaskCompletionSource<bool>? _connecting;
    private int _began;

    /// <summary>The subprotocol agreed on in the opening handshake; <see langword="null"/> if none.</summary>
    public string? Subprotocol { get; private set; }

    /// <summary>The extensions agreed on in the opening handshake, with their parameters, as the response lists them.</summary>
    public IReadOnlyList<ExtensionOffer> Extensions { get; private set; } = [];

    /// <summary>The head of the server's answer; <see langword="null"/> until it is connected.</summary>
    public HttpResponseHead? Response { get; private set; }

    /// <summary>The address at the other end of the TCP connection: the server's, or that of the proxy through which it goes. <see langword="null"/> until it is connected, and for Unix-domain sockets.</summary>
    public EndPoint? RemoteEndPoint => _connection?.RemoteEndPoint;

    /// <summary>Whether it is connected, no Close frame was sent or received, and the stream has not ended, as far as is known.</summary>
    public bool IsOpen => _connection is { IsOpen: true };

    /// <summary>How the connection ended; completes exactly once, when it has.</summary>
    /// <exception cref="InvalidOperationException">It was not connected yet.</exception>
    public Task<CloseInfo> Closed => Connected.Closed;

    private LoopConnection Connected => _connection ?? throw new InvalidOperationException($"There is no connection before {nameof(ConnectAsync)} has completed.");

    /// <summary>Connects to a server; completes when <see cref="OnOpen"/> has been called.</summary>
    /// <inheritdoc cref="ConnectAsync(Uri, ClientOptions?, ConnectionLoop?, CancellationToken)"/>
    /// <param name="url">Such as <c>ws://localhost:8000/chat</c> or <c>wss://example.com</c>.</param>
    /// <param name="options">How to connect; <see langword="null"/> for the defaults. The clock is the loop's.</param>
    /// <param name="loop">Which thread serves it; <see langword="null"/> for <see cref="ConnectionLoop.Default"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask ConnectAsync(string url, ClientOptions? options = null, ConnectionLoop? loop = null, CancellationToken cancellationToken = default) =>
        ConnectAsync(WebSocket.ParseUrl(url), options, loop, cancellationToken);

    /// <summary>Connects to a server; completes when <see cref="OnOpen"/> has been called. Each address of a host is tried in turn.</summary>
    /// <param name="url">Such as <c>ws://localhost:8000/chat</c> or <c>wss://example.com</c>.</param>
    /// <param name="options">How to connect; <see langword="null"/> for the defaults. The clock is the loop's.</param>
    /// <param name="loop">Which thread serves it; <see langword="null"/> for <see cref="ConnectionLoop.Default"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The URL is not absolute, is no ws or wss URL, or has a fragment (RFC 6455 §3).</exception>
    /// <exception cref="HandshakeException">The server refused or did not answer as a WebSocket server; TLS failed.</exception>
    /// <exception cref="SocketException">There is no way to the server.</exception>
    /// <exception cref="TimeoutException">Connecting took longer than <see cref="ClientOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="ObjectDisposedException">The loop was disposed.</exception>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    public async ValueTask ConnectAsync(Uri url, ClientOptions? options = null, ConnectionLoop? loop = null, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _began, 1) != 0)
        {
            throw new InvalidOperationException("A connection is connected once; make another.");
        }

        await LoopConnector.ConnectAsync(this, url, options ?? ClientOptions.Default, loop ?? ConnectionLoop.Default, Dns.GetHostAddressesAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends the Close frame, and returns; <see cref="Closed"/> tells of the end, which comes within <see cref="WebSocketOptions.CloseTimeout"/>. Does nothing the second time.</summary>
    /// <param name="code">A code that may stand on the wire, or <see cref="CloseCode.NoStatusReceived"/> for a Close frame without code and reason.</param>
    /// <param name="reason">At most 123 bytes of UTF-8.</param>
    /// <exception cref="ArgumentException">The code may not stand on the wire, or the reason is too long.</exception>
    public void Close(CloseCode code = CloseCode.NormalClosure, string reason = "") => Connected.Close(code, reason);

    /// <summary>Closes the connection, and waits for the end; on the loop's thread, which brings the end, it does not wait.</summary>
    /// <inheritdoc cref="Close"/>
    /// <param name="code">A code that may stand on the wire, or <see cref="CloseCode.NoStatusReceived"/> for a Close frame without code and reason.</param>
    /// <param name="reason">At most 123 bytes of UTF-8.</param>
    /// <param name="cancellationToken">Ends the connection without waiting further.</param>
    public ValueTask CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default) =>
        Connected.CloseAsync(code, reason, cancellationToken);

    /// <summary>Ends the connection at once, without a closing handshake: the peer sees an abnormal closure (1006).</summary>
    public void Abort() => Connected.Abort();

    /// <summary>Receives nothing more, pings and the Close frame included, until <see cref="ResumeReading"/>. A handler that runs is not interrupted.</summary>
    public void PauseReading() => Connected.PauseReading();

    /// <summary>Receives on.</summary>
    public void ResumeReading() => Connected.ResumeReading();

    /// <summary>Closes with 1000 if the connection is open (<see cref="CloseAsync"/>).</summary>
    public async ValueTask DisposeAsync()
    {
        await DisposeAsyncCore().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Such as "connection to 127.0.0.1:8000".</summary>
    public override string ToString() => RemoteEndPoint is { } address ? $"connection to {address}" : "connection that is not open yet";

    /// <summary>Closes with 1000 if the connection is open; to be extended by what derived classes give back.</summary>
    protected virtual ValueTask DisposeAsyncCore() => _connection is { } connection ? connection.CloseAsync(CloseCode.NormalClosure, "", CancellationToken.None) : default;

    // On the loop's thread, before the first handler.
    internal void Attach(LoopConnection connection, ConnectionLoop loop, ClientOpening opening, TaskCompletionSource<bool> connecting)
    {
        (Response, Subprotocol, Extensions) = (opening.Response, opening.Subprotocol, opening.AcceptedExtensions);
        (_loop, _connecting) = (loop, connecting);
        Volatile.Write(ref _connection, connection);
    }
}
