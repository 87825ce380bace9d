using System.Net.Sockets;
using System.Runtime.InteropServices;
using Wspy.Loop;

namespace Wspy.Tests.LoopTests;

/// <summary>What becomes of error numbers.</summary>
public class LibCErrorTests
{
    [Theory]
    [InlineData(LibC.EAGAIN, SocketError.WouldBlock)]
    [InlineData(LibC.EINTR, SocketError.WouldBlock)]
    [InlineData(LibC.ENOBUFS, SocketError.WouldBlock)]
    [InlineData(LibC.ENOMEM, SocketError.WouldBlock)]
    [InlineData(LibC.ECONNRESET, SocketError.ConnectionReset)]
    [InlineData(LibC.EPIPE, SocketError.Shutdown)]
    public void A_transfer_that_failed_is_tried_again_unless_the_peer_is_gone(int error, SocketError expected) => Assert.Equal(expected, LibCError.OfTransfer(error));

    [Theory]
    [InlineData(LibC.EMFILE, SocketError.TooManyOpenSockets)]
    [InlineData(LibC.ENFILE, SocketError.TooManyOpenSockets)]
    [InlineData(LibC.ENOBUFS, SocketError.NoBufferSpaceAvailable)]
    [InlineData(LibC.ENOMEM, SocketError.NoBufferSpaceAvailable)]
    [InlineData(LibC.EAGAIN, SocketError.WouldBlock)]
    public void An_accept_that_failed_tells_what_has_run_out(int error, SocketError expected) => Assert.Equal(expected, LibCError.ToSocketError(error));

    [Theory]
    [InlineData(LibC.EPERM)]
    [InlineData(LibC.ENOENT)]
    [InlineData(LibC.EACCES)]
    [InlineData(LibC.EADDRNOTAVAIL)]
    [InlineData(110)]
    [InlineData(111)]
    public void A_connect_that_failed_has_the_code_that_the_platform_gives_it(int error)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "These are Linux's numbers.");

        // The platform makes its own code of the number that was saved last.
        Marshal.SetLastPInvokeError(error);
        Assert.Equal(new SocketException().SocketErrorCode, LibCError.ToSocketError(error));
    }
}
