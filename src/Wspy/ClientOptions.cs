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

    /// <summary>Headers for the request, such as <c>Authorization</c> or <c>Cookie</c>. Those of the handshake itself are refused, but for <c>Host</c>.</summary>
    /// <value>Default none.</value>
    public HttpHeaders? Headers { get; init; }

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

    internal ClientHandshakeOptions ToHandshakeOptions(string? authorization = null) => new()
    {
        Subprotocols = Subprotocols,
        Extensions = Extensions,
        Origin = Origin,
        Headers = authorization is null ? Headers : WithAuthorization(authorization),
        MaxHeadSize = MaxHeadSize,
        MaxHeaderCount = MaxHeaderCount,
    };

    private HttpHeaders WithAuthorization(string authorization)
    {
        var headers = new HttpHeaders();
        foreach (KeyValuePair<string, string> header in Headers ?? [])
        {
            headers.Add(header.Key, header.Value);
        }

        headers.Set("Authorization", authorization);
        return headers;
    }

    // Linux takes no more than this for either.
    private static TimeSpan Seconds(TimeSpan value, string property) => value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromSeconds(short.MaxValue)
        ? value
        : throw new ArgumentOutOfRangeException(property, value, "The time is at least 1 and at most 32,767 s.");
}
