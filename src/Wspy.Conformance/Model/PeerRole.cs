namespace Wspy.Conformance;

/// <summary>The role of the peer under test; the engine plays the other one.</summary>
[Flags]
public enum PeerRole
{
    /// <summary>No role.</summary>
    None = 0,

    /// <summary>The peer under test is a server: the engine connects, and masks its frames.</summary>
    Server = 1,

    /// <summary>The peer under test is a client: the engine listens, and does not mask.</summary>
    Client = 2,

    /// <summary>Either: the case is the same for both roles.</summary>
    Both = Server | Client,
}
