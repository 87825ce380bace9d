using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Wspy.Transports;

namespace Wspy.Loop;

/// <summary>TLS over another socket of a loop: the platform's <see cref="SslStream"/> between two buffers, one copy more in each direction.</summary>
/// <remarks>
/// The handshake runs on <see cref="TlsHandshakes"/>; afterwards a read of SslStream is begun only when a whole record is there, so that it
/// completes at once, and an idle connection holds no buffers.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Closing gives everything back.")]
internal sealed unsafe class TlsSocket : LoopSocket
{
    /// <summary>The most that one record carries (RFC 8446 §5.1): reads with less room could leave plaintext behind, unseen.</summary>
    public const int MaxPlaintext = 1 << 14;

    /// <summary>The most that is encrypted before the system has taken it.</summary>
    private const int MaxEncrypted = 256 * 1024;

    private readonly LoopSocket _inner;
    private readonly TlsStream _stream;
    private readonly SslStream _tls;
    private readonly BorrowedMemory _borrowed = new();
    private Task<int>? _pending;
    private Memory<byte> _pendingBuffer;
    private bool _isSecure;
    private bool _shutsDown;
    private bool _isClosed;

    /// <param name="inner">Owned from now on.</param>
    /// <param name="handshakes">Where the handshake runs.</param>
    /// <param name="onHandshakeProgress">Called, on another thread than the loop's, when the handshake has something to send, or room to receive again.</param>
    public TlsSocket(LoopSocket inner, TlsHandshakes handshakes, Action onHandshakeProgress)
    {
        _inner = inner;
        _stream = new TlsStream(
            stream =>
            {
                if (_isSecure)
                {
                    stream.CompleteRead();
                }
                else
                {
                    handshakes.Queue(stream.CompleteRead);
                }
            },
            () =>
            {
                if (!_isSecure)
                {
                    onHandshakeProgress();
                }
            });
        _tls = new SslStream(_stream);
    }

    public LoopSocket Inner => _inner;

    public override IPEndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override bool IsDrainedByShortRead => false;

    public override bool HasBufferedInput => _stream.HasRecord || _pending is { IsCompleted: true } || _inner.HasBufferedInput;

    public override int MinimumReceive => MaxPlaintext;

    public override int Unsent => (int)_stream.Outgoing.Count + _inner.Unsent;

    /// <summary>The first bytes that the peer sent, at most five.</summary>
    public ReadOnlySpan<byte> Beginning => _stream.Beginning;

    /// <summary>Begins the handshake of a server; completes when it has ended, on any thread.</summary>
    /// <param name="options">For all clients; null if there is a selection.</param>
    /// <param name="selection">Chooses for each.</param>
    public Task AuthenticateAsync(SslServerAuthenticationOptions? options, ServerOptionsSelectionCallback? selection) => ServerTls.AuthenticateAsync(_tls, options, selection);

    /// <summary>Begins the handshake of a client; completes when it has ended, on any thread.</summary>
    public Task AuthenticateAsync(SslClientAuthenticationOptions options) => _tls.AuthenticateAsClientAsync(options, CancellationToken.None);

    /// <summary>What the handshake of a server has agreed on.</summary>
    public TlsDetails Describe() => ServerTls.Describe(_tls);

    /// <summary>Gives TLS up after its handshake has failed, and keeps the socket below.</summary>
    public LoopSocket Abandon()
    {
        _isClosed = true;
        _tls.Dispose();
        return _inner;
    }

    /// <summary>Gives the handshake what was received.</summary>
    /// <param name="isFull">Whether it has more than it can take for now: to be tried again after it has told of progress.</param>
    /// <returns>False when the connection ended.</returns>
    public bool FeedHandshake(out bool isFull)
    {
        int count;
        do
        {
            count = _stream.Fill(_inner);
        }
        while (count > 0 && _inner.HasBufferedInput);

        isFull = count == 0 && _stream.IsFull;
        Error = _inner.Error;
        return count > 0 || isFull || (count < 0 && Error == SocketError.WouldBlock);
    }

    /// <summary>The handshake has succeeded: from now on everything happens on the loop's thread.</summary>
    public void Secured() => _isSecure = true;

    public override int Receive(Memory<byte> buffer)
    {
        while (true)
        {
            if (_pending is null && _stream.HasRecord)
            {
                ValueTask<int> read = _tls.ReadAsync(buffer);
                if (read.IsCompleted)
                {
                    return Take(read);
                }

                // A record that carried no data: a session ticket, a key update.
                _pending = read.AsTask();
                _pendingBuffer = buffer;
            }
            else if (_pending is { IsCompleted: true })
            {
                return TakePending(buffer);
            }

            int count = _stream.Fill(_inner);
            if (count < 0)
            {
                Error = _inner.Error;
                return -1;
            }

            if (count == 0 && _pending is not { IsCompleted: true } && (_pending is not null || !_stream.HasRecord))
            {
                // Ended without close_notify: whether the connection was closed in order is for the WebSocket to say.
                return 0;
            }

            if (count > 0 && _pending is { IsCompleted: false })
            {
                // Records without data cost more than any others, and there may be no end of them: the others of the loop have their turn.
                Error = SocketError.WouldBlock;
                return -1;
            }
        }
    }

    public override int Send(ReadOnlySpan<byte> bytes) => Send(bytes, default);

    public override int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (Unsent > 0)
        {
            Error = SocketError.WouldBlock;
            return -1;
        }

        int taken = Encrypt(first, MaxEncrypted);
        if (taken == first.Length)
        {
            taken += Encrypt(second, MaxEncrypted - taken);
        }

        // What the system refuses now shows as unsent, and what is wrong with it at the next send.
        return Flush() || Error == SocketError.WouldBlock ? taken : -1;
    }

    public override bool Flush()
    {
        if (!_inner.Flush())
        {
            Error = _inner.Error;
            return false;
        }

        lock (_stream.Gate)
        {
            while (!_stream.Outgoing.IsEmpty)
            {
                ReadOnlySpan<byte> second = _stream.Outgoing.Second;
                int sent = second.IsEmpty ? _inner.Send(_stream.Outgoing.First) : _inner.Send(_stream.Outgoing.First, second);
                if (sent < 0)
                {
                    Error = _inner.Error;
                    return Error == SocketError.WouldBlock;
                }

                _stream.Outgoing.Consume(sent, out _);
            }
        }

        if (_shutsDown)
        {
            _shutsDown = false;
            _inner.ShutdownSend();
        }

        return true;
    }

    public override void Watch(Interest interest) => _inner.Watch(interest);

    public override SocketError CompleteConnect() => _inner.CompleteConnect();

    public override void ShutdownSend()
    {
        try
        {
            // close_notify, which goes where all output goes.
            _ = _tls.ShutdownAsync().IsCompleted;
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // It was shut down before, or failed: the end of the stream says the rest.
        }

        _shutsDown = true;
        Flush();
    }

    public override void Close(bool resets)
    {
        if (!_isClosed)
        {
            _isClosed = true;
            _inner.Close(resets);
            _tls.Dispose();
            if (!_isSecure)
            {
                // A handshake that waits for more sees the end.
                _stream.CompleteRead();
            }
        }
    }

    private int Take(ValueTask<int> read)
    {
        try
        {
            return read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            // A record that was forged or damaged, or an alert.
            Error = SocketError.ConnectionReset;
            return -1;
        }
    }

    private int TakePending(Memory<byte> buffer)
    {
        int count = Take(new ValueTask<int>(_pending!));
        if (count > 0)
        {
            _pendingBuffer.Span[..count].CopyTo(buffer.Span);
        }

        _pending = null;
        _pendingBuffer = default;
        return count;
    }

    private int Encrypt(ReadOnlySpan<byte> bytes, int limit)
    {
        if (bytes.Length > limit)
        {
            bytes = bytes[..limit];
        }

        if (bytes.IsEmpty)
        {
            return 0;
        }

        fixed (byte* start = bytes)
        {
            try
            {
                // Completes at once, as the stream below does.
                ValueTask write = _tls.WriteAsync(_borrowed.Borrow(start, bytes.Length));
                if (!write.IsCompletedSuccessfully)
                {
                    write.AsTask().GetAwaiter().GetResult();
                }
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException)
            {
                Error = SocketError.ConnectionReset;
            }
            finally
            {
                _borrowed.Return();
            }
        }

        return bytes.Length;
    }
}
