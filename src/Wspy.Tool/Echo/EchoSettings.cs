using System.Net;
using Wspy.Tool.Tls;

namespace Wspy.Tool.Echo;

/// <summary>What the command line asked for.</summary>
internal sealed record EchoSettings
{
    /// <value>The addresses of this machine to listen on, all at the same port.</value>
    public IPAddress[] Hosts { get; init; } = [];

    public int Port { get; init; }

    /// <value>Paths of Unix-domain sockets, and names of abstract ones behind an @.</value>
    public string[] UnixSockets { get; init; } = [];

    /// <value>Whether the process was started with a socket that listens.</value>
    public bool IsInherited { get; init; }

    public IReadOnlyList<ListenAddress> ListenOn =>
    [
        .. Hosts.Select(host => ListenAddress.Tcp(host, Port)),
        .. UnixSockets.Select(ToAddress),
        .. IsInherited ? [ListenAddress.Inherited()] : Array.Empty<ListenAddress>(),
    ];

    /// <value>Bytes; null leaves the library's default.</value>
    public int? MaxMessageSize { get; init; }

    public string[] Subprotocols { get; init; } = [];

    /// <value>null lets in the server's own page, and clients that are no browsers.</value>
    public string[]? AllowedOrigins { get; init; }

    public EchoEngine Engine { get; init; }

    /// <value>0 for one per processor.</value>
    public int Loops { get; init; }

    public PollerKind Poller { get; init; }

    public bool OffersCompression { get; init; } = true;

    public TlsSettings Tls { get; init; } = new();

    public Verbosity Verbosity { get; init; }

    /// <exception cref="ArgumentException">The path is none, or longer than the system allows.</exception>
    public static ListenAddress ToAddress(string unixSocket) =>
        unixSocket.StartsWith('@') ? ListenAddress.Abstract(unixSocket[1..]) : ListenAddress.Unix(unixSocket);
}

/// <summary>What the echo server runs on.</summary>
internal enum EchoEngine
{
    /// <summary>Event loops: <see cref="AsyncServer"/>.</summary>
    Loop,

    /// <summary>A thread per client: <see cref="Server"/>.</summary>
    Threads,
}
