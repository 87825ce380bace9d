using Microsoft.Extensions.Logging;
using Wspy.Loop;

namespace Wspy;

/// <summary>One thread that serves any number of <see cref="AsyncConnection"/>s: an event loop to share.</summary>
/// <remarks>
/// Its members are safe from any thread. All handlers of its connections run on its thread, so a handler must not block: it would
/// hold up every connection. What takes time goes into an asynchronous handler (<see cref="AsyncConnection.OnMessageAsync"/>).
/// </remarks>
public sealed partial class ConnectionLoop : IDisposable, IAsyncDisposable
{
    private static readonly Lazy<ConnectionLoop> Shared = new(static () => new ConnectionLoop(new ConnectionLoopOptions(), "Wspy shared loop", null));

    private readonly ConnectionLoopOptions _options;
    private readonly ILogger _logger;
    private readonly object _flowOwner = new();

    // Written on the loop's thread.
    private bool _isStopping;

    /// <summary>Creates a loop, and starts its thread.</summary>
    /// <param name="options">Which poller, and the clock; <see langword="null"/> for the defaults.</param>
    /// <exception cref="PlatformNotSupportedException">The options ask for a poller that this system does not have.</exception>
    public ConnectionLoop(ConnectionLoopOptions? options = null)
        : this(options ?? new ConnectionLoopOptions(), "Wspy loop", null)
    {
    }

    /// <param name="options">As above.</param>
    /// <param name="name">Of the thread.</param>
    /// <param name="createPoller">In the place of the poller that the options name; null for that.</param>
    internal ConnectionLoop(ConnectionLoopOptions options, string name, Func<Poller>? createPoller)
    {
        _options = options;
        _logger = GuardedLogger.Create<ConnectionLoop>(options.LoggerFactory);
        var settings = new LoopSettings
        {
            Poller = options.Poller,
            PollerFactory = createPoller,
            TimeProvider = options.TimeProvider,
            BlockedThreshold = options.BlockedLoopThreshold,
            OnBlocked = (connection, time) => LogBlocked(connection.Handler as AsyncConnection, time.TotalMilliseconds),
        };
        Loop = new EventLoop(settings, name);
        Loop.Post(new HandlerFlow(_flowOwner).Enter);
        Loop.Start();
    }

    /// <summary>The one that connections share which were given no other: made when it is first asked for, and there as long as the process. Disposing it does nothing.</summary>
    public static ConnectionLoop Default => Shared.Value;

    /// <summary>The connections on the loop now, those that are being opened included.</summary>
    public int Connections => Loop.AssignedCount;

    internal EventLoop Loop { get; }

    private bool IsInHandler => Loop.IsCurrent || HandlerFlow.CurrentOf(_flowOwner) is not null;

    internal TimeProvider TimeProvider => _options.TimeProvider;

    /// <summary>
    /// Ends all connections without a closing handshake (close them before, for an orderly end), and the thread. Their handlers have
    /// returned when this does, unless it is called by one of them, or by what one of them has started.
    /// </summary>
    public void Dispose()
    {
        Task ended = StopAsync();
        if (!IsInHandler)
        {
            ended.GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Task ended = StopAsync();
        return IsInHandler ? default : new(ended);
    }

    /// <summary>Counts a connection, on the loop's thread, unless the loop is ending.</summary>
    internal bool TryEnter()
    {
        if (_isStopping)
        {
            return false;
        }

        Loop.Assign();
        return true;
    }

    /// <summary>A connection is gone; on the loop's thread.</summary>
    internal void Leave()
    {
        Loop.Unassign();
        StopIfEmpty();
    }

    internal static ObjectDisposedException Disposed() => new(nameof(ConnectionLoop), "The connection's loop was disposed.");

    internal void HandlerFailed(AsyncConnection connection, Exception exception) => LogHandlerFailed(exception, connection);

    internal void ExtensionFailed(AsyncConnection connection, ExtensionException failure) => LogExtensionFailed(failure, connection, failure.Extension);

    private Task StopAsync()
    {
        if (Shared.IsValueCreated && this == Shared.Value)
        {
            return Task.CompletedTask;
        }

        // Refused the second time, when there is nothing left to do but to wait.
        Loop.Post(() =>
        {
            _isStopping = true;
            Loop.AbortAll(Disposed());
            StopIfEmpty();
        });
        return Loop.Ended;
    }

    private void StopIfEmpty()
    {
        if (_isStopping && Loop.AssignedCount == 0)
        {
            Loop.Stop();
        }
    }

    // Events 20-29: loops of connections.
    [LoggerMessage(20, LogLevel.Warning, "A handler held up the event loop for {Milliseconds:0} ms, last for {Connection}; make it asynchronous")]
    private partial void LogBlocked(AsyncConnection? connection, double milliseconds);

    [LoggerMessage(21, LogLevel.Error, "A handler failed for {Connection}; the connection is ending")]
    private partial void LogHandlerFailed(Exception exception, AsyncConnection connection);

    [LoggerMessage(22, LogLevel.Error, "The extension {Extension} failed for {Connection}; the connection is closed with 1011")]
    private partial void LogExtensionFailed(Exception exception, AsyncConnection connection, string extension);
}
