using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Wspy.Handshake;

namespace Wspy;

/// <summary>How a server listens and what it accepts.</summary>
/// <remarks>Immutable and safe from any thread; one instance can serve any number of servers and connections.</remarks>
public sealed record ServerOptions : WebSocketOptions
{
    /// <summary>The address to listen on.</summary>
    /// <value>Default <see cref="IPAddress.Loopback"/>: reachable from this machine only. <see cref="IPAddress.Any"/> or <see cref="IPAddress.IPv6Any"/> (both families) opens it to the network.</value>
    public IPAddress Address
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = IPAddress.Loopback;

    /// <summary>The port to listen on; 0 lets the system choose.</summary>
    /// <value>Default 8000.</value>
    public int Port
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(Port));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, IPEndPoint.MaxPort, nameof(Port));
            field = value;
        }
    } = 8000;

    /// <summary>Where to listen, in the place of <see cref="Address"/> and <see cref="Port"/>: several addresses, Unix-domain sockets, sockets that listen already.</summary>
    /// <value>Default <see langword="null"/>: <see cref="Address"/> and <see cref="Port"/>. Empty: nowhere; connections are given to <see cref="WebSocketServer.Serve"/>.</value>
    public IReadOnlyList<ListenAddress>? ListenOn { get; init; }

    /// <summary>How many connections may wait to be accepted; the system may allow less.</summary>
    /// <value>Default 512.</value>
    public int Backlog { get; init => field = (int)AtLeast(value, 1, nameof(Backlog)); } = 512;

    /// <summary>How many clients may be connected at once; further ones are answered with 503. Plain HTTP requests do not count.</summary>
    /// <value>Default 10,000. Each client of <see cref="Server"/> has a thread, one of <see cref="AsyncServer"/> less than a kilobyte.</value>
    public int MaxConnections { get; init => field = (int)AtLeast(value, 1, nameof(MaxConnections)); } = 10_000;

    /// <summary>How many connections one address may have at once, those in their opening handshakes included; further ones are ended at once. Of <see cref="AsyncServer"/>.</summary>
    /// <value>Default <see cref="int.MaxValue"/>: as many as <see cref="MaxConnections"/>, since all users of a proxy or a university share one address.</value>
    public int MaxConnectionsPerAddress { get; init => field = (int)AtLeast(value, 1, nameof(MaxConnectionsPerAddress)); } = int.MaxValue;

    /// <summary>How many connections are accepted per second at most; the others wait in the system's backlog. Of <see cref="AsyncServer"/>.</summary>
    /// <value>Default <see cref="int.MaxValue"/>: as fast as they come.</value>
    public int MaxAcceptRate { get; init => field = (int)AtLeast(value, 1, nameof(MaxAcceptRate)); } = int.MaxValue;

    /// <summary>The number of event loops of an <see cref="AsyncServer"/>, each a thread.</summary>
    /// <value>Default 0: one per processor.</value>
    public int Loops { get; init => field = (int)AtLeast(value, 0, nameof(Loops)); }

    /// <summary>How the event loops of an <see cref="AsyncServer"/> learn which connections are ready.</summary>
    /// <value>Default <see cref="PollerKind.Auto"/>.</value>
    public PollerKind Poller { get; init; }

    /// <summary>How long a handler may hold up its event loop before the log says so.</summary>
    /// <value>Default 100 ms; <see cref="Timeout.InfiniteTimeSpan"/> for never.</value>
    public TimeSpan BlockedLoopThreshold { get; init => field = Time(value, nameof(BlockedLoopThreshold)); } = TimeSpan.FromMilliseconds(100);

    /// <summary>The origins whose pages may connect (RFC 6455 §10.2); see <see cref="ServerHandshakeOptions.AllowedOrigins"/>.</summary>
    /// <value>Default <see langword="null"/>: pages of the same host, and clients that are no browsers. <c>["*"]</c> for any.</value>
    public IReadOnlyList<string>? AllowedOrigins { get; init; }

    /// <summary>Whether a request without <c>Origin</c> is refused.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool RequireOrigin { get; init; }

    /// <summary>The paths or URLs that are served, such as <c>/chat</c>; others get 404. See <see cref="ServerHandshakeOptions.AllowedLocations"/>.</summary>
    /// <value>Default <see langword="null"/>: all.</value>
    public IReadOnlyList<string>? AllowedLocations { get; init; }

    /// <summary>Chooses the subprotocol in the place of <see cref="WebSocketOptions.Subprotocols"/>; see <see cref="ServerHandshakeOptions.SubprotocolSelector"/>.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public Func<HttpRequestHead, IReadOnlyList<string>, string?>? SubprotocolSelector { get; init; }

    /// <summary>Answers a plain HTTP request; <see langword="null"/> as its result means 426. Runs where the handshake runs and must not block for long.</summary>
    /// <value>Default <see langword="null"/>: 426 for all.</value>
    public Func<HttpRequestHead, HttpResponse?>? OnRequest { get; init; }

    /// <summary>As <see cref="OnRequest"/>, in the place of it, for an answer that takes time: only this connection waits, for as long as <see cref="WebSocketOptions.HandshakeTimeout"/>; then it gets 503.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public Func<HttpRequestHead, ValueTask<HttpResponse?>>? OnRequestAsync { get; init; }

    /// <summary>
    /// Judges a valid request for an upgrade: a response refuses it, <see langword="null"/> accepts it, and <see cref="UpgradeAnswer.Accept"/> chooses. Runs
    /// where the handshake runs and must not block for long.
    /// </summary>
    /// <value>Default <see langword="null"/>: all are accepted.</value>
    public Func<HttpRequestHead, UpgradeAnswer>? OnUpgrade { get; init; }

    /// <summary>As <see cref="OnUpgrade"/>, in the place of it, for a judgement that takes time: only this connection waits, for as long as <see cref="WebSocketOptions.HandshakeTimeout"/>; then it gets 503.</summary>
    /// <value>Default <see langword="null"/>.</value>
    public Func<HttpRequestHead, ValueTask<UpgradeAnswer>>? OnUpgradeAsync { get; init; }

    /// <summary>How clients prove who they are, before <see cref="OnUpgrade"/> or <see cref="OnUpgradeAsync"/> judges them. See <see cref="HttpRequestHead.User"/> for who they are.</summary>
    /// <value>Default <see langword="null"/>: nobody is asked.</value>
    public ServerAuthentication? Authentication { get; init; }

    /// <summary>The proxies in front of the server that are believed when they tell for whom they ask.</summary>
    /// <value>Default <see langword="null"/>: none; a client is who has connected.</value>
    public TrustedProxies? TrustedProxies { get; init; }

    /// <summary>TLS: the platform's own options, with the server's certificate.</summary>
    /// <value>Default <see langword="null"/>: no TLS.</value>
    public SslServerAuthenticationOptions? Tls { get; init; }

    /// <summary>
    /// Chooses the TLS options for each client by its hello, in the place of <see cref="Tls"/>: the certificate by the host that it asks for, or one that was
    /// renewed meanwhile. See <see cref="ServerCertificates"/> for one that does both from files. May wait; does not run on an event loop.
    /// </summary>
    /// <value>Default <see langword="null"/>: <see cref="Tls"/> for all.</value>
    public ServerOptionsSelectionCallback? TlsSelection { get; init; }

    /// <summary>How many TLS handshakes may compute at once; those that wait for their clients do not count. Of <see cref="Server"/> and <see cref="AsyncServer"/>.</summary>
    /// <value>Default 0: half of the processors, so that handshakes never have all of them.</value>
    public int MaxTlsHandshakes { get; init => field = (int)AtLeast(value, 0, nameof(MaxTlsHandshakes)); }

    /// <summary>How long stopping waits for the clients to answer the Close frame.</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan StopTimeout { get; init => field = Time(value, nameof(StopTimeout)); } = TimeSpan.FromSeconds(10);

    /// <summary>Where the server logs: start and stop at Information, connections and messages at Debug. Payloads are never logged.</summary>
    /// <value>Default none.</value>
    public ILoggerFactory LoggerFactory
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = NullLoggerFactory.Instance;

    internal static ServerOptions Default { get; } = new();

    internal IReadOnlyList<ListenAddress> ListenAddresses => ListenOn ?? [ListenAddress.Tcp(Address, Port)];

    internal bool IsSecure => Tls is not null || TlsSelection is not null;

    internal int TlsConcurrency => MaxTlsHandshakes == 0 ? Math.Max(Environment.ProcessorCount / 2, 1) : MaxTlsHandshakes;

    internal ServerHandshakeOptions ToHandshakeOptions() => new()
    {
        Subprotocols = Subprotocols,
        Extensions = Extensions,
        SubprotocolSelector = SubprotocolSelector,
        AllowedOrigins = AllowedOrigins,
        RequireOrigin = RequireOrigin,
        AllowedLocations = AllowedLocations,
        MaxHeadSize = MaxHeadSize,
        MaxHeaderCount = MaxHeaderCount,
    };
}
