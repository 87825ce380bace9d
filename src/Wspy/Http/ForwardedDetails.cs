using System.Net;

namespace Wspy;

/// <summary>What trusted proxies tell of a request: for whom they ask, and what that client has asked for.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public sealed record ForwardedDetails
{
    /// <summary>The client's address, with port 0 where none was told; <see langword="null"/> where the proxies do not know or do not say.</summary>
    public IPEndPoint? For { get; init; }

    /// <summary>The scheme of the client's URL, such as <c>https</c>; <see langword="null"/> where nothing was told.</summary>
    public string? Scheme { get; init; }

    /// <summary>The host of the client's URL; <see langword="null"/> where nothing was told.</summary>
    public string? Host { get; init; }
}
