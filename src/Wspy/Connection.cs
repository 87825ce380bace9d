using System.Net;
using Wspy.Extensions;
using Wspy.Protocol;

namespace Wspy;

/// <summary>Messages over a <see cref="WebSocket"/>: fragments joined, pings and Close frames answered, one end.</summary>
/// <remarks>
/// <para>
/// Sending is safe from any thread; each caller's messages keep their order, and two messages never interleave. Receive in one
/// of four ways, one at a time: derive and let <see cref="ReceiveForever"/> call the handlers; <see cref="Receive()"/>;
/// <see cref="ReceiveAsync"/>; or <c>await foreach</c>. Handlers never run concurrently.
/// </para>
/// <para>The handlers for pings, pongs, errors, opening and closing are called in all four ways, by whoever receives.</para>
/// </remarks>
public partial class Connection : IDisposable, IAsyncDisposable, IAsyncEnumerable<Message>
{
    private readonly ProtocolDriver _driver;

    /// <summary>Puts messages on top of a WebSocket, which belongs to the connection from now on.</summary>
    /// <param name="webSocket">An upgraded WebSocket that stands between two messages.</param>
    public Connection(WebSocket webSocket)
    {
        ArgumentNullException.ThrowIfNull(webSocket);
        WebSocket = webSocket;
        _driver = webSocket.Driver;
        _driver.OnEnd = ReportClose;

        // A connection refuses reserved opcodes whatever the frames below allow, but for those that extensions give a meaning.
        _driver.Engine.Options = _driver.Engine.Options with { Delivery = DeliveryUnit.Message, AnswersControlFrames = true, AllowReservedOpcodes = false };
    }

    /// <summary>The WebSocket below.</summary>
    public WebSocket WebSocket { get; }

    /// <summary>The subprotocol agreed on; <see langword="null"/> if none.</summary>
    public string? Subprotocol => WebSocket.Subprotocol;

    /// <summary>The extensions agreed on, with their parameters, as the response lists them.</summary>
    public IReadOnlyList<ExtensionOffer> Extensions => WebSocket.Extensions;

    /// <inheritdoc cref="WebSocket.User"/>
    public System.Security.Claims.ClaimsPrincipal? User => WebSocket.User;

    /// <summary>The address of the peer; that of the proxy where a client has gone through one, and of a proxy's client where <see cref="ServerOptions.TrustedProxies"/> tell. <see langword="null"/> when the stream does not know.</summary>
    public EndPoint? RemoteEndPoint => WebSocket.RemoteEndPoint;

    /// <summary>Whether no Close frame was sent or received and the stream has not ended, as far as is known.</summary>
    public bool IsOpen => _driver.IsOpen;

    /// <summary>How the connection ended; completes exactly once, when it has.</summary>
    public Task<CloseInfo> Closed => _driver.Closed;

    /// <summary>Connects to a server.</summary>
    /// <inheritdoc cref="WebSocket.Connect(string, ClientOptions?)"/>
    public static Connection Connect(string url, ClientOptions? options = null) => new(WebSocket.Connect(url, options));

    /// <inheritdoc cref="Connect(string, ClientOptions?)"/>
    /// <param name="url">Such as <c>ws://localhost:8000/chat</c> or <c>wss://example.com</c>.</param>
    /// <param name="options">How to connect; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<Connection> ConnectAsync(string url, ClientOptions? options = null, CancellationToken cancellationToken = default) =>
        new(await WebSocket.ConnectAsync(url, options, cancellationToken).ConfigureAwait(false));

    /// <summary>Two connections to each other in memory.</summary>
    /// <inheritdoc cref="WebSocket.CreatePair"/>
    public static (Connection Client, Connection Server) CreatePair(ClientOptions? clientOptions = null, ServerOptions? serverOptions = null)
    {
        (WebSocket client, WebSocket server) = WebSocket.CreatePair(clientOptions, serverOptions);
        return (new Connection(client), new Connection(server));
    }
}
