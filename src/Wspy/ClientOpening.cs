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
    private HttpChunkedBody _chunks;
    private int _start;
    private int _end;

    private ClientOpening(Uri uri, ClientOptions options)
    {
        _options = options;
        _handshake = new ClientHandshake(uri, options.ToHandshakeOptions());
        _handshake.WriteRequest(_output);
    }

    /// <summary>Upgrades the transport.</summary>
    /// <exception cref="HandshakeException">The server refused, or did not keep the rules; the transport is disposed.</exception>
    public static WebSocket Connect(Transport transport, Uri uri, ClientOptions options)
    {
        using var opening = new ClientOpening(uri, options);
        using var watchdog = new OpeningWatchdog(transport, options);
        try
        {
            transport.Send(opening._output.WrittenSpan);
            while (!opening.Take(transport.Receive(opening._input, Timeout.InfiniteTimeSpan)))
            {
            }

            watchdog.Stop();
            return opening.ToWebSocket(transport);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            throw opening.Lost(watchdog, exception);
        }
        finally
        {
            opening.DisposeUnlessAccepted(transport);
        }
    }

    /// <inheritdoc cref="Connect"/>
    public static async ValueTask<WebSocket> ConnectAsync(Transport transport, Uri uri, ClientOptions options, CancellationToken cancellationToken)
    {
        using var opening = new ClientOpening(uri, options);
        using var watchdog = new OpeningWatchdog(transport, options, cancellationToken);
        try
        {
            await transport.SendAsync(opening._output.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
            while (!opening.Take(await transport.ReceiveAsync(opening._input).ConfigureAwait(false)))
            {
            }

            watchdog.Stop();
            return opening.ToWebSocket(transport);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw opening.Lost(watchdog, exception);
        }
        finally
        {
            opening.DisposeUnlessAccepted(transport);
        }
    }

    public void Dispose()
    {
        _output.Dispose();
        _body.Dispose();
        BufferPool.Return(_input);
    }

    private bool Accepted { get; set; }

    private WebSocket ToWebSocket(Transport transport)
    {
        if (_handshake.Failure is not null)
        {
            throw Failed();
        }

        Accepted = true;
        return new WebSocket(transport, WebSocketRole.Client, _options, _input.AsSpan(_start, _end - _start))
        {
            Response = _handshake.Response,
            Subprotocol = _handshake.Subprotocol,
        };
    }

    private void DisposeUnlessAccepted(Transport transport)
    {
        if (!Accepted)
        {
            transport.Dispose();
        }
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
        return _handshake.Failure!.Reason != HandshakeViolation.UnexpectedStatus || TakeBody(rest, _handshake.Response!) || received == 0;
    }

    // RFC 9112 §6.3: where a body ends. True when it is there, or as much of it as is kept.
    private bool TakeBody(ReadOnlySpan<byte> rest, HttpResponseHead response)
    {
        if (response.StatusCode is 204 or 304)
        {
            return true;
        }

        if (response.IsChunked)
        {
            ReadOnlySpan<byte> piece;
            while ((piece = _chunks.Next(ref rest)).Length > 0)
            {
                _body.Advance(Copy(piece, MaxBodySize - _body.Count));
            }

            return _chunks.IsOver || _body.Count == MaxBodySize;
        }

        long wanted = Math.Min(response.ContentLength ?? MaxBodySize, MaxBodySize);
        _body.Advance(Copy(rest, wanted - _body.Count));
        return _body.Count >= wanted;
    }

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
