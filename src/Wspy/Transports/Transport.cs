using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Wspy.Transports;

/// <summary>A byte stream in both directions with a blocking and an asynchronous face.</summary>
/// <remarks>
/// One reader and one writer at a time; <see cref="Abort"/> and <see cref="IDisposable.Dispose"/> from any thread, which end
/// what is under way with an exception. No face wraps the other: blocking calls block in the kernel.
/// </remarks>
internal abstract class Transport : IDisposable, IPeer
{
    /// <summary>The most that is sent at once, so that a time-out is about a peer that takes nothing, and not about one that takes its time.</summary>
    public const int MaxPiece = 256 * 1024;

    public virtual EndPoint? LocalEndPoint => null;

    /// <summary>Who the peer is: the socket's, unless a trusted proxy says otherwise.</summary>
    public EndPoint? RemoteEndPoint { get; set; }

    /// <summary>Whether a trusted proxy asks for somebody whom it does not name: <see cref="RemoteEndPoint"/> is the proxy, and what is sent is not its word.</summary>
    public bool HidesPeer { get; set; }

    /// <summary>What the TLS handshake of a server has agreed on.</summary>
    public TlsDetails? Tls { get; set; }

    /// <summary>Receives what is there, at least one byte; 0 at the end of the stream.</summary>
    /// <exception cref="TimeoutException">Nothing came in time; the stream is unharmed.</exception>
    public abstract int Receive(Span<byte> buffer, TimeSpan timeout);

    /// <summary>Receives what is there, at least one byte; 0 at the end of the stream. Never cancelled: whoever loses interest leaves it pending.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Whether <see cref="Send"/> takes a few bytes without waiting for the peer; null when the transport cannot tell. From any thread.</summary>
    public virtual bool? HasRoom => null;

    /// <summary>Sends everything, within the transport's send time-out.</summary>
    public abstract void Send(ReadOnlySpan<byte> bytes);

    /// <summary>Sends everything.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the sending direction, so that the peer reads an end of stream after what was sent. Never beside a send.</summary>
    /// <returns><see langword="false"/> when the stream knows no such thing: only disposing it tells the peer.</returns>
    public abstract bool ShutdownSend();

    /// <inheritdoc cref="ShutdownSend"/>
    public virtual ValueTask<bool> ShutdownSendAsync() => new(ShutdownSend());

    /// <summary>Ends both directions at once, without care for what is under way. Throws nothing, like disposing, and does nothing afterwards.</summary>
    public abstract void Abort();

    public abstract void Dispose();

    /// <summary>Whether a socket takes a few bytes without waiting. It does as well when it is broken or closed: sending tells.</summary>
    protected static bool HasRoomIn(Socket socket)
    {
        try
        {
            return socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>The address of a socket's peer; null for one without a name, as clients of Unix-domain sockets are.</summary>
    public static EndPoint? PeerOf(Socket socket) => socket.RemoteEndPoint is { } peer && (peer is not UnixDomainSocketEndPoint || peer.ToString()!.Length > 0) ? peer : null;

    /// <summary>Whether an exception says that the stream broke or was closed, rather than that somebody made a mistake.</summary>
    public static bool IsConnectionLoss(Exception exception) =>
        exception is IOException or SocketException or ObjectDisposedException or AuthenticationException
            or OperationCanceledException;

    /// <summary>Whether an exception says that a time-out of the platform passed.</summary>
    public static bool IsTimeout(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is TimeoutException or SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an exception says that the peer does not take bytes any more. Those that it sent before may still be read.</summary>
    public static bool IsPeerGone(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown })
            {
                return true;
            }
        }

        return false;
    }
}
