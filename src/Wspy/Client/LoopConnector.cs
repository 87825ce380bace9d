using System.Net;
using System.Net.Sockets;
using Wspy.Loop;

namespace Wspy;

/// <summary>What lies below the opening handshake of an <see cref="AsyncConnection"/>: names, and every address in turn.</summary>
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
        (Uri url, ClientOptions options) = (attempts.Url, attempts.Options);
        Func<TlsSocket, Task>? secure = url.Scheme is "wss" or "https" ? socket => socket.AuthenticateAsync(ClientConnector.TlsOptions(url, options)) : null;
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, loop.TimeProvider);
        IPAddress[] addresses = await ResolveAsync(url, options, resolve, timeout.Token, cancellationToken).ConfigureAwait(false);
        for (int i = 0; ; i++)
        {
            var opening = new LoopClientOpening(connection, attempts, loop, secure);
            Task<bool> answer = opening.Start(new IPEndPoint(addresses[i], url.Port));
            using CancellationTokenRegistration late = timeout.Token.UnsafeRegister(static state => ((LoopClientOpening)state!).ConnectTimedOut(), opening);
            using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(static (state, token) => ((LoopClientOpening)state!).Cancel(token), opening);
            try
            {
                return await answer.ConfigureAwait(false) || await GoOnAsync(opening, attempts, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException) when (!opening.IsConnected && i + 1 < addresses.Length)
            {
                // The next one may do; if none does, the last one's error is as good as any.
            }
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
                        isOpen = await opening.RepeatAsync().ConfigureAwait(false);
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

    private static async ValueTask<IPAddress[]> ResolveAsync(
        Uri url, ClientOptions options, Func<string, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken timeout, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(url.IdnHost, out IPAddress? address))
        {
            return [address];
        }

        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout, cancellationToken);
            IPAddress[] addresses = await resolve(url.IdnHost, either.Token).ConfigureAwait(false);
            return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (OperationCanceledException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw ClientConnector.ConnectTimedOut(url, options, exception);
        }
    }
}
