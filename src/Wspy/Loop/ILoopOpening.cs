using System.Buffers;
using Wspy.Handshake;

namespace Wspy.Loop;

/// <summary>An opening handshake on a loop, of either role.</summary>
internal interface ILoopOpening
{
    /// <summary>Takes bytes that were received.</summary>
    /// <param name="connection">Whose handshake it is.</param>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <param name="output">Where the answer goes.</param>
    LoopOpeningStatus Receive(LoopConnection connection, ref ReadOnlySpan<byte> input, IBufferWriter<byte> output);

    /// <summary>
    /// Whether a tunnel through a proxy is asked for first, and not in the time of the handshake; it ends with
    /// <see cref="LoopConnection.EnterTunnel"/>, in a call of <see cref="Receive"/>.
    /// </summary>
    bool HasTunnel => false;

    /// <summary>TCP is connected; TLS or the request follows.</summary>
    /// <returns>False when the connection is not wanted any more.</returns>
    bool Connected();

    /// <summary>The header of a proxy that comes before everything else; null for none.</summary>
    ProxyHeader? ProxyHeader { get; }

    /// <summary>The header of a proxy is there, or is none.</summary>
    /// <param name="connection">Whose handshake it is.</param>
    /// <param name="header">That of <see cref="ProxyHeader"/>.</param>
    /// <returns>Why the connection is to be ended; null if it is not.</returns>
    Exception? Introduced(LoopConnection connection, ProxyHeader header);

    /// <summary>The TLS handshake has succeeded.</summary>
    void Secured(TlsSocket socket);

    /// <summary>The TLS handshake has failed. A server whose client speaks plain HTTP answers it; nothing else is sent then.</summary>
    /// <param name="connection">Whose handshake it is.</param>
    /// <param name="output">Where the answer goes, below TLS.</param>
    bool TryRefusePlain(LoopConnection connection, IBufferWriter<byte> output);

    /// <summary>The request of a client, when the transport is ready for it; empty for a server, which waits for one.</summary>
    ReadOnlyMemory<byte> Begin();

    /// <summary>Whether all that was asked for has been answered, so that the connection may end in order while nothing more is asked.</summary>
    bool IsIdle { get; }

    /// <summary>The time for the handshake is over.</summary>
    /// <returns>Whether <see cref="Receive"/>, which was pending, has an answer for that now; if not, the connection is ended without one.</returns>
    bool GiveUp() => false;

    /// <summary>The connection is gone and never became a WebSocket.</summary>
    /// <param name="connection">Whose handshake it is.</param>
    /// <param name="cause">What ended it, unless it was refused.</param>
    void Ended(LoopConnection connection, Exception? cause);
}

/// <summary>How far an opening handshake is.</summary>
internal enum LoopOpeningStatus
{
    NeedMoreData,

    /// <summary>The connection has been opened: frames follow.</summary>
    Opened,

    /// <summary>It goes on with <see cref="LoopConnection.PostResumeOpening"/>; nothing is read until then.</summary>
    Pending,

    /// <summary>An answer was written, and the connection is to be ended after it.</summary>
    Refused,

    /// <summary>TLS follows, as <see cref="LoopConnection.EnterTunnel"/> was told; then <see cref="ILoopOpening.Begin"/> is asked again.</summary>
    Secure,
}
