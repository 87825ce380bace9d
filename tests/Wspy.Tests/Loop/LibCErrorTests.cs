using System.Net.Sockets;
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
}
