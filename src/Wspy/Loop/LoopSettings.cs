namespace Wspy.Loop;

/// <summary>What a loop is made with.</summary>
internal sealed class LoopSettings
{
    public PollerKind Poller { get; init => field = Resolve(value, OperatingSystem.IsLinux()); } = Resolve(PollerKind.Auto, OperatingSystem.IsLinux());

    /// <summary>Makes each loop's poller, if it is to be another one.</summary>
    public Func<Poller>? PollerFactory { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How long the handlers of one connection may hold up the loop before that is reported; <see cref="Timeout.InfiniteTimeSpan"/>, which is negative, for never.</summary>
    public TimeSpan BlockedThreshold { get; init => field = value == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : value; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Told of it, on the loop's thread.</summary>
    public Action<LoopConnection, TimeSpan>? OnBlocked { get; init; }

    /// <summary>Half the processors for the arithmetic of TLS handshakes, so that it never has all of them, unless it is said otherwise.</summary>
    public TlsHandshakes TlsHandshakes { get; init; } = new(Math.Max(Environment.ProcessorCount / 2, 1));

    public Poller CreatePoller() => PollerFactory is { } create ? create() : Poller == PollerKind.Epoll ? new EpollPoller() : new PortablePoller();

    /// <summary>Which of the two is meant.</summary>
    /// <exception cref="PlatformNotSupportedException">It is epoll, and the system has none.</exception>
    public static PollerKind Resolve(PollerKind kind, bool hasEpoll) => kind switch
    {
        PollerKind.Portable => kind,
        PollerKind.Epoll when !hasEpoll => throw new PlatformNotSupportedException(
            $"{nameof(PollerKind)}.{nameof(PollerKind.Epoll)} needs Linux; {nameof(PollerKind)}.{nameof(PollerKind.Auto)} takes the best that this system has."),
        _ => hasEpoll ? PollerKind.Epoll : PollerKind.Portable,
    };
}
