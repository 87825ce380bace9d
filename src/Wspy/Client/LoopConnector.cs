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
        using var opening = new ClientOpening(url, options);
        cancellationToken.ThrowIfCancellationRequested();
        Func<TlsSocket, Task>? secure = url.Scheme is "wss" or "https" ? socket => socket.AuthenticateAsync(ClientConnector.TlsOptions(url, options)) : null;
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, loop.TimeProvider);
        IPAddress[] addresses = await ResolveAsync(url, options, resolve, timeout.Token, cancellationToken).ConfigureAwait(false);
        for (int i = 0; ; i++)
        {
            var attempt = new LoopClientOpening(connection, opening, url, options, loop, secure);
            Task outcome = attempt.Start(new IPEndPoint(addresses[i], url.Port));
            using CancellationTokenRegistration late = timeout.Token.UnsafeRegister(static state => ((LoopClientOpening)state!).ConnectTimedOut(), attempt);
            using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(static (state, token) => ((LoopClientOpening)state!).Cancel(token), attempt);
            try
            {
                await outcome.ConfigureAwait(false);
                return;
            }
            catch (SocketException) when (!attempt.IsConnected && i + 1 < addresses.Length)
            {
                // The next one may do; if none does, the last one's error is as good as any.
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
