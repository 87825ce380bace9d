using System.Net;
using System.Security.Claims;
using Wspy.Extensions;
using Wspy.Protocol;
using Wspy.Transports;

namespace Wspy;

/// <summary>A socket or stream that was upgraded: frames in, frames out. Pings, Close frames and fragments are yours to see and to answer.</summary>
/// <remarks>
/// <para>Sending is safe from any thread, and each call's frames stay together and whole. One receive at a time.</para>
/// <para>
/// The rules of RFC 6455 are kept strictly: a peer that breaks one is sent the Close frame that fits, and the receive throws
/// <see cref="ConnectionClosedException"/> with the cause inside. For messages, and for pings and closes that answer
/// themselves, put a <see cref="Connection"/> on top.
/// </para>
/// <para>Blocking calls block the thread in the system; asynchronous calls do not. Both may be used on one connection.</para>
/// </remarks>
public sealed partial class WebSocket : IDisposable, IAsyncDisposable
{
    internal WebSocket(Transport transport, WebSocketRole role, WebSocketOptions options, ReadOnlySpan<byte> received, IReadOnlyList<ExtensionInstance> extensions)
    {
        Driver = new ProtocolDriver(transport, role, options, received, extensions);
    }

    /// <summary>Which end of the connection this is.</summary>
    public WebSocketRole Role => Driver.Engine.Role;

    /// <summary>The subprotocol agreed on in the opening handshake; <see langword="null"/> if none.</summary>
    public string? Subprotocol { get; internal init; }

    /// <summary>The extensions agreed on in the opening handshake, with their parameters, as the response lists them.</summary>
    public IReadOnlyList<ExtensionOffer> Extensions { get; internal init; } = [];

    /// <summary>On a server, the head of the request that was upgraded.</summary>
    public HttpRequestHead? Request { get; internal init; }

    /// <summary>On a server, who the client is, as authenticated by <see cref="ServerOptions.Authentication"/>; <see langword="null"/> where nobody is asked.</summary>
    public ClaimsPrincipal? User => Request?.User;

    /// <summary>On a client, the head of the server's answer.</summary>
    public HttpResponseHead? Response { get; internal init; }

    /// <summary>The address of this end; <see langword="null"/> when the stream does not know.</summary>
    public EndPoint? LocalEndPoint => Driver.Transport.LocalEndPoint;

    /// <summary>The address of the peer; that of the proxy where a client has gone through one, and of a proxy's client where <see cref="ServerOptions.TrustedProxies"/> tell. <see langword="null"/> when the stream does not know.</summary>
    public EndPoint? RemoteEndPoint => Driver.Transport.RemoteEndPoint;

    /// <summary>Whether no Close frame was sent or received and the stream has not ended, as far as is known.</summary>
    public bool IsOpen => Driver.IsOpen;

    /// <summary>How the connection ended; completes exactly once, when it has.</summary>
    public Task<CloseInfo> Closed => Driver.Closed;

    internal ProtocolDriver Driver { get; }

    /// <summary>Two ends connected in memory, after an opening handshake like any other: for tests, and for parts of one process.</summary>
    /// <param name="clientOptions">The client's options; <see langword="null"/> for the defaults.</param>
    /// <param name="serverOptions">The server's options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="HandshakeException">The two do not agree.</exception>
    public static (WebSocket Client, WebSocket Server) CreatePair(ClientOptions? clientOptions = null, ServerOptions? serverOptions = null)
    {
        (Stream client, Stream server) = InMemoryStream.CreatePair();
        Task<WebSocket> accepting = AcceptAsync(server, serverOptions).AsTask();
        try
        {
            WebSocket connected = Connect(client, new Uri("ws://localhost/"), clientOptions);
            return (connected, accepting.GetAwaiter().GetResult());
        }
        finally
        {
            // When the two do not agree, the client's exception says so; the server's says the same.
            _ = accepting.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Ends the connection at once, without a closing handshake: the peer sees an abnormal closure (1006).</summary>
    public void Abort() => Driver.Abort(null);

    /// <summary>Closes with 1000 if the connection is open, and gives everything back (<see cref="Close"/>).</summary>
    public void Dispose()
    {
        if (!Closed.IsCompleted)
        {
            Close();
        }
    }

    /// <summary>Closes with 1000 if the connection is open, and gives everything back (<see cref="CloseAsync"/>).</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Closed.IsCompleted)
        {
            await CloseAsync().ConfigureAwait(false);
        }
    }
}
