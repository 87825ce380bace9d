using System.Net.Security;
using System.Net.Sockets;
using Wspy.Buffers;
using Wspy.Handshake;

namespace Wspy;

/// <summary>Asks a proxy for a connection to the server, over one connection to the proxy.</summary>
internal static class TunnelDriver
{
    /// <summary>Room for the answers of SOCKS, and for most of HTTP.</summary>
    private const int BufferSize = 1024;

    /// <summary>Asks, blocking the thread.</summary>
    /// <param name="socket">Connected to the proxy, owned from now on.</param>
    /// <param name="route">Which proxy, and where to.</param>
    /// <param name="options">How to speak TLS with the proxy.</param>
    /// <param name="deadline">Until when.</param>
    /// <returns>Null when another connection to the proxy is needed.</returns>
    /// <exception cref="ProxyException">There is no way through the proxy.</exception>
    /// <exception cref="TimeoutException">The deadline has passed.</exception>
    public static ClientLink? Open(Socket socket, ClientRoute route, ClientOptions options, Deadline deadline)
    {
        bool timedOut = false;
        bool isOpen = false;
        using ITimer timer = options.TimeProvider.CreateTimer(
            _ =>
            {
                // Ends whatever it waits for at that time.
                Volatile.Write(ref timedOut, true);
                socket.Dispose();
            },
            null,
            deadline.Remaining,
            Timeout.InfiniteTimeSpan);
        try
        {
            (Stream stream, SslStream? tls) = ToStream(socket, route);
            Secure(tls, route, options);
            isOpen = Ask(stream, route, route.NewTunnel());
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            ObjectDisposedException.ThrowIf(Volatile.Read(ref timedOut), socket);
            return isOpen ? new ClientLink(socket, tls) : null;
        }
        catch (Exception exception) when (Volatile.Read(ref timedOut))
        {
            isOpen = false;
            throw new TimeoutException(null, exception);
        }
        finally
        {
            if (!isOpen)
            {
                socket.Dispose();
            }
        }
    }

    /// <inheritdoc cref="Open"/>
    /// <param name="socket">Connected to the proxy, owned from now on.</param>
    /// <param name="route">Which proxy, and where to.</param>
    /// <param name="options">How to speak TLS with the proxy.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<ClientLink?> OpenAsync(Socket socket, ClientRoute route, ClientOptions options, CancellationToken cancellationToken)
    {
        bool isOpen = false;
        try
        {
            (Stream stream, SslStream? tls) = ToStream(socket, route);
            await SecureAsync(tls, route, options, cancellationToken).ConfigureAwait(false);
            isOpen = await AskAsync(stream, route, route.NewTunnel(), cancellationToken).ConfigureAwait(false);
            return isOpen ? new ClientLink(socket, tls) : null;
        }
        finally
        {
            if (!isOpen)
            {
                socket.Dispose();
            }
        }
    }

    private static (Stream Stream, SslStream? Tls) ToStream(Socket socket, ClientRoute route)
    {
        if (!route.Proxy!.IsSecure)
        {
            return (new NetworkStream(socket, ownsSocket: false), null);
        }

        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        return (tls, tls);
    }

    private static void Secure(SslStream? tls, ClientRoute route, ClientOptions options)
    {
        try
        {
            tls?.AuthenticateAsClient(ClientTls.For(options.ProxyTls, route.Proxy!.Host));
        }
        catch (Exception exception)
        {
            // The proxy's fault, or that of the options and their callbacks, which may throw whatever they like.
            throw route.ExplainTls(exception);
        }
    }

    private static async ValueTask SecureAsync(SslStream? tls, ClientRoute route, ClientOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (tls is not null)
            {
                await tls.AuthenticateAsClientAsync(ClientTls.For(options.ProxyTls, route.Proxy!.Host), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // As above.
            throw route.ExplainTls(exception);
        }
    }

    private static bool Ask(Stream stream, ClientRoute route, ProxyTunnel tunnel)
    {
        using var output = new PooledBuffer();
        byte[] input = new byte[BufferSize];
        tunnel.Begin(output);
        try
        {
            while (true)
            {
                stream.Write(output.WrittenSpan);
                output.Clear(keepArray: true);
                if (IsDecided(route, tunnel, Take(tunnel, input.AsSpan(0, stream.Read(input)), output)) is { } isOpen)
                {
                    return isOpen;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return IsDecided(route, tunnel, tunnel.ReceiveEnd(), exception) ?? false;
        }
    }

    private static async ValueTask<bool> AskAsync(Stream stream, ClientRoute route, ProxyTunnel tunnel, CancellationToken cancellationToken)
    {
        using var output = new PooledBuffer();
        byte[] input = new byte[BufferSize];
        tunnel.Begin(output);
        try
        {
            while (true)
            {
                await stream.WriteAsync(output.WrittenMemory, cancellationToken).ConfigureAwait(false);
                output.Clear(keepArray: true);
                int count = await stream.ReadAsync(input, cancellationToken).ConfigureAwait(false);
                if (IsDecided(route, tunnel, Take(tunnel, input.AsSpan(0, count), output)) is { } isOpen)
                {
                    return isOpen;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException && !cancellationToken.IsCancellationRequested)
        {
            return IsDecided(route, tunnel, tunnel.ReceiveEnd(), exception) ?? false;
        }
    }

    private static ProxyTunnelStatus Take(ProxyTunnel tunnel, ReadOnlySpan<byte> received, PooledBuffer output) =>
        received.IsEmpty ? tunnel.ReceiveEnd() : tunnel.Receive(ref received, output);

    // True for a tunnel, false for another connection, null when the proxy has more to say.
    private static bool? IsDecided(ClientRoute route, ProxyTunnel tunnel, ProxyTunnelStatus status, Exception? cause = null) => status switch
    {
        ProxyTunnelStatus.NeedMoreData => null,
        ProxyTunnelStatus.Open => true,
        ProxyTunnelStatus.Repeat => false,
        _ => throw route.Explain(tunnel, cause),
    };
}
