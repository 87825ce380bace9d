namespace Wspy;

/// <summary>What became of a message that was sent to many: how many clients there were of each <see cref="SendResult"/>.</summary>
/// <param name="Sent">The system has it, or gets it at the end of this turn of the loop.</param>
/// <param name="Queued">It waits and will be sent in order.</param>
/// <param name="Dropped">These do not read as fast as they are told, and do not get it.</param>
/// <param name="Closing">These are gone or are going.</param>
public readonly record struct BroadcastTally(int Sent, int Queued, int Dropped, int Closing)
{
    /// <summary>How many clients there were.</summary>
    public int Total => Sent + Queued + Dropped + Closing;

    internal BroadcastTally Plus(SendResult result) => result switch
    {
        SendResult.Sent => this with { Sent = Sent + 1 },
        SendResult.Queued => this with { Queued = Queued + 1 },
        SendResult.Dropped => this with { Dropped = Dropped + 1 },
        _ => this with { Closing = Closing + 1 },
    };
}
