using System.Runtime.CompilerServices;
using Wspy.Extensions;

namespace Wspy.Protocol;

// Closing: who closed, with what, and when the stream should end (RFC 6455 §7).
public sealed partial class WebSocketProtocol
{
    // Null as long as nobody closes and nothing fails.
    private Ending? _ending;
    private bool _closePending;
    private bool _peerWasFirst;
    private bool _ended;

    /// <summary>Whether this end's Close frame was written.</summary>
    public bool CloseSent { get; private set; }

    /// <summary>Whether the peer's Close frame was received.</summary>
    public bool CloseReceived { get; private set; }

    /// <summary>Whether the end of the stream was received.</summary>
    public bool HasEnded => _ended;

    /// <summary>Whether data can still be sent: no Close frame is out or due, and the stream has not ended.</summary>
    public bool CanSend
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !CloseSent && !_closePending && !_ended;
    }

    /// <summary>What the driver should do with the stream.</summary>
    public CloseExpectation CloseExpectation
    {
        get
        {
            if (_ended)
            {
                return CloseExpectation.Now;
            }

            if (Violation.Kind != ProtocolViolation.None)
            {
                return _closePending ? CloseExpectation.LocalClose : CloseExpectation.Now;
            }

            return (CloseSent, CloseReceived) switch
            {
                (false, false) => CloseExpectation.None,
                (true, false) => CloseExpectation.PeerClose,
                (false, true) => CloseExpectation.LocalClose,

                // §7.1.1: the server ends the stream first, so that TIME_WAIT stays with it and not with the client.
                _ => Role == WebSocketRole.Server ? CloseExpectation.Now : CloseExpectation.EndOfStream,
            };
        }
    }

    /// <summary>How the connection ended, as far as the protocol knows; to be asked when the stream has ended.</summary>
    public CloseInfo GetCloseInfo()
    {
        if (Violation.Kind != ProtocolViolation.None)
        {
            return new CloseInfo { Code = Violation.CloseCode, Reason = Violation.Description, Initiator = CloseInitiator.Local };
        }

        if (_peerWasFirst)
        {
            return new CloseInfo { Code = _ending!.ReceivedCode, Reason = _ending.ReceivedReason, Initiator = CloseInitiator.Peer, WasClean = CloseSent };
        }

        if (CloseSent && CloseReceived)
        {
            return new CloseInfo { Code = _ending!.SentCode, Reason = _ending.SentReason, Initiator = CloseInitiator.Local, WasClean = true };
        }

        // §7.1.5: lost without a Close frame of the peer.
        return new CloseInfo { Code = CloseCode.AbnormalClosure, Initiator = CloseSent ? CloseInitiator.Local : CloseInitiator.Transport };
    }

    private ProtocolEvent Fail(Violation violation, Exception? cause = null, Extension? extension = null)
    {
        SetFailure(violation, cause, extension);
        if (!CloseSent)
        {
            QueueClose(violation.CloseCode, violation.Description);
        }

        Discard();
        return new ProtocolEvent(ProtocolEventKind.Failed);
    }

    private void QueueClose(CloseCode code, string reason)
    {
        SetSent(code, reason);
        _closePending = true;

        // Nothing may follow the Close frame, and the pong has lost its use.
        _pongPending = false;
    }

    private void SetSent(CloseCode code, string reason)
    {
        _ending ??= new();
        _ending.SentCode = code;
        _ending.SentReason = reason;
    }

    private void SetReceived(CloseCode code, string reason)
    {
        _ending ??= new();
        _ending.ReceivedCode = code;
        _ending.ReceivedReason = reason;
    }

    private void SetFailure(Violation violation, Exception? cause, Extension? extension)
    {
        _ending ??= new();
        _ending.Violation = violation;
        _ending.Cause = cause;
        _ending.Extension = extension;
    }

    /// <summary>With what was closed, and why the connection was failed.</summary>
    private sealed class Ending
    {
        public CloseCode ReceivedCode;
        public string ReceivedReason = "";
        public CloseCode SentCode;
        public string SentReason = "";
        public Violation Violation;
        public Exception? Cause;
        public Extension? Extension;
    }
}
