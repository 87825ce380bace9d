using System.Net;
using System.Net.Sockets;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Epoll;

/// <summary>A server's address in the form of the system.</summary>
internal sealed class ServerAddress
{
    private ServerAddress(IPEndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        Family = (int)MemoryFamily(address);
        Bytes = address.Buffer[..address.Size].ToArray();
    }

    /// <summary>AF_INET or AF_INET6, as Linux counts.</summary>
    public int Family { get; }

    /// <summary>A <c>sockaddr</c>.</summary>
    public byte[] Bytes { get; }

    /// <summary>Finds the address behind a name; where a name has several, such as localhost, the first that answers.</summary>
    /// <exception cref="LoadException">There is none, or none answers.</exception>
    public static async Task<ServerAddress> FindAsync(Uri server, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(server.DnsSafeHost, out IPAddress? literal))
        {
            return new ServerAddress(new IPEndPoint(literal, server.Port));
        }

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(patience);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await socket.ConnectAsync(server.IdnHost, server.Port, either.Token).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw new LoadException($"{server} cannot be reached: {error.Message}. Is the server running?", error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LoadException($"{server} cannot be reached: no connection within {patience.TotalSeconds:0.###} s.", error);
        }

        var found = (IPEndPoint)socket.RemoteEndPoint!;
        return new ServerAddress(found.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(found.Address.MapToIPv4(), found.Port) : found);
    }

    // The first two bytes of a sockaddr.
    private static ushort MemoryFamily(SocketAddress address) => BitConverter.ToUInt16(address.Buffer.Span);
}
