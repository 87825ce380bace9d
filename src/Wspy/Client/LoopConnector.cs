using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Wspy.Handshake;
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
        using var attempts = new ClientAttempts(url, options);
        do
        {
            await ClientTokens.PrepareAsync(attempts, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
        while (!await TryConnectAsync(connection, attempts, loop, resolve, cancellationToken).ConfigureAwait(false));
    }

    // False when the next request needs another connection.
    private static async ValueTask<bool> TryConnectAsync(
        AsyncConnection connection, ClientAttempts attempts, ConnectionLoop loop, Func<string, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken cancellationToken)
    {
        LoopClientOpening opening = await AnswerAsync(connection, attempts, loop, resolve, cancellationToken).ConfigureAwait(false);
        using CancellationTokenRegistration cancelled = opening.CancelWith(cancellationToken);
        return await opening.Outcome.ConfigureAwait(false) || await GoOnAsync(opening, attempts, cancellationToken).ConfigureAwait(false);
    }

    // Connects, up to the server's first answer.
    private static async ValueTask<LoopClientOpening> AnswerAsync(
        AsyncConnection connection, ClientAttempts attempts, ConnectionLoop loop, Func<string, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken cancellationToken)
    {
        (Uri url, ClientOptions options) = (attempts.Url, attempts.Options);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, loop.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ConnectPlan? plan = null;
        try
        {
            ClientRoute route = await ClientRoute.FindAsync(url, options, either.Token).ConfigureAwait(false);
            IPAddress[] addresses = await ClientPath.ResolveAsync(route, resolve, either.Token).ConfigureAwait(false);
            LoopClientOpening opening;
            do
            {
                plan = route.NewPlan(addresses, loop.TimeProvider);
                opening = await RaceAsync(connection, attempts, route, loop, plan, either.Token).ConfigureAwait(false);
            }
            while (await MustRepeatAsync(opening, ClientPath.TimedOut(url, options, plan, null), timeout.Token, cancellationToken).ConfigureAwait(false));
            return opening;
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ClientPath.TimedOut(url, options, plan, exception);
        }
    }

    // Judges an answer that is no upgrade, beside the loop: what it asks (credentials, cookies, tokens) is the application's code.
    private static async ValueTask<bool> GoOnAsync(LoopClientOpening opening, ClientAttempts attempts, CancellationToken cancellationToken)
    {
        bool isOpen = false;
        try
        {
            while (!isOpen)
            {
                switch (attempts.Judge(opening.MayBeFollowed))
                {
                    case ClientStep.Repeat:
                        await ClientTokens.PrepareAsync(attempts, cancellationToken).ConfigureAwait(false);
                        try
                        {
                            isOpen = await opening.RepeatAsync().ConfigureAwait(false);
                        }
                        catch (HandshakeException lost) when (lost.Reason == HandshakeViolation.ConnectionLost && opening.IsUnansweredRepeat)
                        {
                            // The server has ended the connection after its last answer, as it may (RFC 9112 §9.3.1): the request goes over another one.
                            return false;
                        }

                        break;
                    case ClientStep.Reconnect:
                        return false;
                    default:
                        throw attempts.GetFailure();
                }
            }

            return true;
        }
        finally
        {
            if (!isOpen)
            {
                opening.Release();
            }
        }
    }

    private static async ValueTask<LoopClientOpening> RaceAsync(
        AsyncConnection connection, ClientAttempts attempts, ClientRoute route, ConnectionLoop loop, ConnectPlan plan, CancellationToken cancellationToken)
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
                    return await new LoopClientOpening(connection, attempts, route, loop, winner).ConnectAsync(endPoint, token).ConfigureAwait(false);
                }
                catch (SocketException exception) when (ClientSockets.IsFull(endPoint, exception))
                {
                    await Task.Delay(ClientSockets.Again, loop.TimeProvider, token).ConfigureAwait(false);
                }
            }
        }
    }

    // True when the proxy wants another connection.
    private static async ValueTask<bool> MustRepeatAsync(LoopClientOpening opening, TimeoutException late, CancellationToken timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration timedOut = timeout.UnsafeRegister(_ => opening.ConnectTimedOut(late), null);
        using CancellationTokenRegistration cancelled = opening.CancelWith(cancellationToken);
        try
        {
            await opening.Outcome.ConfigureAwait(false);
            return false;
        }
        catch (Exception) when (opening.IsToBeRepeated)
        {
            // Its answer was a challenge, which goes over another connection.
            return true;
        }
    }
}
