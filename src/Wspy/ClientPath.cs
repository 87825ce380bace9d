using System.Net;
using System.Net.Sockets;

namespace Wspy;

/// <summary>From a URL to a connection on which the server hears what is sent: names, addresses, proxies; all within <see cref="ClientOptions.ConnectTimeout"/>.</summary>
internal static class ClientPath
{
    /// <summary>Connects, blocking the thread.</summary>
    /// <exception cref="SocketException">There is no way to the server.</exception>
    /// <exception cref="ProxyException">There is no way through the proxy.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public static ClientLink Connect(Uri url, ClientOptions options) => Connect(url, options, Dns.GetHostAddresses);

    /// <inheritdoc cref="Connect(Uri, ClientOptions)"/>
    public static async ValueTask<ClientLink> ConnectAsync(Uri url, ClientOptions options, CancellationToken cancellationToken) =>
        await ConnectAsync(url, options, Dns.GetHostAddressesAsync, cancellationToken).ConfigureAwait(false);

    internal static ClientLink Connect(Uri url, ClientOptions options, Func<string, IPAddress[]> lookUp)
    {
        Deadline deadline = Deadline.After(options.ConnectTimeout, options.TimeProvider);
        ConnectPlan? plan = null;
        try
        {
            ClientRoute route = ClientRoute.Find(url, options, deadline);
            if (route.TargetToResolve is { } name)
            {
                route.Resolved(NameResolution.Resolve(name, lookUp, deadline));
            }

            while (true)
            {
                Socket socket = Connect(route, options, lookUp, deadline, ref plan);
                if (route.Proxy is null)
                {
                    return new ClientLink(socket);
                }

                if (TunnelDriver.Open(socket, route, options, deadline) is { } link)
                {
                    return link;
                }
            }
        }
        catch (TimeoutException exception)
        {
            throw TimedOut(url, options, plan, exception);
        }
    }

    internal static async ValueTask<ClientLink> ConnectAsync(Uri url, ClientOptions options, Func<string, CancellationToken, Task<IPAddress[]>> lookUp, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ConnectPlan? plan = null;
        try
        {
            ClientRoute route = await ClientRoute.FindAsync(url, options, either.Token).ConfigureAwait(false);
            IPAddress[] addresses = await ResolveAsync(route, lookUp, either.Token).ConfigureAwait(false);
            while (true)
            {
                plan = route.NewPlan(addresses, options.TimeProvider);
                Socket socket = await ConnectAsync(route, plan, options, either.Token).ConfigureAwait(false);
                if (route.Proxy is null)
                {
                    return new ClientLink(socket);
                }

                if (await TunnelDriver.OpenAsync(socket, route, options, either.Token).ConfigureAwait(false) is { } link)
                {
                    return link;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || either.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw TimedOut(url, options, plan, exception);
        }
    }

    /// <summary>The addresses to connect to; of the server as well, for a proxy that needs it.</summary>
    internal static async ValueTask<IPAddress[]> ResolveAsync(ClientRoute route, Func<string, CancellationToken, Task<IPAddress[]>> lookUp, CancellationToken cancellationToken)
    {
        if (route.TargetToResolve is { } name)
        {
            route.Resolved(await NameResolution.ResolveAsync(name, lookUp, cancellationToken).ConfigureAwait(false));
        }

        try
        {
            return route.Unix is not null ? [] : await NameResolution.ResolveAsync(route.Host, lookUp, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw route.ExplainConnect(exception);
        }
    }

    internal static TimeoutException TimedOut(Uri url, ClientOptions options, ConnectPlan? plan, Exception? cause) => new(
        $"No connection to {Handshake.HandshakeUri.Describe(url)} within {options.ConnectTimeout.TotalSeconds:0.###} s ({nameof(ClientOptions.ConnectTimeout)}){plan?.Describe()}.",
        cause);

    private static Socket Connect(ClientRoute route, ClientOptions options, Func<string, IPAddress[]> lookUp, Deadline deadline, ref ConnectPlan? plan)
    {
        try
        {
            IPAddress[] addresses = route.Unix is not null ? [] : NameResolution.Resolve(route.Host, lookUp, deadline);
            plan = route.NewPlan(addresses, options.TimeProvider);
            return BlockingRace.Connect(plan, options.ToKeepAlive(), deadline);
        }
        catch (SocketException exception)
        {
            throw route.ExplainConnect(exception);
        }
    }

    private static async ValueTask<Socket> ConnectAsync(ClientRoute route, ConnectPlan plan, ClientOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await ConnectRace.RunAsync(
                plan,
                (endPoint, token) => ClientSockets.ConnectAsync(endPoint, options.ToKeepAlive(), options.TimeProvider, token),
                static socket => socket.Dispose(),
                options.TimeProvider,
                cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw route.ExplainConnect(exception);
        }
    }
}
