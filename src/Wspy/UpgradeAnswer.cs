using System.Diagnostics.CodeAnalysis;

namespace Wspy;

/// <summary>What an application says to a request for a WebSocket. The default value accepts it.</summary>
/// <remarks>A response converts to it by itself, and refuses; <see langword="null"/> accepts. Immutable, and safe from any thread, as long as nobody changes what it refers to.</remarks>
[SuppressMessage("Performance", "CA1815", Justification = "An answer is given, and never compared.")]
public readonly struct UpgradeAnswer
{
    private UpgradeAnswer(HttpResponse? response, string? subprotocol, HttpHeaders? headers)
    {
        Response = response;
        Subprotocol = subprotocol;
        Headers = headers;
    }

    /// <summary>What is answered in the place of the upgrade; <see langword="null"/> when the request is accepted.</summary>
    public HttpResponse? Response { get; }

    /// <summary>The subprotocol to agree on; <see langword="null"/> for what the options choose.</summary>
    public string? Subprotocol { get; }

    /// <summary>What the 101 says beside the handshake's own headers, such as cookies.</summary>
    public HttpHeaders? Headers { get; }

    /// <summary>Accepts the request.</summary>
    /// <param name="subprotocol">One of those that the client asks for, or the client gets 500; <see langword="null"/> for what the options choose.</param>
    /// <param name="headers">Headers of the 101, such as cookies; those of the handshake itself are no choice, and end in 500.</param>
    public static UpgradeAnswer Accept(string? subprotocol = null, HttpHeaders? headers = null) => new(null, subprotocol, headers);

    /// <summary>Answers as a plain request is answered: a refusal, a redirect, a page. The connection ends after it.</summary>
    public static UpgradeAnswer Refuse(HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return new UpgradeAnswer(response, null, null);
    }

    /// <summary>Refuses with the response; <see langword="null"/> accepts.</summary>
    [SuppressMessage("Usage", "CA2225", Justification = "Refuse and Accept are the named ways.")]
    public static implicit operator UpgradeAnswer(HttpResponse? response) => new(response, null, null);

    /// <summary>The answer of two that are asked one after the other, both of whom accept; the later one's choice goes first.</summary>
    internal UpgradeAnswer Then(UpgradeAnswer next)
    {
        if (next.Response is not null || Headers is null)
        {
            return new UpgradeAnswer(next.Response, next.Subprotocol ?? Subprotocol, next.Headers);
        }

        HttpHeaders headers = [];
        foreach (KeyValuePair<string, string> header in Headers.Concat(next.Headers ?? []))
        {
            headers.Add(header.Key, header.Value);
        }

        return new UpgradeAnswer(null, next.Subprotocol ?? Subprotocol, headers);
    }
}
