using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Wspy.Handshake;

namespace Wspy;

/// <summary>What servers have in common: clients, handlers to override, start and graceful stop. See <see cref="Server"/> and <see cref="AsyncServer"/>.</summary>
/// <remarks>
/// Its members are safe from any thread. The handlers of one client never run concurrently. What a client does wrong is its
/// own affair and disturbs nobody else.
/// </remarks>
public abstract partial class WebSocketServer : IDisposable, IAsyncDisposable
{
    /// <summary>How many may be in their opening handshakes or refused at once, however small <see cref="ServerOptions.MaxConnections"/> is.</summary>
    private const int MinOpenings = 256;

    /// <summary>How often the log tells of clients with a wrong scheme in their URLs.</summary>
    private static readonly TimeSpan TellInterval = TimeSpan.FromMinutes(1);

    private readonly ServerOptions _options;
    private readonly ILogger _logger;

    // Not asked for each message when nobody logs at all.
    private readonly bool _logs;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();

    private IReadOnlyList<WebSocketListener>? _listeners;
    private long _lastId;
    private long _toldWrongScheme;
    private int _connected;

    // Threads or connections under way, the accepting one, and stopping as if it were one.
    private int _busy = 1;

    private protected WebSocketServer(ServerOptions? options)
    {
        _options = options ?? ServerOptions.Default;
        _logger = GuardedLogger.Create<WebSocketServer>(_options.LoggerFactory);
        _logs = _options.LoggerFactory is not NullLoggerFactory;
        _own = new ServerRoute(_options) { ServesWebSockets = true };
        _nothing = new ServerRoute(_options);
    }

    /// <summary>The address it listens on, with the port that the system chose if the options said 0.</summary>
    /// <exception cref="InvalidOperationException">The server was not started, or listens on no IP address.</exception>
    public IPEndPoint EndPoint => EndPoints.OfType<IPEndPoint>().FirstOrDefault() ?? throw new InvalidOperationException($"The server listens on no IP address; see {nameof(EndPoints)}.");

    /// <summary>All addresses it listens on, in the order of <see cref="ServerOptions.ListenOn"/>.</summary>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public IReadOnlyList<EndPoint> EndPoints => [.. (_listeners ?? throw new InvalidOperationException("The server was not started.")).Select(static listener => listener.LocalEndPoint)];

    /// <summary>The clients that are connected now: a snapshot.</summary>
    public abstract IReadOnlyCollection<Client> Clients { get; }

    private protected ServerOptions Options => _options;

    internal ServerOptions CommonOptions => _options;

    private protected ServerHandshakeOptions HandshakeOptions => _own.HandshakeOptions;

    internal CancellationToken StoppingToken => _stopping.Token;

    private protected CancellationToken Stopping => _stopping.Token;

    /// <summary>Whose the flows of this server's handlers are.</summary>
    private protected object FlowOwner { get; } = new();

    /// <summary>Whether the caller runs on a thread of a handler of this server, so that it must not wait for the server's end.</summary>
    private protected abstract bool IsOnHandlerThread { get; }

    /// <summary>Listens, and serves clients.</summary>
    /// <exception cref="SocketException">The address cannot be listened on: it is in use, or not of this machine.</exception>
    /// <exception cref="InvalidOperationException">The server was started before, or a socket that was given or inherited does not listen.</exception>
    public void Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop is not null, this);
            if (_listeners is not null)
            {
                throw new InvalidOperationException("The server was started before.");
            }

            IReadOnlyList<WebSocketListener> listeners = Listen();
            try
            {
                Prepare();
            }
            catch
            {
                // It may be started again, when descriptors are to be had.
                foreach (WebSocketListener listener in listeners)
                {
                    listener.Dispose();
                }

                throw;
            }

            _listeners = listeners;
            foreach (WebSocketListener _ in _listeners)
            {
                Enter();
            }
        }

        foreach (WebSocketListener listener in _listeners)
        {
            LogStarted(listener.LocalEndPoint);
        }

        Accept(_listeners);
    }

    /// <summary>Serves a client that is connected already, as if it had been accepted: TLS if the options have it, then its request.</summary>
    /// <param name="socket">A connected stream socket, owned by the server from now on; the caller's still if this throws.</param>
    /// <exception cref="ArgumentException">The socket listens, was never connected, or is none of streams. One whose peer has left already is no error, and disposed.</exception>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    /// <exception cref="ObjectDisposedException">The server was stopped.</exception>
    public void Serve(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ThrowUnlessRunning();
        if (socket.SocketType != SocketType.Stream)
        {
            throw new ArgumentException($"A WebSocket needs a stream of bytes, and this is a socket of type {socket.SocketType}.", nameof(socket));
        }

        // One that came with its handle from elsewhere is not connected either if its peer has left, but it has had an address since it was.
        if (!socket.Connected && (socket.LocalEndPoint is null || IsListening(socket)))
        {
            throw new ArgumentException("The socket is not connected: serve what its Accept returned, or connect it before.", nameof(socket));
        }

        ServeConnected(socket);
    }

    private static bool IsListening(Socket socket) => socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0;

    private protected void ThrowUnlessRunning()
    {
        if (_listeners is null)
        {
            throw new InvalidOperationException("The server was not started.");
        }

        ObjectDisposedException.ThrowIf(Stopping.IsCancellationRequested, this);
    }

    /// <summary>Starts, and stops gracefully on Ctrl-C, SIGTERM or cancellation; returns when it has stopped.</summary>
    /// <inheritdoc cref="Start"/>
    /// <param name="cancellationToken">Stops the server.</param>
    public void Run(CancellationToken cancellationToken = default)
    {
        if (_listeners is null)
        {
            Start();
        }

        // A second Ctrl-C is not held back: whoever is in a hurry gets the system's way to end.
        void StopOnce(PosixSignalContext context)
        {
            context.Cancel = !_stopping.IsCancellationRequested;
            _ = StopAsync(CancellationToken.None);
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce);
        using CancellationTokenRegistration cancellation = cancellationToken.UnsafeRegister(static state => ((WebSocketServer)state!).StopAsync(CancellationToken.None), this);
        _stopped.Task.GetAwaiter().GetResult();

        // The last thread has left, so this is about the last line of the log. Whoever stopped the server holds the gate until its task is known.
        Task stop;
        lock (_gate)
        {
            stop = _stop!;
        }

        stop.GetAwaiter().GetResult();
    }

    // All or none.
    private List<WebSocketListener> Listen()
    {
        List<WebSocketListener> listeners = [];
        try
        {
            foreach (ListenAddress address in _options.ListenAddresses)
            {
                listeners.Add(new WebSocketListener(_options, address));
            }

            return listeners;
        }
        catch
        {
            listeners.ForEach(static listener => listener.Dispose());
            throw;
        }
    }

    /// <summary>Gets what serving takes, or throws and holds nothing.</summary>
    private protected virtual void Prepare()
    {
    }

    /// <summary>Begins to accept connections, on threads of the server's; each listener counts as busy until <see cref="Leave"/>.</summary>
    private protected abstract void Accept(IReadOnlyList<WebSocketListener> listeners);

    /// <summary>Serves a client that somebody else has accepted; from any thread.</summary>
    private protected abstract void ServeConnected(Socket socket);

    private protected long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Counts somebody for whom stopping waits.</summary>
    private protected void Enter() => Interlocked.Increment(ref _busy);

    // The last to leave, the stopping one included, says that all is over.
    private protected void Leave()
    {
        if (Interlocked.Decrement(ref _busy) == 0)
        {
            _allLeft.TrySetResult();
        }
    }

    /// <summary>Whether as many again as may be clients are in their opening handshakes or being refused: too many to be polite to.</summary>
    internal bool IsOverfull
    {
        get
        {
            if (Volatile.Read(ref _busy) <= (long)_options.MaxConnections + Math.Max(_options.MaxConnections, MinOpenings))
            {
                return false;
            }

            LogFull(_options.MaxConnections);
            return true;
        }
    }

    /// <summary>Counts a client among the connected ones, unless there are <see cref="ServerOptions.MaxConnections"/> already.</summary>
    internal bool TryTakePlace()
    {
        if (Interlocked.Increment(ref _connected) <= _options.MaxConnections)
        {
            return true;
        }

        GivePlaceBack();
        LogFull(_options.MaxConnections);
        return false;
    }

    internal void GivePlaceBack() => Interlocked.Decrement(ref _connected);

    internal static HttpResponse FullResponse() => HttpResponse.Text(503, "The server has as many clients as it takes; try again later.\n");

    internal static HttpResponse StoppingResponse() => HttpResponse.Text(503, "The server is stopping.\n");

    /// <summary>Tells the log why a connection became no WebSocket.</summary>
    private protected void LogFailure(EndPoint? address, HandshakeException failure)
    {
        if (failure is { Reason: HandshakeViolation.RefusedByApplication, InnerException: { } cause })
        {
            LogRequestFailed(cause, address);
        }
        else
        {
            LogRefused(address, failure.Message);
            if (failure.Reason == HandshakeViolation.WrongScheme)
            {
                TellWrongScheme(address, failure.Message);
            }
        }
    }

    // Somebody has a wrong URL, and should learn of it without a log at Debug; once in a while, since that may be many.
    private void TellWrongScheme(EndPoint? address, string message)
    {
        long now = (long)_options.TimeProvider.GetElapsedTime(0).TotalMilliseconds + 1;
        long told = Volatile.Read(ref _toldWrongScheme);
        if ((told == 0 || now - told >= TellInterval.TotalMilliseconds) && Interlocked.CompareExchange(ref _toldWrongScheme, now, told) == told)
        {
            LogWrongScheme(address, message, TellInterval);
        }
    }
}
