using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Wspy.Transports;

/// <summary>Any stream in both directions: TLS, a pipe, a stream of the user's.</summary>
/// <remarks>Whatever such a stream throws is made an <see cref="IOException"/>: it ends the connection and nothing else.</remarks>
internal sealed class StreamTransport : Transport
{
    private readonly Stream _stream;
    private readonly Socket? _socket;
    private readonly TimeSpan _sendTimeout;
    private readonly TimeProvider _clock;
    private volatile bool _sendTimedOut;

    /// <param name="stream">The stream, owned from now on.</param>
    /// <param name="sendTimeout">How long a blocking send may find the peer taking nothing.</param>
    /// <param name="clock">Measures that where the stream knows no time-outs.</param>
    /// <param name="socket">The socket below, if known: for addresses, and for an end that the peer can tell.</param>
    public StreamTransport(Stream stream, TimeSpan sendTimeout, TimeProvider clock, Socket? socket = null)
    {
        _stream = stream;
        _socket = socket ?? (stream as NetworkStream)?.Socket;
        _sendTimeout = sendTimeout;
        _clock = clock;
        if (stream.CanTimeout)
        {
            stream.WriteTimeout = SocketTransport.Milliseconds(sendTimeout) is > 0 and int time ? time : Timeout.Infinite;
        }

        LocalEndPoint = _socket?.LocalEndPoint;
        RemoteEndPoint = _socket is null ? null : PeerOf(_socket);
    }

    public override EndPoint? LocalEndPoint { get; }

    public override int Receive(Span<byte> buffer, TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            return ReceiveInTime(buffer, timeout);
        }

        try
        {
            return _stream.Read(buffer);
        }
        catch (Exception exception) when (!IsConnectionLoss(exception))
        {
            throw Failed(exception);
        }
    }

    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return await _stream.ReadAsync(buffer).ConfigureAwait(false);
        }
        catch (Exception exception) when (!IsConnectionLoss(exception))
        {
            throw Failed(exception);
        }
    }

    // What a stream of the user's does before it comes to its socket, nobody knows.
    public override bool? HasRoom => _socket is not null && _stream is SslStream or NetworkStream ? HasRoomIn(_socket!) : null;

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        using ITimer? timer = _stream.CanTimeout || _sendTimeout == Timeout.InfiniteTimeSpan
            ? null
            : _clock.CreateTimer(static state => ((StreamTransport)state!).EndSend(), this, _sendTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            while (!bytes.IsEmpty)
            {
                int count = Math.Min(bytes.Length, MaxPiece);
                _stream.Write(bytes[..count]);
                bytes = bytes[count..];
                timer?.Change(_sendTimeout, Timeout.InfiniteTimeSpan);
            }

            _stream.Flush();
        }
        catch (Exception exception) when (_sendTimedOut)
        {
            throw new IOException("The write took too long.", new TimeoutException(null, exception));
        }
        catch (Exception exception) when (!IsConnectionLoss(exception))
        {
            throw Failed(exception);
        }
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        try
        {
            await _stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!IsConnectionLoss(exception))
        {
            throw Failed(exception);
        }
    }

    public override bool ShutdownSend()
    {
        try
        {
            // A few bytes of close_notify, which only have an asynchronous form; the socket's buffer takes them at once.
            (_stream as SslStream)?.ShutdownAsync().Wait(TimeSpan.FromSeconds(1));
        }
        catch (AggregateException)
        {
            // The connection is gone already.
        }
        catch (Exception exception) when (IsConnectionLoss(exception) || exception is InvalidOperationException)
        {
            // As above, or it was shut down before.
        }

        return ShutdownBelow();
    }

    public override async ValueTask<bool> ShutdownSendAsync()
    {
        try
        {
            if (_stream is SslStream tls)
            {
                await tls.ShutdownAsync().WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (IsConnectionLoss(exception) || exception is InvalidOperationException or TimeoutException)
        {
            // The connection is gone already, or it was shut down before.
        }

        return ShutdownBelow();
    }

    public override void Abort()
    {
        if (_socket is not null)
        {
            SocketTransport.Abort(_socket);
        }

        Dispose();
    }

    public override void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (Exception)
        {
            // A stream of the user's may throw whatever it likes; it is given up, and a timer's thread has nobody to tell.
        }

        _socket?.Dispose();
    }

    private int ReceiveInTime(Span<byte> buffer, TimeSpan timeout)
    {
        if (!_stream.CanTimeout)
        {
            throw new NotSupportedException($"{_stream.GetType().Name} knows no time-outs; use the asynchronous calls with a CancellationToken.");
        }

        try
        {
            _stream.ReadTimeout = SocketTransport.Milliseconds(timeout);
            int received = _stream.Read(buffer);
            _stream.ReadTimeout = Timeout.Infinite;
            return received;
        }
        catch (Exception exception) when (IsTimeout(exception))
        {
            _stream.ReadTimeout = Timeout.Infinite;
            throw new TimeoutException($"Nothing was received within {timeout.TotalSeconds:0.###} s.", exception);
        }
        catch (Exception exception) when (!IsConnectionLoss(exception))
        {
            throw Failed(exception);
        }
    }

    private void EndSend()
    {
        _sendTimedOut = true;
        Abort();
    }

    private bool ShutdownBelow()
    {
        if (_socket is not null)
        {
            SocketTransport.ShutdownSend(_socket);
            return true;
        }

        (_stream as InMemoryStream)?.CompleteWriting();
        return _stream is InMemoryStream or SslStream;
    }

    private IOException Failed(Exception exception) => new($"{_stream.GetType().Name} failed: {exception.Message}", exception);
}
