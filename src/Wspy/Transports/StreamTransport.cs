using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Wspy.Transports;

/// <summary>Any stream in both directions: TLS, a pipe, a stream of the user's.</summary>
internal sealed class StreamTransport : Transport
{
    private readonly Stream _stream;
    private readonly Socket? _socket;

    /// <param name="stream">The stream, owned from now on.</param>
    /// <param name="sendTimeout">How long a blocking send may take, where the stream knows time-outs.</param>
    /// <param name="socket">The socket below, if known: for addresses, and for an end that the peer can tell.</param>
    public StreamTransport(Stream stream, TimeSpan sendTimeout, Socket? socket = null)
    {
        _stream = stream;
        _socket = socket;
        if (stream.CanTimeout)
        {
            stream.WriteTimeout = SocketTransport.Milliseconds(sendTimeout) is > 0 and int time ? time : Timeout.Infinite;
        }

        LocalEndPoint = socket?.LocalEndPoint;
        RemoteEndPoint = socket?.RemoteEndPoint;
    }

    public override EndPoint? LocalEndPoint { get; }

    public override EndPoint? RemoteEndPoint { get; }

    public override int Receive(Span<byte> buffer, TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return _stream.Read(buffer);
        }

        if (!_stream.CanTimeout)
        {
            throw new NotSupportedException($"{_stream.GetType().Name} knows no time-outs; use the asynchronous calls with a CancellationToken.");
        }

        _stream.ReadTimeout = SocketTransport.Milliseconds(timeout);
        try
        {
            return _stream.Read(buffer);
        }
        catch (IOException exception) when (exception.InnerException is TimeoutException or SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock })
        {
            throw new TimeoutException($"Nothing was received within {timeout.TotalSeconds:0.###} s.", exception);
        }
        finally
        {
            _stream.ReadTimeout = Timeout.Infinite;
        }
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _stream.ReadAsync(buffer);

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            _stream.Write(bytes);
            _stream.Flush();
        }
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!bytes.IsEmpty)
        {
            await _stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override void ShutdownSend()
    {
        try
        {
            switch (_stream)
            {
                case SslStream tls:
                    // A few bytes of close_notify, which only have an asynchronous form; the socket's buffer takes them at once.
                    tls.ShutdownAsync().Wait(TimeSpan.FromSeconds(1));
                    break;
                case InMemoryStream memory:
                    memory.CompleteWriting();
                    break;
            }
        }
        catch (Exception exception) when (IsConnectionLoss(exception) || exception is AggregateException or InvalidOperationException or NotSupportedException)
        {
            // The connection is gone already.
        }

        if (_socket is not null)
        {
            SocketTransport.ShutdownSend(_socket);
        }
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
        _stream.Dispose();
        _socket?.Dispose();
    }
}
