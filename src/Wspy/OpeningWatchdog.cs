using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>Ends a transport whose opening handshake takes too long or is cancelled, whatever it waits for at that time.</summary>
internal sealed class OpeningWatchdog : IDisposable
{
    private readonly WebSocketOptions _options;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _cancellation;
    private bool _timedOut;

    public OpeningWatchdog(Transport transport, WebSocketOptions options, CancellationToken cancellationToken = default)
    {
        _options = options;
        _timer = options.TimeProvider.CreateTimer(
            _ =>
            {
                _timedOut = true;
                transport.Abort();
            },
            null,
            options.HandshakeTimeout,
            Timeout.InfiniteTimeSpan);
        _cancellation = cancellationToken.UnsafeRegister(static state => ((Transport)state!).Abort(), transport);
    }

    /// <summary>Lets the transport live.</summary>
    /// <exception cref="IOException">Too late.</exception>
    public void Stop()
    {
        _cancellation.Dispose();
        _timer.Dispose();
        if (_timedOut || _cancellation.Token.IsCancellationRequested)
        {
            throw new IOException("The opening handshake was ended from this side.");
        }
    }

    public HandshakeException Explain(Exception cause, HttpRequestHead? request = null) => _timedOut
        ? new HandshakeException(
            HandshakeViolation.TimedOut,
            $"The opening handshake did not complete within {_options.HandshakeTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.HandshakeTimeout)}).",
            cause) { Request = request }
        : new HandshakeException(HandshakeViolation.ConnectionLost, $"The connection ended during the opening handshake: {cause.Message}", cause) { Request = request };

    public void Dispose()
    {
        _cancellation.Dispose();
        _timer.Dispose();
    }
}
