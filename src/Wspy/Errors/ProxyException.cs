using Wspy.Handshake;

namespace Wspy;

/// <summary>There is no way through the proxy, so the opening handshake did not begin.</summary>
/// <remarks>
/// <see cref="HandshakeException.StatusCode"/> and <see cref="HandshakeException.Response"/> are those of an HTTP proxy, when it answered.
/// Immutable and safe from any thread.
/// </remarks>
public class ProxyException : HandshakeException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="proxy">The proxy, without user information.</param>
    /// <param name="failure">What went wrong.</param>
    /// <param name="message">A sentence for people: what the proxy answered, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public ProxyException(Uri proxy, ProxyFailure failure, string message, Exception? innerException = null)
        : base(HandshakeViolation.ProxyFailed, message, innerException)
    {
        Proxy = proxy;
        Failure = failure;
    }

    /// <summary>The proxy, without user information.</summary>
    public Uri Proxy { get; }

    /// <summary>What went wrong.</summary>
    public ProxyFailure Failure { get; }
}
