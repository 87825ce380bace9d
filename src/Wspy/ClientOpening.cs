using Wspy.Buffers;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>Drives the opening handshake of a client over a transport.</summary>
/// <remarks>One handshake; not thread-safe.</remarks>
internal sealed class ClientOpening : IDisposable
{
    /// <summary>What is kept of the body of an answer that is no upgrade: enough for any message to people.</summary>
    private const int MaxBodySize = 64 * 1024;

    private readonly ClientOptions _options;
    private readonly ClientHandshake _handshake;
    private readonly PooledBuffer _output = new();
    private readonly PooledBuffer _body = new();
    private readonly byte[] _input = BufferPool.Rent(2048);
    private int _start;
    private int _end;

    private ClientOpening(Uri uri, ClientOptions options)
    {
        _options = options;
        _handshake = new ClientHandshake(uri, options.ToHandshakeOptions());
        _handshake.WriteRequest(_output);
    }

    /// <summary>Prepares the request, before anything is connected.</summary>
    /// <exception cref="ArgumentException">The URL or an option cannot be kept.</exception>
    public static ClientOpening Prepare(Uri uri, ClientOptions options) => new(uri, options);

    /// <summary>Upgrades the transport.</summary>
    /// <exception cref="HandshakeException">The server refused, or did not keep the rules.</exception>
    public WebSocket Connect(Transport transport, OpeningWatchdog watchdog)
    {
        try
        {
            transport.Send(_output.WrittenSpan);
            while (!Take(transport.Receive(_input, Timeout.InfiniteTimeSpan)))
            {
            }

            return ToWebSocket(transport, watchdog);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            throw Lost(watchdog, exception);
        }
    }

    /// <inheritdoc cref="Connect"/>
    public async ValueTask<WebSocket> ConnectAsync(Transport transport, OpeningWatchdog watchdog, CancellationToken cancellationToken)
    {
        try
        {
            await transport.SendAsync(_output.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
            while (!Take(await transport.ReceiveAsync(_input).ConfigureAwait(false)))
            {
            }

            return ToWebSocket(transport, watchdog);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Lost(watchdog, exception);
        }
    }

    public void Dispose()
    {
        _output.Dispose();
        _body.Dispose();
        BufferPool.Return(_input);
    }

    private WebSocket ToWebSocket(Transport transport, OpeningWatchdog watchdog)
    {
        if (_handshake.Failure is not null)
        {
            throw Failed();
        }

        watchdog.Accept();
        return new WebSocket(transport, WebSocketRole.Client, _options, _input.AsSpan(_start, _end - _start), _handshake.ExtensionInstances)
        {
            Response = _handshake.Response,
            Subprotocol = _handshake.Subprotocol,
            Extensions = _handshake.AcceptedExtensions,
        };
    }

    // True when the handshake is decided, and the body of a refusal is there.
    private bool Take(int received)
    {
        ReadOnlySpan<byte> rest = _input.AsSpan(0, received);
        if (_handshake.Failure is null)
        {
            if (received == 0)
            {
                throw new IOException("The server ended the connection before its answer was complete.");
            }

            ClientHandshakeStatus status = _handshake.Receive(ref rest);
            _start = received - rest.Length;
            _end = received;
            if (status != ClientHandshakeStatus.Failed)
            {
                return status == ClientHandshakeStatus.Accepted;
            }
        }

        // Only an answer of another status has a body worth reading; what follows a broken head is no body.
        long wanted = _handshake.Failure!.Reason == HandshakeViolation.UnexpectedStatus && _handshake.Response!.StatusCode is not (204 or 304)
            ? Math.Min(_handshake.Response!.ContentLength ?? MaxBodySize, MaxBodySize)
            : 0;
        _body.Advance(Copy(rest, wanted - _body.Count));
        return received == 0 || _body.Count >= wanted || IsLastChunk();
    }

    // RFC 9112 §7.1: a chunked body, which is kept as it came, ends with a chunk of no bytes. A server may leave the connection open then.
    private bool IsLastChunk() =>
        _handshake.Response is { IsChunked: true }
        && (_body.WrittenSpan.EndsWith("\r\n0\r\n\r\n"u8) || _body.WrittenSpan.SequenceEqual("0\r\n\r\n"u8));

    private int Copy(ReadOnlySpan<byte> bytes, long room)
    {
        int count = (int)Math.Min(bytes.Length, room);
        bytes[..count].CopyTo(_body.GetSpan(count));
        return count;
    }

    private HandshakeException Failed() => new(_handshake.Failure!.Reason, _handshake.Failure.Message)
    {
        StatusCode = _handshake.Response?.StatusCode ?? 0,
        Response = _handshake.Response,
        Body = _body.WrittenSpan.ToArray(),
    };

    // A refusal whose body broke off is still a refusal.
    private HandshakeException Lost(OpeningWatchdog watchdog, Exception cause) => _handshake.Failure is null ? watchdog.Explain(cause) : Failed();
}
