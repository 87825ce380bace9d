namespace Wspy;

/// <summary>How an event loop learns which of its connections are ready.</summary>
public enum PollerKind
{
    /// <summary>The best that the system has: epoll on Linux, else the platform's sockets.</summary>
    Auto,

    /// <summary>Linux's epoll; a <see cref="PlatformNotSupportedException"/> elsewhere.</summary>
    Epoll,

    /// <summary>The platform's sockets, on any system.</summary>
    Portable,
}
