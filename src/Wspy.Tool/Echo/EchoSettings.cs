using System.Net;
using Wspy.Tool.Tls;

namespace Wspy.Tool.Echo;

/// <summary>What the command line asked for.</summary>
internal sealed record EchoSettings
{
    public required IPEndPoint EndPoint { get; init; }

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
}

/// <summary>What the echo server runs on.</summary>
internal enum EchoEngine
{
    /// <summary>Event loops: <see cref="AsyncServer"/>.</summary>
    Loop,

    /// <summary>A thread per client: <see cref="Server"/>.</summary>
    Threads,
}
