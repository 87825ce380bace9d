using System.Diagnostics.CodeAnalysis;
using Wspy.Buffers;
using Wspy.Extensions;
using Wspy.Protocol;
using Wspy.Transports;

namespace Wspy;

/// <summary>Drives the protocol engine over a transport: the I/O of <see cref="WebSocket"/> and <see cref="Connection"/>, blocking and asynchronous.</summary>
/// <remarks>
/// One receiver at a time (<see cref="TryBecomeReceiver"/>); senders on any thread take turns. The gate guards the engine for
/// moments only; it is never held during I/O or user code. The turn to send is held while a frame goes out.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The end of the connection gives everything back but for a small output buffer and a semaphore without a handle, which senders may still hold.")]
internal sealed partial class ProtocolDriver
{
    private readonly Transport _transport;
    private readonly WebSocketOptions _options;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<CloseInfo> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;
    private Exception? _cause;
    private int _receiving;

    // How often somebody became the receiver; written by the receiver only.
    private long _receives;

    // Set by whoever ends the connection from this side; the receiver, or the next to become it, completes the end.
    private volatile bool _aborted;
    private bool _endReported;

    // Set before a close looks for a receiver: one that becomes it itself has not sent its Close frame yet.
    private volatile bool _closing;

    // Our Close frame was due and could not be sent.
    private bool _closeLost;

    /// <param name="transport">The upgraded stream, owned from now on.</param>
    /// <param name="role">Which end this is.</param>
    /// <param name="options">Limits and time-outs.</param>
    /// <param name="received">Bytes that followed the opening handshake: the first of the protocol.</param>
    /// <param name="extensions">What was agreed on; owned from now on.</param>
    public ProtocolDriver(Transport transport, WebSocketRole role, WebSocketOptions options, ReadOnlySpan<byte> received, IReadOnlyList<ExtensionInstance> extensions)
    {
        _transport = transport;
        _options = options;
        Engine = new WebSocketProtocol(role, options.ToProtocolOptions(), extensions);
        if (!received.IsEmpty)
        {
            _input = BufferPool.Rent(Math.Max(received.Length, options.ReceiveBufferSize));
            received.CopyTo(_input);
            _end = received.Length;
        }
    }

    public WebSocketProtocol Engine { get; }

    public Transport Transport => _transport;

    public WebSocketOptions Options => _options;

    /// <summary>How the connection ended; completes exactly once, when it has.</summary>
    public Task<CloseInfo> Closed => _closed.Task;

    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return Engine.CloseExpectation == CloseExpectation.None && !_closed.Task.IsCompleted && _failure is null;
            }
        }
    }

    /// <summary>Whether a receive beside another has a right to be: it waits for the end that somebody is about to bring.</summary>
    public bool IsEnding => _closing || !IsOpen;

    /// <summary>Called once, when the connection has ended, by whoever is the receiver then.</summary>
    public Action? OnEnd { get; set; }

    /// <summary>Claims the receiving side; the one who gets it ends the connection when it sees the end.</summary>
    public bool TryBecomeReceiver()
    {
        if (Interlocked.CompareExchange(ref _receiving, 1, 0) != 0)
        {
            return false;
        }

        _receives++;
        return true;
    }

    /// <summary>Gives the receiving side up, after completing and reporting an end that others asked for meanwhile.</summary>
    public void ReleaseReceiver()
    {
        do
        {
            try
            {
                FinishEnd();
            }
            finally
            {
                // A full fence: who failed to become the receiver before it has set what is looked at after it.
                Interlocked.Exchange(ref _receiving, 0);
            }
        }
        while ((_closed.Task.IsCompleted ? !_endReported : _aborted) && TryBecomeReceiver());
    }

    private void FinishEnd()
    {
        if (_aborted && !_closed.Task.IsCompleted)
        {
            Lose(_failure!);
            Complete();
        }

        if (_closed.Task.IsCompleted && !_endReported)
        {
            _endReported = true;
            OnEnd?.Invoke();
        }
    }

    /// <summary>Called when the end has been asked for and is the receiver's to bring, on whatever thread; to be set before others know the connection.</summary>
    public Action? OnFailed { get; set; }

    /// <summary>An exception for a caller who can no longer send or receive.</summary>
    public ConnectionClosedException ClosedException() => new(_closed.Task.IsCompletedSuccessfully ? _closed.Task.Result : CurrentCloseInfo());

    /// <summary>What the engine failed the connection for: the peer's mistake, or what an extension of this end threw.</summary>
    public Exception ViolationException => ExtensionFailure ?? (Exception)ProtocolException.From(Engine.Violation);

    /// <summary>Remembers why this end closes, such as an exception of the application.</summary>
    public void SetCause(Exception cause) => _cause ??= cause;

    /// <summary>Remembers the first cause of the end, and ends the transport.</summary>
    public void Fail(Exception cause)
    {
        Interlocked.CompareExchange(ref _failure, cause, null);
        OnFailed?.Invoke();

        // A peer that is gone may have said why: its Close frame is still to be read, and the end of the stream after it.
        if (!Transport.IsPeerGone(cause))
        {
            _transport.Abort();
        }
    }

    private CloseInfo CurrentCloseInfo()
    {
        lock (_gate)
        {
            CloseInfo info = Engine.GetCloseInfo();
            if (_closeLost || (_aborted && info.Initiator == CloseInitiator.Transport))
            {
                info = info with { WasClean = false, Initiator = info.Initiator == CloseInitiator.Peer ? CloseInitiator.Peer : CloseInitiator.Local };
            }

            Exception? cause = Engine.Violation.Kind == ProtocolViolation.None ? _failure : ViolationException;

            // A connection that was closed in order may well lose its stream afterwards: that is no cause of anything.
            return info with { Exception = _cause ?? (info.WasClean ? null : cause) };
        }
    }
}
