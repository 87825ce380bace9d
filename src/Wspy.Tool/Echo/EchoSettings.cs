using System.Net;

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

    public FileInfo? Certificate { get; init; }

    public string? CertificatePassword { get; init; }

    public Verbosity Verbosity { get; init; }
}
