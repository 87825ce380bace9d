using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Wspy;

/// <summary>What a <see cref="ConnectionLoop"/> is made with.</summary>
/// <remarks>Immutable and safe from any thread; one instance can serve any number of loops.</remarks>
public sealed record ConnectionLoopOptions
{
    /// <summary>How the loop learns which connections are ready.</summary>
    /// <value>Default <see cref="PollerKind.Auto"/>.</value>
    public PollerKind Poller { get; init; }

    /// <summary>The clock of all time-outs of the loop's connections, in the place of <see cref="WebSocketOptions.TimeProvider"/>.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = TimeProvider.System;

    /// <summary>How long a handler may hold up the loop before the log says so.</summary>
    /// <value>Default 100 ms; <see cref="Timeout.InfiniteTimeSpan"/> for never.</value>
    public TimeSpan BlockedLoopThreshold { get; init => field = WebSocketOptions.Time(value, nameof(BlockedLoopThreshold)); } = TimeSpan.FromMilliseconds(100);

    /// <summary>Where the loop logs handlers that fail or block. Payloads are never logged.</summary>
    /// <value>Default none.</value>
    public ILoggerFactory LoggerFactory
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = NullLoggerFactory.Instance;
}
