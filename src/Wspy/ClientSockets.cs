using System.Net;
using System.Net.Sockets;

namespace Wspy;

/// <summary>The sockets that clients connect.</summary>
internal static class ClientSockets
{
    /// <summary>When a Unix-domain socket whose queue is full is asked again: nothing tells of room there.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromMilliseconds(10);

    /// <exception cref="SocketException">The system has none of that family, or none left.</exception>
    public static Socket Create(EndPoint endPoint, TcpKeepAlive? keepAlive)
    {
        if (endPoint is UnixDomainSocketEndPoint)
        {
            return new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        }

        // Frames are written whole; waiting for more to fill a segment only adds the delay of the peer's ACK.
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            keepAlive?.Apply(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects one socket to one address.</summary>
    /// <exception cref="SocketException">There is no way to it.</exception>
    public static async Task<Socket> ConnectAsync(EndPoint endPoint, TcpKeepAlive? keepAlive, TimeProvider clock, CancellationToken cancellationToken)
    {
        Socket socket = Create(endPoint, keepAlive);
        try
        {
            while (true)
            {
                try
                {
                    await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
                    return socket;
                }
                catch (SocketException exception) when (IsFull(endPoint, exception))
                {
                    await Task.Delay(Again, clock, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether an error says that a Unix-domain socket exists and has no room in its queue.</summary>
    public static bool IsFull(EndPoint endPoint, SocketException exception) => endPoint is UnixDomainSocketEndPoint && exception.SocketErrorCode == SocketError.WouldBlock;
}
