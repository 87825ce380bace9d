using Wspy.Conformance.Engine;

namespace Wspy.Conformance.Steps;

/// <summary>One step of a case's script. Data, and shared by all runs: what happens is kept in the run.</summary>
internal abstract record Step
{
    /// <summary>Whether it makes sense after the peer has ended the connection.</summary>
    public virtual bool RunsAfterEnd => false;

    /// <summary>Whether the peer can only do what is expected if it sends messages back.</summary>
    public virtual bool NeedsEcho => false;

    /// <summary>Whether it is the suite that does something, and nothing is expected.</summary>
    public virtual bool IsAction => false;

    /// <summary>Does it.</summary>
    /// <exception cref="CaseFailedException">The peer did not do what it must.</exception>
    public abstract Task RunAsync(CaseRun run, CancellationToken cancellationToken);
}
