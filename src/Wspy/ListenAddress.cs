using System.Net;
using System.Net.Sockets;
using Wspy.Transports;

namespace Wspy;

/// <summary>One of the places where a server listens: an address and port, a Unix-domain socket, or a socket that listens already.</summary>
/// <remarks>Immutable and safe from any thread. One that holds a <see cref="Socket"/> or an inherited one serves one server.</remarks>
public abstract class ListenAddress
{
    private protected ListenAddress()
    {
    }

    /// <summary>An address of this machine, over TCP.</summary>
    /// <param name="address">Such as <see cref="IPAddress.Loopback"/> or <see cref="IPAddress.Any"/>; <see cref="IPAddress.IPv6Any"/> takes both families.</param>
    /// <param name="port">The port; 0 lets the system choose.</param>
    public static ListenAddress Tcp(IPAddress address, int port) => new TcpAddress(new IPEndPoint(address, port));

    /// <summary>A Unix-domain socket in the file system, which is deleted when the server stops.</summary>
    /// <param name="path">Where. A socket that a server which ended in a hurry has left there is replaced; any other file is an error.</param>
    /// <param name="mode">Who may connect: whoever may write to the file, and pass through the folders above it. <see langword="null"/> leaves it to the umask.</param>
    /// <exception cref="ArgumentOutOfRangeException">The path is longer than the system allows, 107 bytes on Linux.</exception>
    public static ListenAddress Unix(string path, UnixFileMode? mode = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new UnixAddress(new UnixDomainSocketEndPoint(Path.GetFullPath(path)), Path.GetFullPath(path), mode);
    }

    /// <summary>A Unix-domain socket with a name of Linux's abstract namespace: no file, nothing to delete, and whoever shares the network namespace may connect.</summary>
    /// <param name="name">The name, without the NUL that marks it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The name is longer than 107 bytes.</exception>
    public static ListenAddress Abstract(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new UnixAddress(new UnixDomainSocketEndPoint("\0" + name), null, null);
    }

    /// <summary>A socket that listens already, with which the process was started (systemd's socket activation: <c>LISTEN_PID</c>, <c>LISTEN_FDS</c>).</summary>
    /// <param name="index">Which of them, from 0.</param>
    public static ListenAddress Inherited(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new InheritedAddress(index, null);
    }

    /// <summary>A socket that listens already, by the name that its unit gives it (<c>FileDescriptorName=</c>, <c>LISTEN_FDNAMES</c>).</summary>
    /// <param name="name">The name.</param>
    public static ListenAddress Inherited(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new InheritedAddress(0, name);
    }

    /// <summary>A socket of the application's.</summary>
    /// <param name="socket">Bound and listening, a stream socket of any family. Owned by the server that is started with it.</param>
    public static ListenAddress Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return new GivenAddress(socket);
    }

    /// <summary>Binds and listens.</summary>
    /// <exception cref="SocketException">The address cannot be listened on: it is in use, or not of this machine. The message names it.</exception>
    internal Socket Listen(int backlog)
    {
        try
        {
            return Open(backlog);
        }
        catch (SocketException exception)
        {
            throw new SocketException((int)exception.SocketErrorCode, $"Cannot listen on {this}: {Explain(exception)}.");
        }
    }

    private protected abstract Socket Open(int backlog);

    private protected virtual string Explain(SocketException exception) => exception.Message;

    private sealed class TcpAddress(IPEndPoint endPoint) : ListenAddress
    {
        public override string ToString() => endPoint.ToString();

        private protected override Socket Open(int backlog)
        {
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (endPoint.Address.Equals(IPAddress.IPv6Any))
                {
                    socket.DualMode = true;
                }

                socket.Bind(endPoint);
                socket.Listen(backlog);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private sealed class UnixAddress(UnixDomainSocketEndPoint endPoint, string? path, UnixFileMode? mode) : ListenAddress
    {
        public override string ToString() => $"unix:{path ?? endPoint.ToString()}";

        private protected override Socket Open(int backlog) => UnixListening.Listen(endPoint, path, mode, backlog);

        // The platform has one code for a folder that is not there and for an address of another machine.
        private protected override string Explain(SocketException exception) =>
            exception.SocketErrorCode == SocketError.AddressNotAvailable && path is not null && !Directory.Exists(Path.GetDirectoryName(path))
                ? "There is no such folder"
                : exception.Message;
    }

    private sealed class InheritedAddress(int index, string? name) : ListenAddress
    {
        public override string ToString() => name is null ? $"inherited socket {index}" : $"inherited socket {name}";

        private protected override Socket Open(int backlog) => InheritedSockets.Take(index, name);
    }

    private sealed class GivenAddress(Socket socket) : ListenAddress
    {
        public override string ToString() => $"{socket.LocalEndPoint}";

        private protected override Socket Open(int backlog)
        {
            InheritedSockets.RequireListening(socket, "The socket");
            return socket;
        }
    }
}
