namespace Wspy;

/// <summary>What follows an answer to a client's request for an upgrade.</summary>
internal enum ClientStep
{
    /// <summary>It is a WebSocket.</summary>
    Opened,

    /// <summary>It is none, and will be none.</summary>
    Refused,

    /// <summary>Another request on the same connection.</summary>
    Repeat,

    /// <summary>Another request, over another connection.</summary>
    Reconnect,
}
