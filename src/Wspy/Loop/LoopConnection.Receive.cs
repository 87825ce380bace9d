using System.Net.Sockets;
using Wspy.Buffers;
using Wspy.Protocol;

namespace Wspy.Loop;

// Receiving: bytes into the engine, its events to the handler; and what holds that up.
internal sealed partial class LoopConnection
{
    /// <summary>The rest of a frame from which on it is received straight into its place. A smaller one costs less as a copy than as a read of its own.</summary>
    private const int DirectMinimum = 16 * 1024;

    /// <summary>The most that is read at once: each piece is unmasked while the cache still has it.</summary>
    private const int MaxRead = 256 * 1024;

    /// <summary>Reads in a row before other connections get their turn.</summary>
    private const int MaxReads = 16;

    // What was received and may not be handled yet.
    private PooledBuffer? _held;
    private int _heldStart;
    // Where in the loop's input the large payload lies that is being handled; 0 for elsewhere.
    private int _delivered;
    private PauseReasons _paused;
    private Interest _watched;
    private bool _readsAgain;

    /// <summary>The socket has bytes, or is at its end.</summary>
    /// <param name="isLost">Whether both directions are at their end, so that this would be reported for ever.</param>
    public void OnReadable(bool isLost)
    {
        if (_state < LoopState.Opening)
        {
            ReadBeforeOpening(isLost);
            return;
        }

        if (_state == LoopState.Closed)
        {
            return;
        }

        if (IsPaused)
        {
            if (isLost)
            {
                // Whatever holds the reading up, nothing can be sent to that peer any more, and nothing waited for.
                Break(new SocketException((int)SocketError.ConnectionReset));
            }

            // Not watched any more by the end of this turn: the next event is not wanted until reading goes on.
            _unwatchesRead = true;
            return;
        }

        for (int i = 0; i < MaxReads && _state != LoopState.Closed; i++)
        {
            Memory<byte> place = _engine is null ? default : _engine.GetReceiveMemory(DirectMinimum);
            bool isDirect = !place.IsEmpty;
            if (place.Length < _socket.MinimumReceive)
            {
                isDirect = false;
                place = _loop.Input;
            }

            if (place.Length > MaxRead)
            {
                place = place[..MaxRead];
            }

            int count = _socket.Receive(place);
            if (count <= 0)
            {
                ReceivedNothing(count);
                return;
            }

            _lastReceived = _loop.Now;
            _isSuspected = false;
            if (isDirect)
            {
                ProtocolEvent completed = _engine!.Commit(count);
                if (completed.Kind != ProtocolEventKind.None)
                {
                    Dispatch(completed);
                }
            }
            else
            {
                Take(place.Span[..count]);
            }

            if (IsPaused || _isBroken || _state == LoopState.Securing || (count < place.Length && _socket.IsDrainedByShortRead))
            {
                return;
            }

            // What is corked must not wait for all that such a peer has to send.
            Flush();
        }

        ReadBuffered();
    }

    // What the system does not hold any more, no event will tell of.
    private void ReadBuffered()
    {
        if (_socket.HasBufferedInput && !_isBroken)
        {
            ReadAgain();
        }
    }

    private void ReadAgain()
    {
        if (!_readsAgain)
        {
            _readsAgain = true;
            _loop.ReadAgain(this);
        }
    }

    /// <summary>It is being read again.</summary>
    public void OnReadAgain() => _readsAgain = false;

    private bool IsPaused => _paused != PauseReasons.None && !DiscardsInput;

    // Once our Close frame is out and a handler is not back yet, its client's data means nothing any more, and its Close frame must be seen.
    private bool DiscardsInput => _state is LoopState.Draining or LoopState.Refused || (_engine is { CloseSent: true } && (_discardsData || (_paused & PauseReasons.Handler) != 0));

    private void ReceivedNothing(int count)
    {
        if (count < 0 && _socket.Error == SocketError.WouldBlock)
        {
            ReadBuffered();
            return;
        }

        if (count < 0)
        {
            _loss ??= new SocketException((int)_socket.Error);
        }

        _engine?.ReceiveEndOfStream();
        _isBroken = true;
    }

    // Hands everything received to the engine, as long as nothing holds that up.
    private void Take(Span<byte> input)
    {
        if (_state == LoopState.Opening)
        {
            ReadOnlySpan<byte> rest = input;
            TakeOpening(ref rest);
            input = input[^rest.Length..];
            if (_state is LoopState.Open or LoopState.Opening && IsPaused)
            {
                Hold(input);
                return;
            }
        }

        if (_engine is null)
        {
            return;
        }

        while (true)
        {
            TakeShort(ref input);
            if (IsPaused && !input.IsEmpty)
            {
                Hold(input);
                return;
            }

            ProtocolEvent received = _engine.Read(ref input);
            if (received.Kind == ProtocolEventKind.None)
            {
                return;
            }

            Dispatch(received);
            if (_paused != PauseReasons.None && IsPaused && !input.IsEmpty)
            {
                Hold(input);
                return;
            }
        }
    }

    // Short messages, one after the other, as long as nothing else happens.
    private void TakeShort(ref Span<byte> input)
    {
        // A copy, which need not be in memory when it is read again.
        Span<byte> rest = input;
        WebSocketProtocol engine = _engine!;
        try
        {
            while (_state == LoopState.Open && _paused == PauseReasons.None && engine.TryRead(ref rest, out MessageView message))
            {
                input = rest;
                _handler!.Received(message);
                if (_queue is not null)
                {
                    PauseAboveMark();
                }
            }
        }
        catch (Exception exception)
        {
            // Whatever the application's code threw: it ends this connection and no other.
            FailHandler(exception);
        }
    }

    private void TakeOpening(ref ReadOnlySpan<byte> input)
    {
        switch (_opening!.Receive(this, ref input, Queue()))
        {
            case LoopOpeningStatus.Opened:
                _opening = null;
                _state = LoopState.Open;
                _phaseDeadline = long.MaxValue;
                Schedule();
                Call(static connection => connection._handler!.Opened());
                break;
            case LoopOpeningStatus.Refused:
                _state = LoopState.Refused;
                input = default;
                break;
            case LoopOpeningStatus.Secure:
                SecureTunnel();
                break;
            case LoopOpeningStatus.Pending:
                _paused |= PauseReasons.Opening;
                break;
            default:
                // Answers to plain requests, one after the other, which the peer may not take.
                PauseAboveMark();
                break;
        }
    }

    private void Dispatch(scoped in ProtocolEvent received)
    {
        if (IsHandling)
        {
            // Read on for their Close frame only, since ours is out: what comes before it calls no handler beside the one that has not completed.
            DispatchBeside(received.Kind);
            return;
        }

        try
        {
            switch (received.Kind)
            {
                case ProtocolEventKind.Data:
                    if (_state == LoopState.Open || (!_discardsData && !DiscardsInput))
                    {
                        _delivered = received.Payload.Length > Cork.MaxCopied ? _loop.OffsetInInput(received.Payload) : 0;
                        _handler!.Received(new MessageView(received.Opcode, received.Payload));
                        PauseAboveMark();
                    }

                    break;
                case ProtocolEventKind.Ping:
                    // §5.5.3 asks for one pong to several pings; each gets its own, since they leave together anyway.
                    WriteAnswers();
                    PauseAboveMark();
                    _handler!.Pinged(received.Payload);
                    break;
                case ProtocolEventKind.Pong:
                    _pingSent = 0;
                    _handler!.Ponged(received.Payload);
                    break;
                case ProtocolEventKind.ReservedControl:
                    _handler!.Controlled(received.Opcode, received.Payload);
                    break;
                case ProtocolEventKind.Failed:
                    _state = LoopState.Closing;
                    _reportedFailure = true;
                    _handler!.Failed(ViolationException);
                    break;
                default:
                    _state = LoopState.Closing;
                    break;
            }
        }
        catch (Exception exception)
        {
            // Whatever the application's code threw: it ends this connection and no other.
            FailHandler(exception);
        }

        _delivered = 0;
    }

    private void DispatchBeside(ProtocolEventKind kind)
    {
        if (kind is ProtocolEventKind.Failed or ProtocolEventKind.Close)
        {
            _state = LoopState.Closing;
            _failureIsDue |= kind == ProtocolEventKind.Failed;
        }
    }

    private void Call(Action<LoopConnection> handler)
    {
        try
        {
            handler(this);
        }
        catch (Exception exception)
        {
            FailHandler(exception);
        }
    }

    private void Hold(ReadOnlySpan<byte> input)
    {
        _held ??= new PooledBuffer();
        input.CopyTo(_held.GetSpan(input.Length));
        _held.Advance(input.Length);
    }
}
