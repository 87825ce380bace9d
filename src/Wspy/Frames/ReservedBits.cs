namespace Wspy;

/// <summary>The three bits of a frame that only a negotiated extension may set (RFC 6455 §5.2), at their place on the wire.</summary>
[Flags]
public enum ReservedBits : byte
{
    /// <summary>No bit: the only value allowed without an extension.</summary>
    None = 0,

    /// <summary>RSV1, which permessage-deflate uses to mark a compressed message (RFC 7692 §6).</summary>
    Rsv1 = 0x40,

    /// <summary>RSV2.</summary>
    Rsv2 = 0x20,

    /// <summary>RSV3.</summary>
    Rsv3 = 0x10,

    /// <summary>All three bits.</summary>
    All = Rsv1 | Rsv2 | Rsv3,
}
