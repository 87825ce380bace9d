namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>What the connections of a peer under test share.</summary>
internal abstract class MistakenPeer(Mistake mistake)
{
    public Mistake Mistake => mistake;

    /// <summary>Held by whatever must not, and does, keep others waiting.</summary>
    public SemaphoreSlim ForOneAtATime { get; } = new(1);

    /// <summary>As a process that crashes.</summary>
    public abstract void Die();
}
