namespace Wspy.Extensions;

/// <summary>How far an <see cref="ExtensionInstance"/> came with what was received.</summary>
public enum ExtensionStatus
{
    /// <summary>All input was taken and all that it yields was written; at the end of a message or frame, that is done.</summary>
    NeedsInput,

    /// <summary>The output is full, and there may be more.</summary>
    NeedsOutput,

    /// <summary>What the peer sent cannot be what the extension makes. The connection fails with 1007.</summary>
    InvalidData,

    /// <summary>What the peer sent exceeds a limit of the extension. The connection fails with 1009.</summary>
    LimitExceeded,
}
