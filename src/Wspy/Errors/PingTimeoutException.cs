namespace Wspy;

/// <summary>The peer answered no ping and sent nothing else: it is gone, or the way to it is.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public class PingTimeoutException : WspyException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="timeout">How long an answer was waited for.</param>
    public PingTimeoutException(TimeSpan timeout)
        : base($"The peer sent nothing for {timeout.TotalSeconds:0.###} s after a ping ({nameof(WebSocketOptions.PingTimeout)}).")
    {
        Timeout = timeout;
    }

    /// <summary>How long an answer was waited for.</summary>
    public TimeSpan Timeout { get; }
}
