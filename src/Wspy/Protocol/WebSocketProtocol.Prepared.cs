using System.Diagnostics.CodeAnalysis;

namespace Wspy.Protocol;

// Messages that were prepared for many: the frame is the same for all whom it is given to.
public sealed partial class WebSocketProtocol
{
    /// <summary>
    /// Whether frames of prepared messages can be sent: a client's have a masking key each, and who keeps a context compresses what it alone can.
    /// </summary>
    internal bool SharesFrames => Role == WebSocketRole.Server && (_pipeline is null || _pipeline.SharedForm is not null);

    /// <summary>The whole frame of a prepared message, which nobody may alter. Whoever sends it begins the frame first, as any other.</summary>
    /// <remarks>What an extension throws comes out; <see cref="FailExtension"/> ends the connection then.</remarks>
    internal bool TryGetFrame(PreparedMessage message, [NotNullWhen(true)] out byte[]? frame)
    {
        frame = SharesFrames ? message.GetFrame(_pipeline) : null;
        _pipeline?.ForgetSent();
        return frame is not null;
    }
}
