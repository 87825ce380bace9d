using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Wspy.Loop;

namespace Wspy;

/// <summary>What lies below the opening handshake of an <see cref="AsyncConnection"/>: names and proxies beside the loop, sockets on it.</summary>
internal static class LoopConnector
{
    /// <summary>Connects the connection.</summary>
    /// <param name="connection">To be opened.</param>
    /// <param name="url">Where to.</param>
    /// <param name="options">How.</param>
    /// <param name="loop">Which thread serves it.</param>
    /// <param name="resolve">Tells the addresses of a name; beside the loop, since that may take seconds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask ConnectAsync(
        AsyncConnection connection, Uri url, ClientOptions options, ConnectionLoop loop, Func<string, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken cancellationToken)
    {
        using var opening = new ClientOpening(url, options);
        cancellationToken.ThrowIfCancellationRequested();
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, loop.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ConnectPlan? plan = null;
        try
        {
            ClientRoute route = await ClientRoute.FindAsync(url, options, either.Token).ConfigureAwait(false);
            IPAddress[] addresses = await ClientPath.ResolveAsync(route, resolve, either.Token).ConfigureAwait(false);
            LoopClientOpening attempt;
            do
            {
                plan = route.NewPlan(addresses, loop.TimeProvider);
                attempt = await RaceAsync(connection, opening, route, options, loop, plan, either.Token).ConfigureAwait(false);
            }
            while (await MustRepeatAsync(attempt, ClientPath.TimedOut(url, options, plan, null), timeout.Token, cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ClientPath.TimedOut(url, options, plan, exception);
        }
    }

    private static async ValueTask<LoopClientOpening> RaceAsync(
        AsyncConnection connection, ClientOpening opening, ClientRoute route, ClientOptions options, ConnectionLoop loop, ConnectPlan plan, CancellationToken cancellationToken)
    {
        var winner = new StrongBox<LoopClientOpening?>();
        try
        {
            return await ConnectRace.RunAsync(plan, AttemptAsync, static late => late.Discard(), loop.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw route.ExplainConnect(exception);
        }

        async Task<LoopClientOpening> AttemptAsync(EndPoint endPoint, CancellationToken token)
        {
            while (true)
            {
                try
                {
                    return await new LoopClientOpening(connection, opening, route, options, loop, winner).ConnectAsync(endPoint, token).ConfigureAwait(false);
                }
                catch (SocketException exception) when (ClientSockets.IsFull(endPoint, exception))
                {
                    await Task.Delay(ClientSockets.Again, loop.TimeProvider, token).ConfigureAwait(false);
                }
            }
        }
    }

    // False when it is open; true when the proxy wants another connection.
    private static async ValueTask<bool> MustRepeatAsync(LoopClientOpening attempt, TimeoutException late, CancellationToken timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration timedOut = timeout.UnsafeRegister(_ => attempt.ConnectTimedOut(late), null);
        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(static (state, token) => ((LoopClientOpening)state!).Cancel(token), attempt);
        try
        {
            await attempt.Outcome.ConfigureAwait(false);
            return false;
        }
        catch (Exception) when (attempt.IsToBeRepeated)
        {
            // Its answer was a challenge, which goes over another connection.
            return true;
        }
    }
}
