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

    /// <summary>How long connecting may take, name resolution included. <see cref="WebSocketOptions.HandshakeTimeout"/> comes after it.</summary>
    /// <value>Default 10 s; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan ConnectTimeout { get; init => field = Time(value, nameof(ConnectTimeout)); } = TimeSpan.FromSeconds(10);

    /// <summary>TLS for <c>wss</c>: the platform's own options. The target host is filled in when it is missing.</summary>
    /// <value>Default <see langword="null"/>: the system's protocols, and certificates validated by the system's rules.</value>
    public SslClientAuthenticationOptions? Tls { get; init; }

    internal static ClientOptions Default { get; } = new();

    internal ClientHandshakeOptions ToHandshakeOptions() => new()
    {
        Subprotocols = Subprotocols,
        Extensions = Extensions,
        Origin = Origin,
        Headers = Headers,
        MaxHeadSize = MaxHeadSize,
        MaxHeaderCount = MaxHeaderCount,
    };
}
