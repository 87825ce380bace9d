using Wspy.Protocol;

namespace Wspy;

// Receiving one message in parts, where all others come whole.
internal sealed partial class ProtocolDriver
{
    private ProtocolOptions? _wholes;
    private ProtocolOptions? _parts;
    private bool _inParts;
    private bool _skips;

    // The engine may hold the beginning of a message, of a receive that was given up.
    private bool _mayHold;

    /// <summary>The next message, or the one that has begun to come, is delivered in parts; called by the receiver.</summary>
    public void BeginParts()
    {
        lock (_gate)
        {
            _wholes ??= Engine.Options;
            Engine.Options = _parts ??= _wholes with { Delivery = DeliveryUnit.Part };
            _inParts = _mayHold = true;
        }
    }

    /// <summary>The next message is delivered whole after all: nothing of it was delivered; called by the receiver.</summary>
    public void CancelParts()
    {
        lock (_gate)
        {
            DeliverWholes();
        }
    }

    /// <summary>Nobody wants the rest of the message that is delivered in parts: it is dropped as it comes.</summary>
    public void SkipParts()
    {
        lock (_gate)
        {
            _skips = _inParts;
        }
    }

    // Not while the system may write behind it.
    private ProtocolEvent TakeHeld()
    {
        bool takes = _mayHold && _pendingRead is null;
        _mayHold = false;
        return takes ? Engine.DeliverHeld() : default;
    }

    // Whether nobody wants what was received. With the last part of a message the next one is a whole one again.
    private bool Skips(scoped in ProtocolEvent received)
    {
        if (!_inParts || received.Kind != ProtocolEventKind.Data)
        {
            return false;
        }

        bool skips = _skips;
        if (received.Fin)
        {
            DeliverWholes();
        }

        return skips;
    }

    private void DeliverWholes()
    {
        if (_inParts)
        {
            _inParts = _skips = false;
            Engine.Options = _wholes!;
        }
    }
}
