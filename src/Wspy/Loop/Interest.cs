namespace Wspy.Loop;

/// <summary>What a connection waits for, and what a poller reports.</summary>
[Flags]
internal enum Interest : byte
{
    None = 0,
    Read = 1,
    Write = 2,

    /// <summary>Reported only, and always: both directions are at their end, or the connection was reset.</summary>
    HangUp = 4,
}
