using System.Net;
using System.Net.Sockets;
using Wspy.Handshake;

namespace Wspy;

/// <summary>How a client gets to its server: by TCP, by a Unix-domain socket, or through a proxy.</summary>
/// <remarks>One opening, with all connections that it takes; not thread-safe.</remarks>
internal sealed class ClientRoute
{
    private readonly ClientOptions _options;
    private ProxyTarget _target;
    private ClientAuthentication? _authentication;

    private ClientRoute(Uri url, ClientOptions options, ProxyServer? proxy)
    {
        Url = url;
        Proxy = proxy;
        _options = options;
        if (HandshakeUri.IsUnix(url))
        {
            Unix = new UnixDomainSocketEndPoint(HandshakeUri.UnixPath(url, nameof(url)));
        }
        else if (proxy is not null)
        {
            _target = ProxyTarget.Of(url);
            ThrowIf(proxy.Judge(_target));
            _authentication = proxy.CreateAuthentication(_target, options.AuthenticationSession);
        }
    }

    public Uri Url { get; }

    /// <summary>Null for the direct way.</summary>
    public ProxyServer? Proxy { get; }

    /// <summary>Null for TCP.</summary>
    public UnixDomainSocketEndPoint? Unix { get; }

    /// <summary>Whom to connect to: the server or the proxy.</summary>
    public string Host => Proxy?.Host ?? Url.IdnHost;

    /// <summary>The name to look up for a proxy that cannot do it; null when there is none.</summary>
    public string? TargetToResolve => Proxy is { NeedsAddress: true } && _target.Address is null ? _target.Host : null;

    /// <summary>Chooses the way, blocking the thread as long as the settings of the proxy do, and until the deadline at most.</summary>
    public static ClientRoute Find(Uri url, ClientOptions options, Deadline deadline) =>
        new(url, options, MayUseProxy(url, options) ? FindProxy(url, options, uri => HelperThread<Uri?>.Run(() => Ask(options.Proxy!, uri), deadline)) : null);

    /// <summary>Chooses the way.</summary>
    public static async ValueTask<ClientRoute> FindAsync(Uri url, ClientOptions options, CancellationToken cancellationToken)
    {
        if (!MayUseProxy(url, options))
        {
            return new ClientRoute(url, options, null);
        }

        // Settings of the user's may look into files or ask the network; the known ones only compare.
        Uri destination = WithoutUser(url);
        Uri? proxy = IsQuick(options.Proxy!)
            ? Ask(options.Proxy!, destination)
            : await Task.Run(() => Ask(options.Proxy!, destination), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        return new ClientRoute(url, options, FindProxy(url, options, _ => proxy));
    }

    /// <summary>The attempts to connect, when the addresses of <see cref="Host"/> are known.</summary>
    public ConnectPlan NewPlan(IReadOnlyList<IPAddress> addresses, TimeProvider clock) => Unix is not null
        ? ConnectPlan.For(HandshakeUri.Describe(Url), Unix, clock)
        : ConnectPlan.For(Proxy is { } proxy ? $"the {proxy}" : HandshakeUri.Describe(Url), addresses, Proxy?.Port ?? Url.Port, clock);

    /// <summary>Takes the addresses of <see cref="TargetToResolve"/>.</summary>
    /// <exception cref="ProxyException">None of them is one of IPv4.</exception>
    public void Resolved(IReadOnlyList<IPAddress> addresses)
    {
        IPAddress address = addresses.FirstOrDefault(static address => address.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
        _target = _target with { Address = address };
        ThrowIf(Proxy!.Judge(_target));
    }

    /// <summary>Begins to ask the proxy, over a fresh connection to it.</summary>
    public ProxyTunnel NewTunnel() => Proxy!.CreateTunnel(_target, _authentication, _options.MaxHeadSize, _options.MaxHeaderCount);

    /// <summary>Why the tunnel has failed.</summary>
    public ProxyException Explain(ProxyTunnel tunnel, Exception? cause = null) => new(Proxy!.Uri, tunnel.Failure!.Failure, tunnel.Failure.Message, cause)
    {
        Response = tunnel.Response,
        StatusCode = tunnel.Response?.StatusCode ?? 0,
    };

    /// <summary>Why there is no connection to the proxy.</summary>
    public Exception ExplainConnect(SocketException cause) => Proxy is null ? cause : new ProxyException(Proxy.Uri, ProxyFailure.Unreachable, cause.Message, cause);

    /// <summary>Why TLS with the proxy itself has failed.</summary>
    public ProxyException ExplainTls(Exception cause) => new(Proxy!.Uri, ProxyFailure.TlsFailed, $"TLS with the {Proxy} failed: {(cause.InnerException ?? cause).Message}", cause);

    private void ThrowIf(ProxyRefusal? refusal)
    {
        if (refusal is not null)
        {
            throw new ProxyException(Proxy!.Uri, refusal.Failure, refusal.Message);
        }
    }

    private static bool MayUseProxy(Uri url, ClientOptions options) => options.Proxy is not null && !HandshakeUri.IsUnix(url);

    private static bool IsQuick(IWebProxy proxy) => proxy is SystemProxy { IsQuick: true } or WebProxy;

    private static ProxyServer? FindProxy(Uri url, ClientOptions options, Func<Uri, Uri?> ask)
    {
        Uri destination = WithoutUser(url);
        Uri? uri = ask(destination);
        if (uri is null || uri == destination)
        {
            return null;
        }

        return ProxyServer.Create(uri, options.Proxy!.Credentials) ?? throw new ProxyException(
            uri.IsAbsoluteUri ? new Uri(uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)) : new Uri("http://unknown.invalid/"),
            ProxyFailure.InvalidSettings,
            $"The proxy's URI has {(uri.IsAbsoluteUri ? $"the scheme {uri.Scheme}" : "no scheme")}; known are http, https, socks5, socks5h, socks4a and socks4.");
    }

    private static Uri? Ask(IWebProxy proxy, Uri destination) => proxy.IsBypassed(destination) ? null : proxy.GetProxy(destination);

    // The settings need not see the credentials of the server.
    private static Uri WithoutUser(Uri url) => url.UserInfo.Length == 0 ? url : new UriBuilder(url) { UserName = "", Password = "" }.Uri;
}
