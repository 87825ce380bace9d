using System.Diagnostics.CodeAnalysis;
using System.Net;
using Wspy.Buffers;
using Wspy.Extensions;
using Wspy.Protocol;

namespace Wspy.Loop;

/// <summary>One connection on an event loop, from the opening handshake to its end: the protocol engine over a socket that never blocks.</summary>
/// <remarks>
/// <para>Everything happens on the loop's thread. Sends, closes and pauses from other threads are posted to it.</para>
/// <para>Nothing ends inside a handler: a mistake, a loss and a close are noted, and <see cref="Settle"/> draws the consequences after the
/// handler has returned, so that neither the engine nor a view of its memory goes away under it.</para>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The end of the connection gives everything back.")]
internal sealed partial class LoopConnection
{
    private readonly EventLoop _loop;
    private LoopSocket _socket;
    private WebSocketOptions _options;
    private readonly int _slot;
    private ILoopOpening? _opening;
    private ILoopHandler? _handler;
    private WebSocketProtocol? _engine;
    private volatile LoopState _state;
    private bool _attended;
    private bool _hasExtensions;

    // Whether each message is kept in an array of its own, to be dropped whole, or because its end is to be told.
    private bool _isWhole;

    /// <param name="loop">Whose thread this is called on.</param>
    /// <param name="socket">Accepted, or connecting; owned from now on.</param>
    /// <param name="options">Limits and time-outs.</param>
    /// <param name="opening">The handshake.</param>
    /// <param name="isConnected">Whether the socket is connected already; else how long that may take is the caller's affair.</param>
    /// <param name="secure">Begins the TLS handshake; null for none.</param>
    public LoopConnection(EventLoop loop, LoopSocket socket, WebSocketOptions options, ILoopOpening opening, bool isConnected, Func<TlsSocket, Task>? secure)
    {
        _loop = loop;
        _options = options;
        _opening = opening;
        _secure = secure;
        _socket = secure is null ? socket : new TlsSocket(socket, loop.Settings.TlsHandshakes, PostProgress);
        _state = LoopState.Connecting;
        _watched = isConnected ? Interest.Read : Interest.Write;
        _slot = loop.Add(this, socket, _watched);
        _phaseDeadline = long.MaxValue;
        if (isConnected)
        {
            OnConnected();
        }
    }

    public EventLoop Loop => _loop;

    public WebSocketOptions Options => _options;

    public IPEndPoint? RemoteEndPoint => _socket.RemoteEndPoint;

    /// <summary>Says for whom a trusted proxy has connected.</summary>
    public void SetPeer(IPEndPoint peer) => _socket.RemoteEndPoint = peer;

    /// <summary>The first bytes that the peer has sent where TLS is spoken, at most five.</summary>
    public ReadOnlySpan<byte> TlsBeginning => _socket is TlsSocket tls ? tls.Beginning : default;

    /// <summary>Knows the address, even when the connection has ended.</summary>
    public IPeer Peer => _socket;

    public ILoopHandler? Handler => _handler;

    /// <summary>Whether no Close frame was sent or received and the stream has not ended; from any thread.</summary>
    public bool IsOpen => _state == LoopState.Open;

    /// <summary>Whether the connection has ended; from any thread.</summary>
    public bool IsClosed => _state == LoopState.Closed;

    /// <summary>Makes the connection a WebSocket; called by its opening handshake.</summary>
    /// <param name="role">Which end this is.</param>
    /// <param name="options">Of the engine.</param>
    /// <param name="extensions">Those agreed on.</param>
    /// <param name="handler">Whom to tell what happens.</param>
    /// <param name="limits">Limits and time-outs from now on; null for those of the handshake.</param>
    public void Open(WebSocketRole role, ProtocolOptions options, IReadOnlyList<ExtensionInstance> extensions, ILoopHandler handler, WebSocketOptions? limits = null)
    {
        _options = limits ?? _options;

        // First, since it asks the extensions, which may throw: it is no WebSocket then.
        _engine = new WebSocketProtocol(role, options, extensions);
        _handler = handler;
        _hasExtensions = extensions.Count > 0;
        _isWhole = _options.Backpressure == BackpressurePolicy.DropOldest || handler.WantsSent;
    }

    /// <summary>Looks after the connection before the loop waits again.</summary>
    private void Attend()
    {
        if (!_attended)
        {
            _attended = true;
            _loop.Attend(this);
        }
    }

    public void Attended() => _attended = false;

    /// <summary>Sends what waits, and ends the connection when it is time; called when no handler runs.</summary>
    public void Settle()
    {
        if (_state == LoopState.Open && _queue is null && !_isBroken && _paused == PauseReasons.None && _watched == Interest.Read && !_engine!.HasPendingOutput)
        {
            // Nothing to do but to send the replies, most of the time.
            if (_loop.Current == this)
            {
                FlushCork();
            }

            if (_queue is null && !_isSendBroken && _socket.Unsent == 0)
            {
                return;
            }
        }

        if (_state == LoopState.Closed)
        {
            return;
        }

        if (!_isBroken)
        {
            Flush();
        }

        if (_isBroken)
        {
            End();
            return;
        }

        if (_state is LoopState.Open or LoopState.Closing)
        {
            SettleClosing();
        }
        else if (_state == LoopState.Refused && !HasOutput)
        {
            // What the peer still sends is dropped: ending the stream over it would reset the connection and could take the answer with it.
            Drain();
        }

        if (_state != LoopState.Closed)
        {
            UpdateWatch();
        }
    }
}

/// <summary>Where a connection on a loop is in its life.</summary>
internal enum LoopState : byte
{
    /// <summary>TCP is being connected.</summary>
    Connecting,

    /// <summary>The header of a proxy is awaited.</summary>
    Introducing,

    /// <summary>TLS is being negotiated.</summary>
    Securing,

    /// <summary>The opening handshake is under way.</summary>
    Opening,

    /// <summary>The request was refused; the answer is on its way.</summary>
    Refused,

    /// <summary>A WebSocket.</summary>
    Open,

    /// <summary>A Close frame was sent or received, or a rule broken.</summary>
    Closing,

    /// <summary>Nothing more is sent; the end of the peer's stream is awaited.</summary>
    Draining,

    /// <summary>Gone.</summary>
    Closed,
}
