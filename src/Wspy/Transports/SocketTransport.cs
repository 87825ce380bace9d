using System.Net;
using System.Net.Sockets;

namespace Wspy.Transports;

/// <summary>A connected socket.</summary>
internal sealed class SocketTransport : Transport
{
    /// <summary>The longest that the platform polls at once, well below its 2^31 microseconds.</summary>
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMinutes(30);

    private readonly Socket _socket;

    public SocketTransport(Socket socket, TimeSpan sendTimeout)
    {
        _socket = socket;
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            // Frames are written whole; waiting for more to fill a segment only adds the delay of the peer's ACK.
            socket.NoDelay = true;
        }

        _socket.SendTimeout = Milliseconds(sendTimeout);
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = PeerOf(socket);
    }

    public override EndPoint? LocalEndPoint { get; }

    /// <summary>A time in the form of the platform's time-outs, where 0 or -1 mean none.</summary>
    public static int Milliseconds(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan ? 0 : (int)Math.Clamp(timeout.TotalMilliseconds, 1, int.MaxValue);

    public override int Receive(Span<byte> buffer, TimeSpan timeout)
    {
        // Polling leaves the socket usable after a time-out on every system; a receive time-out does not.
        for (TimeSpan left = timeout; timeout != Timeout.InfiniteTimeSpan; left -= LongestPoll)
        {
            if (_socket.Poll(left < LongestPoll ? left : LongestPoll, SelectMode.SelectRead))
            {
                break;
            }

            if (left <= LongestPoll)
            {
                throw new TimeoutException($"Nothing was received within {timeout.TotalSeconds:0.###} s.");
            }
        }

        return _socket.Receive(buffer);
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _socket.ReceiveAsync(buffer);

    public override bool? HasRoom => HasRoomIn(_socket);

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            // In pieces: a socket that was used asynchronously before holds the time-out against the whole of what it is given.
            bytes = bytes[_socket.Send(bytes.Length > MaxPiece ? bytes[..MaxPiece] : bytes)..];
        }
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellationToken).ConfigureAwait(false)..];
        }
    }

    public override bool ShutdownSend()
    {
        ShutdownSend(_socket);
        return true;
    }

    public override void Abort() => Abort(_socket);

    public override void Dispose() => _socket.Dispose();

    internal static void ShutdownSend(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer or another thread was faster; there is nothing left to shut down.
        }
    }

    internal static void Abort(Socket socket)
    {
        try
        {
            // Reset instead of FIN: the peer learns at once, and no descriptor lingers with unsent data.
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Closed already: disposing is all that is left.
        }

        socket.Dispose();
    }
}
