using System.Net.Sockets;

namespace Wspy.Loop;

/// <summary>What the C library's error numbers mean in the platform's words.</summary>
internal static class LibCError
{
    /// <summary>That of a receive or a send. The kernel's memory comes back: that is to be waited for like anything else, and no end of a connection.</summary>
    public static SocketError OfTransfer(int error) => error is LibC.ENOBUFS or LibC.ENOMEM ? SocketError.WouldBlock : ToSocketError(error);

    public static SocketError ToSocketError(int error) => error switch
    {
        0 => SocketError.Success,
        LibC.EAGAIN or LibC.EINTR => SocketError.WouldBlock,
        LibC.EINPROGRESS => SocketError.InProgress,
        LibC.ECONNRESET => SocketError.ConnectionReset,
        LibC.ECONNABORTED => SocketError.ConnectionAborted,
        LibC.EPIPE => SocketError.Shutdown,
        LibC.EMFILE or LibC.ENFILE => SocketError.TooManyOpenSockets,
        LibC.ENOBUFS or LibC.ENOMEM => SocketError.NoBufferSpaceAvailable,
        LibC.EPERM or LibC.EACCES => SocketError.AccessDenied,

        // A path where no socket is has the same code as an address of another machine, as in the platform.
        LibC.ENOENT or LibC.EADDRNOTAVAIL => SocketError.AddressNotAvailable,
        101 => SocketError.NetworkUnreachable,
        110 => SocketError.TimedOut,
        111 => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    };
}
