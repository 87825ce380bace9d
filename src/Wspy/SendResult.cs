namespace Wspy;

/// <summary>What became of a message that was given to a connection on an event loop, or to a client of a server, to send.</summary>
public enum SendResult
{
    /// <summary>The system has it, or gets it at the end of this turn of the loop.</summary>
    Sent,

    /// <summary>It waits behind others, or for the loop to take it from another thread; it will be sent in order.</summary>
    Queued,

    /// <summary>Too much waits already (<see cref="WebSocketOptions.HighWaterMark"/>): it was not taken and will not be sent.</summary>
    Dropped,

    /// <summary>The connection has ended or is closing: it was not taken.</summary>
    Closing,
}
