using System.Net;
using System.Net.Sockets;

namespace Wspy.Loop;

/// <summary>Tells a loop which of its sockets can be read or written: epoll on Linux, the platform's sockets elsewhere.</summary>
/// <remarks>Used by its loop's thread only, but for <see cref="Wake"/>.</remarks>
internal abstract class Poller : IDisposable
{
    /// <summary>Watches a listening socket, owned by the caller, for connections to accept.</summary>
    public abstract LoopListener Listen(Socket listener, long token);

    /// <summary>Takes over a connected socket of the application's, owned from now on; on failure it stays the caller's.</summary>
    /// <exception cref="SocketException">It is not connected, or no descriptor is left.</exception>
    public abstract LoopSocket Adopt(Socket socket);

    /// <summary>Begins to connect; the socket is writable when it is connected or has failed.</summary>
    /// <param name="endPoint">Of TCP, or of a Unix-domain socket.</param>
    /// <param name="keepAlive">For TCP; null for none.</param>
    /// <exception cref="SocketException">There is no way to it, as is known at once; <see cref="SocketError.WouldBlock"/> when a Unix-domain socket has no room in its queue.</exception>
    public abstract LoopSocket Connect(EndPoint endPoint, TcpKeepAlive? keepAlive);

    /// <summary>Watches a socket from now on.</summary>
    /// <param name="socket">One that a poller of this kind accepted or connects.</param>
    /// <param name="token">Reported with each event; not negative.</param>
    /// <param name="interest">What to watch for.</param>
    public abstract void Add(LoopSocket socket, long token, Interest interest);

    /// <summary>Waits for events, or <see cref="Wake"/>, or the time to pass.</summary>
    /// <param name="milliseconds">0 to look only, -1 for no limit.</param>
    /// <returns>The number of events, which <see cref="this[int]"/> holds until the next call.</returns>
    public abstract int Wait(int milliseconds);

    public abstract PollEvent this[int index] { get; }

    /// <summary>Ends the wait; from any thread.</summary>
    public abstract void Wake();

    public abstract void Dispose();
}

/// <summary>What a poller reports of one socket.</summary>
/// <param name="Token">That of the socket.</param>
/// <param name="Ready">What it is ready for.</param>
internal readonly record struct PollEvent(long Token, Interest Ready);
