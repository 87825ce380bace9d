using System.Buffers;
using System.Net.Sockets;
using Wspy.Buffers;

namespace Wspy.Loop;

// Output: the loop's cork for the connection that is being read, a queue for everything that cannot leave at once.
internal sealed partial class LoopConnection
{
    /// <summary>Sends in a row before other connections get their turn: who is told that something left may have more to send, without end.</summary>
    private const int MaxSends = 64;

    // Null while nothing waits.
    private OutputQueue? _queue;

    // Bytes in the queue, as of the last time that it was looked after, and in posted sends.
    private long _queued;
    private long _posted;
    private long _lastProgress;
    private List<Message>? _sentMeanwhile;
    private int _unsent;
    private bool _isSendBroken;

    /// <summary>Bytes that wait to be sent; from any thread.</summary>
    public long BufferedBytes => (_loop.IsCurrent ? _queue?.Count ?? 0 : Volatile.Read(ref _queued)) + Interlocked.Read(ref _posted) + _socket.Unsent;

    private bool HasOutput => _queue is not null || _socket.Unsent > 0;

    /// <summary>The socket has room.</summary>
    public void OnWritable()
    {
        if (_state == LoopState.Connecting)
        {
            CompleteConnect();
        }
    }

    // Where a small frame or head goes.
    private IBufferWriter<byte> Output(int size) => TryCork(size) ? _loop.Cork : Queue();

    private bool TryCork(int size)
    {
        if (_loop.Current != this || _queue is not null || size > Cork.Size)
        {
            return false;
        }

        if (_loop.Cork.Free < size)
        {
            FlushCork();
        }

        return _queue is null;
    }

    private OutputQueue Queue()
    {
        if (_queue is null)
        {
            if (_loop.Current == this)
            {
                FlushCork();
            }

            if (_queue is null)
            {
                _queue = _loop.RentQueue();
                _lastProgress = _loop.Now;
                Schedule();
            }
        }

        Attend();
        return _queue;
    }

    private void FlushCork()
    {
        Cork cork = _loop.Cork;
        if (cork.Count == 0)
        {
            return;
        }

        int sent = _isSendBroken ? cork.Count : _socket.Send(cork.Written);
        if (sent < cork.Count)
        {
            if (sent < 0 && !CanSendLater())
            {
                sent = cork.Count;
            }
            else
            {
                Keep(cork.Written[Math.Max(sent, 0)..]);
            }
        }

        cork.Clear();
    }

    // What the system refused.
    private void Keep(ReadOnlySpan<byte> rest)
    {
        _queue = _loop.RentQueue();
        _queue.Append(rest);
        _lastProgress = _loop.Now;
        Schedule();
    }

    /// <summary>Sends as much as the system takes.</summary>
    private void Flush()
    {
        if (_engine is { HasPendingOutput: true })
        {
            WriteAnswers();
        }

        if (_loop.Current == this)
        {
            FlushCork();
        }

        if (_socket.Unsent > 0 && !_socket.Flush() && !CanSendLater())
        {
            return;
        }

        bool waited = HasOutput;
        int sends = 0;
        while (_queue is { } queue)
        {
            if (!queue.IsEmpty)
            {
                if (++sends > MaxSends)
                {
                    ReadAgain();
                    break;
                }

                ReadOnlySpan<byte> second = queue.Second;
                int sent = _isSendBroken ? (int)Math.Min(queue.Count, int.MaxValue) : second.IsEmpty ? _socket.Send(queue.First) : _socket.Send(queue.First, second);
                if (sent < 0)
                {
                    if (CanSendLater())
                    {
                        break;
                    }

                    continue;
                }

                Consume(queue, sent);
            }

            if (queue.IsEmpty)
            {
                _queue = null;
                _loop.ReturnQueue(queue);
            }
        }

        NoteUnsent();
        Volatile.Write(ref _queued, _queue?.Count ?? 0);
        if (waited)
        {
            // Somebody who found no room just now has promised to wait: seen here, or sees the room.
            Interlocked.MemoryBarrier();
        }

        SignalRoom();
        if ((_paused & PauseReasons.Output) != 0 && _queued <= _options.HighWaterMark / 2)
        {
            Resume(PauseReasons.Output);
            if (_loop.Current == this)
            {
                // What its handlers replied meanwhile.
                FlushCork();
            }
        }
    }

    // What the socket took and the system has not is waited for as well.
    private void NoteUnsent()
    {
        int unsent = _socket.Unsent;
        if (unsent != _unsent)
        {
            _unsent = unsent;
            _lastProgress = _loop.Now;
            Schedule();
        }
    }

    private void Consume(OutputQueue queue, int sent)
    {
        _lastProgress = _loop.Now;
        if (_pingAhead > 0 && _pingSent != 0)
        {
            _pingAhead -= sent;
            _pingSent = _lastProgress;
        }

        int left = sent;
        do
        {
            left = queue.Consume(left, out object? message);
            if (message is Message whole && !_isSendBroken)
            {
                TellSent(whole);
            }
        }
        while (left > 0);
    }

    private void TellSent(Message message)
    {
        if (IsHandling)
        {
            // One handler at a time: it is told when the one that runs has completed.
            (_sentMeanwhile ??= []).Add(message);
        }
        else if (_handler is { WantsSent: true })
        {
            try
            {
                _handler.Sent(message);
                _isWhole = _options.Backpressure == BackpressurePolicy.DropOldest || _handler.WantsSent;
            }
            catch (Exception exception)
            {
                // As any handler's.
                FailHandler(exception);
            }
        }
    }

    // False when the peer does not take bytes any more; what it sent before may still be read, such as why it is gone.
    private bool CanSendLater()
    {
        if (_socket.Error == SocketError.WouldBlock)
        {
            return true;
        }

        _loss ??= new SocketException((int)_socket.Error);
        _isSendBroken = true;
        _phaseDeadline = Math.Min(_phaseDeadline, After(_options.CloseTimeout));
        Schedule();
        return false;
    }
}
