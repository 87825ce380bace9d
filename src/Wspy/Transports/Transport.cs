using System.Net;

namespace Wspy.Transports;

/// <summary>A byte stream in both directions with a blocking and an asynchronous face.</summary>
/// <remarks>
/// One reader and one writer at a time; <see cref="Abort"/> and <see cref="IDisposable.Dispose"/> from any thread, which end
/// what is under way with an exception. No face wraps the other: blocking calls block in the kernel.
/// </remarks>
internal abstract class Transport : IDisposable
{
    public virtual EndPoint? LocalEndPoint => null;

    public virtual EndPoint? RemoteEndPoint => null;

    /// <summary>Receives what is there, at least one byte; 0 at the end of the stream.</summary>
    /// <exception cref="TimeoutException">Nothing came in time; the stream is unharmed.</exception>
    public abstract int Receive(Span<byte> buffer, TimeSpan timeout);

    /// <summary>Receives what is there, at least one byte; 0 at the end of the stream. Never cancelled: whoever loses interest leaves it pending.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Sends everything, within the transport's send time-out.</summary>
    public abstract void Send(ReadOnlySpan<byte> bytes);

    /// <summary>Sends everything.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the sending direction, so that the peer reads an end of stream after what was sent.</summary>
    public abstract void ShutdownSend();

    /// <summary>Ends both directions at once, without care for what is under way.</summary>
    public abstract void Abort();

    public abstract void Dispose();

    /// <summary>Whether an exception says that the stream broke or was closed, rather than that somebody made a mistake.</summary>
    public static bool IsConnectionLoss(Exception exception) =>
        exception is IOException or System.Net.Sockets.SocketException or ObjectDisposedException
            or System.Security.Authentication.AuthenticationException or OperationCanceledException;
}
