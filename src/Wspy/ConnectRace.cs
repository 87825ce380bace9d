using System.Net;
using System.Net.Sockets;

namespace Wspy;

/// <summary>Connects to the first address that answers, without blocking a thread; for sockets of the platform and for connections on an event loop.</summary>
internal static class ConnectRace
{
    /// <summary>Runs the plan.</summary>
    /// <param name="plan">Which addresses, and when.</param>
    /// <param name="connect">Begins an attempt; fails with a <see cref="SocketException"/> when there is no way. Cancelled when another one has won.</param>
    /// <param name="discard">Gives up what was connected too late.</param>
    /// <param name="clock">Tells when the next one is due.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SocketException">All attempts have failed.</exception>
    public static async Task<T> RunAsync<T>(ConnectPlan plan, Func<EndPoint, CancellationToken, Task<T>> connect, Action<T> discard, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var losers = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<(EndPoint EndPoint, Task<T> Attempt)>();
        try
        {
            while (true)
            {
                TimeSpan untilNext = plan.UntilNext;
                if (untilNext == TimeSpan.Zero)
                {
                    EndPoint next = plan.Begin();
                    running.Add((next, connect(next, losers.Token)));
                    untilNext = plan.UntilNext;
                }

                await WaitAsync(running, untilNext, clock, losers.Token).ConfigureAwait(false);
                for (int i = running.Count - 1; i >= 0; i--)
                {
                    (EndPoint endPoint, Task<T> attempt) = running[i];
                    if (!attempt.IsCompleted)
                    {
                        continue;
                    }

                    running.RemoveAt(i);
                    try
                    {
                        T winner = await attempt.ConfigureAwait(false);
                        plan.Connected(endPoint);
                        return winner;
                    }
                    catch (SocketException exception)
                    {
                        plan.Fail(endPoint, exception.SocketErrorCode);
                    }
                }

                if (running.Count == 0 && !plan.HasMore)
                {
                    throw plan.ToException();
                }
            }
        }
        finally
        {
            await losers.CancelAsync().ConfigureAwait(false);
            foreach ((EndPoint _, Task<T> attempt) in running)
            {
                _ = DiscardAsync(attempt, discard);
            }
        }
    }

    // Until an attempt has ended or the next one is due.
    private static async Task WaitAsync<T>(List<(EndPoint EndPoint, Task<T> Attempt)> running, TimeSpan untilNext, TimeProvider clock, CancellationToken cancellationToken)
    {
        Task ended = Task.WhenAny(running.Select(static one => one.Attempt));
        if (untilNext == Timeout.InfiniteTimeSpan)
        {
            await ended.ConfigureAwait(false);
            return;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(ended, Task.Delay(untilNext, clock, enough.Token)).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task DiscardAsync<T>(Task<T> attempt, Action<T> discard)
    {
        try
        {
            discard(await attempt.ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It lost, and failed: nobody asks.
        }
    }
}
