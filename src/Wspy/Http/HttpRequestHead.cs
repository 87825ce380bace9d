using System.Net;
using System.Security.Claims;
using System.Text;

namespace Wspy;

/// <summary>The head of a received request (RFC 9112 §3): request line and headers.</summary>
/// <remarks>
/// The bytes are kept as received, and strings are made of what is asked for, anew each time. Immutable, and safe from any thread.
/// </remarks>
public sealed partial class HttpRequestHead
{
    // A space is between the method and the target. It is kept as long as its client is there, so that every number counts.
    private readonly int _methodStart;
    private readonly int _methodEnd;
    private readonly int _targetEnd;
    private readonly HttpTarget _parts;

    // What is known of who sends it. One reference, null for most: the head is kept as long as its client is there.
    private Known? _known;

    internal HttpRequestHead(Range method, Range target, HttpTarget parts, int version, HttpReceivedHeaders headers)
    {
        _methodStart = method.Start.Value;
        _methodEnd = method.End.Value;
        _targetEnd = target.End.Value;
        _parts = parts;
        Version = version;
        Headers = headers;
    }

    /// <summary>The method, a token in the case in which it was sent: <c>GET</c>.</summary>
    public string Method => MethodBytes.SequenceEqual("GET"u8) ? "GET" : Encoding.ASCII.GetString(MethodBytes);

    /// <summary>The target of the request line as sent: <c>/chat?room=1</c>.</summary>
    public string Target => Encoding.ASCII.GetString(TargetBytes);

    /// <summary>
    /// The path of the target, as sent: not percent-decoded, so that an encoded slash is no separator and two spellings of a
    /// path differ; <see cref="Uri.UnescapeDataString(string)"/> decodes a segment. At least <c>/</c>, but <c>*</c> for <c>OPTIONS *</c>
    /// and empty for CONNECT.
    /// </summary>
    public string Path => PathBytes.SequenceEqual("/"u8) ? "/" : Encoding.ASCII.GetString(PathBytes);

    /// <summary>The query of the target without its question mark, as sent and not decoded; empty if there is none.</summary>
    public string Query => Encoding.ASCII.GetString(_parts.Query(TargetBytes));

    /// <summary>The minor version: 1 for HTTP/1.1. The major one is always 1.</summary>
    public int Version { get; }

    /// <summary>The header fields.</summary>
    public HttpReceivedHeaders Headers { get; }

    /// <summary>Who sends it, as authenticated before anybody else saw it; <see langword="null"/> where nobody is asked.</summary>
    public ClaimsPrincipal? User
    {
        get => _known?.User;
        internal set => _known = value is null && _known is null ? null : (_known ?? new()) with { User = value };
    }

    /// <summary>What trusted proxies tell of the request; <see langword="null"/> where none is trusted, or its header fields are not looked at.</summary>
    public ForwardedDetails? Forwarded
    {
        get => _known?.Forwarded;
        internal set => _known = value is null && _known is null ? null : (_known ?? new()) with { Forwarded = value };
    }

    /// <summary>What the TLS handshake has agreed on, with the client's certificate; <see langword="null"/> where the server itself speaks no TLS, or its stream is the application's.</summary>
    public TlsDetails? Tls
    {
        get => _known?.Tls;
        internal set => _known = value is null && _known is null ? null : (_known ?? new()) with { Tls = value };
    }

    /// <summary>What stands in the path in the places of the parameters of its route; none where the server has no routes.</summary>
    public RouteParameters Parameters
    {
        get => _known?.Parameters ?? RouteParameters.None;
        internal set => _known = value.Count == 0 && _known is null ? null : (_known ?? new()) with { Parameters = value };
    }

    /// <summary>The address of the client, as far as trusted proxies tell; <see langword="null"/> when the transport does not know, and for a head that was parsed without a connection.</summary>
    public EndPoint? RemoteEndPoint => _known?.Forwarded?.For ?? Peer?.RemoteEndPoint;

    internal IPeer? Peer { get; set; }

    /// <summary>
    /// The host and port that the client asked for: those of a target in absolute form, which go before the header
    /// (RFC 9112 §3.2.2), else the Host header's; <see langword="null"/> if there is neither.
    /// </summary>
    public string? Host => Authority is { IsEmpty: false } authority ? Encoding.Latin1.GetString(authority) : null;

    internal ReadOnlySpan<byte> MethodBytes => Headers.Head[_methodStart.._methodEnd];

    internal ReadOnlySpan<byte> TargetBytes => Headers.Head[(_methodEnd + 1).._targetEnd];

    internal ReadOnlySpan<byte> PathBytes =>
        TargetBytes[_parts.Path] is { IsEmpty: false } path ? path : _parts.IsAuthorityForm ? [] : "/"u8;

    /// <summary>The bytes behind <see cref="Host"/>, or none.</summary>
    internal ReadOnlySpan<byte> Authority
    {
        get
        {
            ReadOnlySpan<byte> authority = TargetBytes[_parts.Authority];
            int header = authority.IsEmpty ? Headers.IndexOf("Host"u8, 0) : -1;
            return header < 0 ? authority : Headers.Value(header);
        }
    }

    private sealed record Known(ClaimsPrincipal? User = null, TlsDetails? Tls = null, ForwardedDetails? Forwarded = null, RouteParameters? Parameters = null);
}
