using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Wspy.Handshake;

namespace Wspy;

/// <summary>A server with a thread per client and plain blocking I/O: derive, override handlers, run.</summary>
/// <remarks>
/// Its members are safe from any thread. The handlers of one client never run concurrently, those of different clients do. A
/// handler may block: it only holds up its own client. What a client does wrong is its own affair and disturbs nobody else.
/// </remarks>
public partial class Server : IDisposable, IAsyncDisposable
{
    /// <summary>Deep enough for any handler that does not recurse, and a thousand of them are half a gigabyte of addresses, not of memory.</summary>
    private const int StackSize = 512 * 1024;

    private readonly ServerOptions _options;
    private readonly ServerOptions _openingOptions;
    private readonly ServerHandshakeOptions _handshakeOptions;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<long, ThreadedClient> _clients = new();
    private readonly ConcurrentDictionary<Socket, byte> _openings = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();

    // Cancelled when stopping may not take longer. Neither source has a timer, so that there is nothing to dispose in them.
    private readonly CancellationTokenSource _deadline = new();
    private WebSocketListener? _listener;
    private Task? _stop;
    private long _lastId;
    private int _connected;

    // Those of the clients, the one that accepts, and stopping as if it were one.
    private int _threads = 1;

    // The server whose client this thread serves: all handlers run on such threads.
    [ThreadStatic]
    private static Server? _servedHere;

    /// <summary>Creates a server that does not listen yet.</summary>
    /// <param name="options">Where to listen and what to accept; <see langword="null"/> for the defaults: localhost, port 8000.</param>
    /// <exception cref="ArgumentException">An option cannot be kept, such as a malformed origin.</exception>
    public Server(ServerOptions? options = null)
    {
        _options = options ?? ServerOptions.Default;
        _openingOptions = _options with { OnRequest = OnRequest, OnUpgrade = Admit };
        _handshakeOptions = _options.ToHandshakeOptions();
        _logger = _options.LoggerFactory.CreateLogger<Server>();
    }

    /// <summary>The address it listens on, with the port that the system chose if the options said 0.</summary>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public IPEndPoint EndPoint => _listener?.EndPoint ?? throw new InvalidOperationException("The server was not started.");

    /// <summary>The clients that are connected now: a snapshot.</summary>
    public IReadOnlyCollection<Client> Clients => (IReadOnlyCollection<Client>)_clients.Values;

    /// <summary>Listens, and serves clients on threads of their own.</summary>
    /// <exception cref="SocketException">The address cannot be listened on: it is in use, or not of this machine.</exception>
    /// <exception cref="InvalidOperationException">The server was started before.</exception>
    public void Start()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stop is not null, this);
            if (_listener is not null)
            {
                throw new InvalidOperationException("The server was started before.");
            }

            _listener = new WebSocketListener(_options);
            Enter();
        }

        LogStarted(_listener.EndPoint);
        new Thread(AcceptForever) { IsBackground = true, Name = "Wspy accept" }.Start();
    }

    /// <summary>Starts, and stops gracefully on Ctrl-C, SIGTERM or cancellation; returns when it has stopped.</summary>
    /// <inheritdoc cref="Start"/>
    /// <param name="cancellationToken">Stops the server.</param>
    public void Run(CancellationToken cancellationToken = default)
    {
        if (_listener is null)
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
        using CancellationTokenRegistration cancellation = cancellationToken.UnsafeRegister(static state => ((Server)state!).StopAsync(CancellationToken.None), this);
        _stopped.Task.GetAwaiter().GetResult();

        // The last thread has left, so this is about the last line of the log.
        _stop!.GetAwaiter().GetResult();
    }

    /// <summary>
    /// Stops accepting, sends 1001 to every client, and waits for their answers up to <see cref="ServerOptions.StopTimeout"/>; what is left then
    /// is ended. The handlers of all clients have returned when it completes. Called on the thread of a handler, which it could wait for only in vain,
    /// it begins to stop and completes at once.
    /// </summary>
    /// <param name="cancellationToken">Ends what is left at once.</param>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        Task stop;
        lock (_gate)
        {
            stop = _stop ??= _listener is null ? Task.CompletedTask : Task.Run(StopCoreAsync, CancellationToken.None);
        }

        if (cancellationToken.CanBeCanceled && !stop.IsCompleted)
        {
            CancellationTokenRegistration hurry = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _deadline);
            _ = stop.ContinueWith(static (_, state) => ((CancellationTokenRegistration)state!).Unregister(), hurry, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return _servedHere == this ? Task.CompletedTask : stop;
    }

    /// <summary>Stops as <see cref="StopAsync"/> does; in a handler it does not wait either.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops as <see cref="StopAsync"/> does.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the server.</summary>
    /// <param name="disposing">Whether to stop; false from a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopAsync().GetAwaiter().GetResult();
        }
    }

    private async Task StopCoreAsync()
    {
        LogStopping(_clients.Count);
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener!.Dispose();

        // Who has not finished the opening handshake is not a client yet, and loses nothing.
        foreach (Socket socket in _openings.Keys)
        {
            socket.Dispose();
        }

        using (_options.TimeProvider.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), _deadline, _options.StopTimeout, Timeout.InfiniteTimeSpan))
        {
            await Task.WhenAll(_clients.Values.Select(client => CloseAsync(client, _deadline.Token))).ConfigureAwait(false);
            Leave();
            await _stopped.Task.ConfigureAwait(false);
        }

        LogStopped();
    }

    private static async Task CloseAsync(ThreadedClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.CloseAsync(CloseCode.GoingAway, "", cancellationToken).ConfigureAwait(false);
            await client.Closed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            client.Abort();
        }
    }

    private void Enter() => Interlocked.Increment(ref _threads);

    // The last thread to leave, the stopping one included, says that all is over.
    private void Leave()
    {
        if (Interlocked.Decrement(ref _threads) == 0)
        {
            _stopped.TrySetResult();
        }
    }
}
