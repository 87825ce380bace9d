namespace Wspy.Loop;

/// <summary>Something that another thread wants a loop to do.</summary>
internal readonly struct LoopWork
{
    public LoopWorkKind Kind { get; init; }

    /// <summary>Whom it is for; null for a call.</summary>
    public LoopConnection? Connection { get; init; }

    /// <summary>The pooled array that holds the payload to send, owned by the work.</summary>
    public byte[]? Array { get; init; }

    /// <summary>The size of the payload, which begins after room for a header in the array.</summary>
    public int Length { get; init; }

    /// <summary>What to send.</summary>
    public Opcode Opcode { get; init; }

    /// <summary>The close code, or the size of fragments.</summary>
    public int Number { get; init; }

    /// <summary>The action to call, the message that is sent, prepared or not, the reason to close or the cause to abort.</summary>
    public object? State { get; init; }
}

/// <summary>What to do.</summary>
internal enum LoopWorkKind
{
    Call,
    Send,
    SendPrepared,
    SendOldest,
    SendControl,
    Close,
    Abort,
    Overrun,
    Resume,
    Secured,
    ResumeOpening,
    Attend,
    ResumeReading,
    PauseReading,
}
