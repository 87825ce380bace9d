using System.Net.Sockets;

namespace Wspy;

// The graceful stop: 1001 to all, their answers within a time, the return of the last handler.
public abstract partial class WebSocketServer
{
    /// <summary>How often the log tells of the handlers for which stopping waits.</summary>
    internal static readonly TimeSpan BusyInterval = TimeSpan.FromSeconds(10);

    /// <summary>The most that are named in one line.</summary>
    private const int MaxBusyNamed = 5;

    private readonly TaskCompletionSource _allLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _clientsClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Cancelled when stopping may not take longer. Neither source has a timer, so that there is nothing to dispose in them.
    private readonly CancellationTokenSource _deadline = new();
    private Task? _stop;

    /// <summary>Those whose handlers have not returned; from any thread, a moment's truth.</summary>
    private protected abstract List<Client> BusyClients { get; }

    /// <summary>Cancelled when stopping may not take longer.</summary>
    private protected CancellationToken StopDeadline => _deadline.Token;

    /// <summary>
    /// Stops accepting, sends 1001 to every client, and waits for their answers up to <see cref="ServerOptions.StopTimeout"/>; what is left then
    /// is ended. The handlers of all clients have returned when it completes.
    /// </summary>
    /// <remarks>
    /// <para>The time-out ends connections and no code: a handler that does not return keeps this from completing, and the log names its client every 10 seconds. To wait no
    /// longer than that, wait with a time-out of your own (<c>StopAsync().WaitAsync(time)</c>): what is left then are such handlers, and the other clients of an event loop that one of them blocks.</para>
    /// <para>A handler may stop its server, but not wait for itself: called on the thread of a handler, this begins to stop and completes at once. Called later by
    /// an asynchronous handler, or by what a handler has started, it completes when all other connections have ended, or when their time is over, and waits for no handler.</para>
    /// </remarks>
    /// <param name="cancellationToken">Ends the connections that are left at once.</param>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        Task stop;
        lock (_gate)
        {
            stop = _stop ??= _listeners is null ? Task.CompletedTask : Task.Run(StopCoreAsync, CancellationToken.None);
        }

        if (cancellationToken.CanBeCanceled && !stop.IsCompleted)
        {
            CancellationTokenRegistration hurry = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _deadline);
            _ = stop.ContinueWith(static (_, state) => ((CancellationTokenRegistration)state!).Unregister(), hurry, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return IsOnHandlerThread ? Task.CompletedTask
            : !stop.IsCompleted && HandlerFlow.CurrentOf(FlowOwner) is { } flow ? WaitInHandlerAsync(stop, flow)
            : stop;
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

    // The handler that waits here has not returned, so the end of all handlers would never come.
    private async Task WaitInHandlerAsync(Task stop, HandlerFlow flow)
    {
        flow.Wait();
        await Task.WhenAny(stop, _clientsClosed.Task, Task.Delay(Timeout.InfiniteTimeSpan, _deadline.Token)).ConfigureAwait(false);
    }

    private async Task StopCoreAsync()
    {
        LogStopping(Clients.Count);
        await _stopping.CancelAsync().ConfigureAwait(false);
        StopAccepting(_listeners!);
        using (_options.TimeProvider.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), _deadline, _options.StopTimeout, Timeout.InfiniteTimeSpan))
        using (_options.TimeProvider.CreateTimer(static state => ((WebSocketServer)state!).TellBusy(), this, BusyInterval, BusyInterval))
        {
            await CloseClientsAsync(_deadline.Token).ConfigureAwait(false);
            _clientsClosed.TrySetResult();
            Leave();
            await _allLeft.Task.ConfigureAwait(false);
        }

        await EndAsync().ConfigureAwait(false);
        LogStopped();
        _stopped.TrySetResult();
    }

    private void TellBusy()
    {
        List<Client> busy = BusyClients;
        if (busy.Count > 0)
        {
            LogWaitingForHandlers(busy.Count, string.Join(", ", busy.Take(MaxBusyNamed)) + (busy.Count > MaxBusyNamed ? ", …" : ""));
        }
    }

    private protected static async Task CloseAsync(Client client, CancellationToken cancellationToken)
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

    /// <summary>Disposes the listeners, and ends the connections that are in their opening handshakes: who is in one is not a client yet, and loses nothing.</summary>
    private protected abstract void StopAccepting(IReadOnlyList<WebSocketListener> listeners);

    /// <summary>Closes the clients that are there, with 1001; those that come later are the accepting one's to end.</summary>
    /// <param name="deadline">When it is cancelled, they are aborted.</param>
    private protected virtual Task CloseClientsAsync(CancellationToken deadline) => Task.WhenAll(Clients.Select(client => CloseAsync(client, deadline)));

    /// <summary>Ends what is left when all clients are gone.</summary>
    private protected virtual Task EndAsync() => Task.CompletedTask;
}
