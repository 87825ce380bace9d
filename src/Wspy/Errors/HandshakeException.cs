using Wspy.Handshake;

namespace Wspy;

/// <summary>The opening handshake failed: no WebSocket connection came to be.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public class HandshakeException : WspyException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="reason">What went wrong.</param>
    /// <param name="message">A sentence for people.</param>
    /// <param name="innerException">The cause.</param>
    public HandshakeException(HandshakeViolation reason, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Reason = reason;
    }

    /// <summary>What went wrong.</summary>
    public HandshakeViolation Reason { get; }

    /// <summary>On a client the status of the server's answer; on a server the status with which the request was answered; 0 when there was none.</summary>
    public int StatusCode { get; init; }

    /// <summary>On a client, the head of the server's answer.</summary>
    public HttpResponseHead? Response { get; init; }

    /// <summary>On a client, the body of the server's answer, up to 64 KiB of it.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>On a client that followed redirects, the URLs that it asked, in their order and without user information: the last one gave this answer.</summary>
    public IReadOnlyList<Uri> Redirects { get; init; } = [];

    /// <summary>On a server, the head of the request, when it was complete.</summary>
    public HttpRequestHead? Request { get; init; }
}
