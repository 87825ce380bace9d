using System.Net;
using System.Net.Sockets;

namespace Wspy.Loop;

/// <summary>A connected socket on a loop: calls that never block.</summary>
/// <remarks>Used by its loop's thread only.</remarks>
internal abstract class LoopSocket : IPeer
{
    /// <summary>Why the last call returned -1; <see cref="SocketError.WouldBlock"/> when there was nothing, or no room.</summary>
    public SocketError Error { get; protected set; }

    /// <summary>Who the peer is: as the system says, or a trusted proxy.</summary>
    public abstract IPEndPoint? RemoteEndPoint { get; set; }

    /// <summary>The system's number for it; -1 when it has none.</summary>
    public virtual long Descriptor => -1;

    EndPoint? IPeer.RemoteEndPoint
    {
        get => RemoteEndPoint;
        set => RemoteEndPoint = value as IPEndPoint;
    }

    /// <summary>Whether a read of less than it had room for means that nothing more is there.</summary>
    public virtual bool IsDrainedByShortRead => true;

    /// <summary>Whether bytes were taken from the system that a receive would bring: no event tells of them.</summary>
    public virtual bool HasBufferedInput => false;

    /// <summary>The least room that a receive must be given, in bytes.</summary>
    public virtual int MinimumReceive => 1;

    /// <summary>Bytes that <see cref="Send(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/> took and the system has not.</summary>
    public virtual int Unsent => 0;

    /// <returns>The number of bytes received, 0 at the end of the stream, -1 with <see cref="Error"/>.</returns>
    public abstract int Receive(Memory<byte> buffer);

    /// <returns>The number of bytes taken, or -1 with <see cref="Error"/>.</returns>
    public abstract int Send(ReadOnlySpan<byte> bytes);

    /// <summary>Sends from two places in one call.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte})"/>
    public abstract int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second);

    /// <summary>Tries again to send what is <see cref="Unsent"/>; false with <see cref="Error"/> when the connection is lost.</summary>
    public virtual bool Flush() => true;

    /// <summary>Changes what is watched for.</summary>
    public abstract void Watch(Interest interest);

    /// <summary>The outcome of connecting, once the socket is writable.</summary>
    public abstract SocketError CompleteConnect();

    /// <summary>Tells the peer that nothing more comes.</summary>
    public abstract void ShutdownSend();

    /// <summary>Gives the socket up.</summary>
    /// <param name="resets">Whether the peer is to learn that the connection was broken off.</param>
    public abstract void Close(bool resets);
}
