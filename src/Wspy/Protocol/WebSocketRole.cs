namespace Wspy;

/// <summary>Which end of the connection this is (RFC 6455 §1.2). Clients mask what they send, servers do not.</summary>
public enum WebSocketRole
{
    /// <summary>The end that asked for the connection.</summary>
    Client,

    /// <summary>The end that accepted it.</summary>
    Server,
}
