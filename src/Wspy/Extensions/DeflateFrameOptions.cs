namespace Wspy.Extensions;

/// <summary>What <see cref="DeflateFrame"/> asks of the peer and how it works.</summary>
/// <remarks>Immutable and safe from any thread. Values are judged when they are set.</remarks>
public sealed record DeflateFrameOptions : DeflateOptions
{
    /// <summary>The largest window with which this end compresses; the peer may ask for less.</summary>
    /// <value>Base-2 logarithm of bytes, 8 to 15; default 15.</value>
    public int MaxWindowBits { get; init => field = WindowBits(value, nameof(MaxWindowBits)); } = 15;

    /// <summary>The largest window with which the peer may compress.</summary>
    /// <value>Base-2 logarithm of bytes, 8 to 15; default 15.</value>
    public int PeerMaxWindowBits { get; init => field = WindowBits(value, nameof(PeerMaxWindowBits)); } = 15;

    /// <summary>Whether frames of this end may refer to those before, unless the peer forbids it.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool ContextTakeover { get; init; } = true;

    /// <summary>Whether frames of the peer may refer to those before.</summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool PeerContextTakeover { get; init; } = true;
}
