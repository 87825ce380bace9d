namespace Wspy;

/// <summary>What a send does that finds <see cref="WebSocketOptions.HighWaterMark"/> reached, because the peer does not read as fast as it is told.</summary>
public enum BackpressurePolicy
{
    /// <summary>
    /// It waits for room, up to <see cref="WebSocketOptions.SendTimeout"/>. On a loop, which cannot wait: a handler's replies to its own
    /// client are taken, and nothing more is read from that client until they are sent; a message for another client is dropped.
    /// </summary>
    Wait,

    /// <summary>The new message is dropped; the result of the send says so.</summary>
    DropNewest,

    /// <summary>
    /// The messages that have waited longest are dropped, as many as make room. With extensions the new message is dropped instead: they
    /// remember what went through them, so that it has to arrive.
    /// </summary>
    DropOldest,

    /// <summary>The connection is ended: a peer that is too slow is none to have.</summary>
    Close,
}
