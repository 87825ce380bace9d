using System.Net.Sockets;

namespace Wspy;

/// <summary>When the system asks a silent peer whether it is still there (SO_KEEPALIVE).</summary>
/// <param name="Time">Seconds of silence before the first question.</param>
/// <param name="Interval">Seconds between the following ones.</param>
internal readonly record struct TcpKeepAlive(int Time, int Interval)
{
    public void Apply(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Time);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Interval);
    }
}
