using System.Net;
using System.Net.Security;
using Wspy.Handshake;

namespace Wspy;

/// <summary>How a client connects.</summary>
/// <remarks>Immutable and safe from any thread; one instance can serve any number of connections.</remarks>
public sealed record ClientOptions : WebSocketOptions
{
    /// <summary>The origin of which the connection claims to be, as a browser's would (RFC 6455 §4.1).</summary>
    /// <value>Default none, as fits a client that is no browser.</value>
    public string? Origin { get; init; }

    /// <summary>
    /// Headers for the request, such as <c>Authorization</c> or <c>Cookie</c>. Those of the handshake itself are refused, but for <c>Host</c>.
    /// These three, and <c>Proxy-Authorization</c>, stay behind when a redirect leads to another origin.
    /// </summary>
    /// <value>Default none.</value>
    public HttpHeaders? Headers { get; init; }

    /// <summary>
    /// The cookies: those that fit the URL go with the request, behind a <c>Cookie</c> of <see cref="Headers"/> and in one line with it, and what
    /// the server sets with any answer of the opening is put there. For the container ws is http, and wss is https. Over Unix-domain
    /// sockets there are none.
    /// </summary>
    /// <value>Default <see langword="null"/>: no cookies. The container's own limits hold; malformed cookies are ignored.</value>
    public CookieContainer? Cookies { get; init; }

    /// <summary>
    /// How many redirects (301, 302, 303, 307, 308) are followed in one opening (RFC 6455 §4.1 leaves that to the client). When one leads to another
    /// origin (scheme, host or port), what was meant for the first one stays behind: the URL's user information, a
    /// <see cref="NetworkCredential"/>, <see cref="BearerToken"/>, client certificates and the secret ones of <see cref="Headers"/>. Other
    /// <see cref="ICredentials"/> and <see cref="Cookies"/> know themselves what is whose. <see cref="Proxy"/> is asked anew for each URL. From a
    /// Unix-domain socket no redirect leads away, and none to one.
    /// </summary>
    /// <value>Default 5; 0 for none: a redirect is a <see cref="HandshakeException"/> then, with the server's answer.</value>
    public int MaxRedirects { get; init => field = (int)AtLeast(value, 0, nameof(MaxRedirects)); } = 5;

    /// <summary>Whether a redirect may lead from wss to ws, where everybody can listen.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowInsecureRedirects { get; init; }

    /// <summary>How long connecting may take, name resolution and the proxy included. <see cref="WebSocketOptions.HandshakeTimeout"/> comes after it.</summary>
    /// <value>Default 10 s; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan ConnectTimeout { get; init => field = Time(value, nameof(ConnectTimeout)); } = TimeSpan.FromSeconds(10);

    /// <summary>Which proxy to connect through, if any: <c>http</c>, <c>https</c>, <c>socks5</c>, <c>socks5h</c>, <c>socks4a</c> or <c>socks4</c>. Not asked for Unix-domain sockets.</summary>
    /// <value>Default <see cref="SystemProxy.Default"/>: what the environment or the system says, never for this machine; <see langword="null"/> for none.</value>
    public IWebProxy? Proxy { get; init; } = SystemProxy.Default;

    /// <summary>TLS with the proxy itself, when its scheme is <c>https</c>. The target host is filled in when it is missing.</summary>
    /// <value>Default <see langword="null"/>: the system's protocols, and certificates validated by the system's rules.</value>
    public SslClientAuthenticationOptions? ProxyTls { get; init; }

    /// <summary>Whether the system asks a silent peer whether it is still there (SO_KEEPALIVE): then a connection whose other end has vanished ends by itself.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool KeepAlive { get; init; } = true;

    /// <summary>How long a peer is silent before the system asks.</summary>
    /// <value>Default 1 min; whole seconds, up to 32,767.</value>
    public TimeSpan KeepAliveTime { get; init => field = Seconds(value, nameof(KeepAliveTime)); } = TimeSpan.FromMinutes(1);

    /// <summary>How long the system waits for an answer before it asks again; after several, 9 on Linux, the connection is lost.</summary>
    /// <value>Default 15 s; whole seconds, up to 32,767.</value>
    public TimeSpan KeepAliveInterval { get; init => field = Seconds(value, nameof(KeepAliveInterval)); } = TimeSpan.FromSeconds(15);

    /// <summary>TLS for <c>wss</c>: the platform's own options. The target host is filled in when it is missing.</summary>
    /// <value>Default <see langword="null"/>: the system's protocols, and certificates validated by the system's rules.</value>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Names and passwords for Digest and Basic; the scheme is asked for by its name. Those in the user information of the URL go before them.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public ICredentials? Credentials { get; init; }

    /// <summary>Gets a token for Bearer, before the first request and once more when it was refused: then with the refused one.</summary>
    /// <value>Default <see langword="null"/>: no Bearer.</value>
    public Func<string?, CancellationToken, ValueTask<string?>>? BearerToken { get; init; }

    /// <summary>Whether name and password go with the first request, unasked and readable (RFC 7617 §2.2): for <c>wss</c>, and servers that are known to want Basic.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool PreemptiveBasic { get; init; }

    /// <summary>What is remembered of challenges, so that a reconnect with Digest needs no second round. Copies of these options share it.</summary>
    /// <value>Default one of its own.</value>
    public AuthenticationSession AuthenticationSession
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = new();

    internal static ClientOptions Default { get; } = new();

    internal TcpKeepAlive? ToKeepAlive() => KeepAlive ? new TcpKeepAlive((int)KeepAliveTime.TotalSeconds, (int)KeepAliveInterval.TotalSeconds) : null;

    internal ClientHandshakeOptions ToHandshakeOptions(HttpHeaders? headers) => new()
    {
        Subprotocols = Subprotocols,
        Extensions = Extensions,
        Origin = Origin,
        Headers = headers,
        MaxHeadSize = MaxHeadSize,
        MaxHeaderCount = MaxHeaderCount,
    };

    // Linux takes no more than this for either.
    private static TimeSpan Seconds(TimeSpan value, string property) => value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromSeconds(short.MaxValue)
        ? value
        : throw new ArgumentOutOfRangeException(property, value, "The time is at least 1 and at most 32,767 s.");
}
