using System.Net;
using System.Net.Sockets;

namespace Wspy.Interop.Tests.Harness;

/// <summary>A port for a program that cannot choose one itself. Where a listener can be given port 0, do that instead.</summary>
internal static class FreePort
{
    public static int Next()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
