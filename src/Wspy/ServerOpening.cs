using Wspy.Buffers;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>Drives the opening handshake of a server over a transport, with the application's say in it.</summary>
/// <remarks>One handshake; not thread-safe.</remarks>
internal sealed class ServerOpening : IDisposable
{
    private readonly ServerOptions _options;
    private readonly ServerHandshake _handshake;
    private readonly PooledBuffer _output = new();
    private readonly byte[] _input = BufferPool.Rent(2048);
    private int _start;
    private int _end;

    private ServerOpening(ServerOptions options, ServerHandshakeOptions handshakeOptions)
    {
        _options = options;
        _handshake = new ServerHandshake(handshakeOptions);
    }

    private string? Subprotocol { get; set; }

    private HandshakeException? Failure { get; set; }

    /// <summary>Upgrades the transport, or answers the request and ends the transport.</summary>
    /// <returns>The upgraded WebSocket, or why there is none.</returns>
    public static (WebSocket? Accepted, HandshakeException? Failure) Accept(
        Transport transport, OpeningWatchdog watchdog, ServerOptions options, ServerHandshakeOptions handshakeOptions)
    {
        using var opening = new ServerOpening(options, handshakeOptions);
        try
        {
            while (!opening.Take(transport.Receive(opening._input, Timeout.InfiniteTimeSpan)))
            {
            }

            transport.Send(opening._output.WrittenSpan);
            if (opening.Failure is null)
            {
                watchdog.Accept();
                return (opening.ToWebSocket(transport), null);
            }

            // Dropping what the peer still sends keeps the response from being lost to a reset; it is never looked at.
            bool ends = transport.ShutdownSend();
            while (ends && transport.Receive(opening._input, Timeout.InfiniteTimeSpan) > 0)
            {
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            opening.Failure ??= watchdog.Explain(exception, opening._handshake.Request);
        }

        return (null, opening.Failure);
    }

    /// <inheritdoc cref="Accept"/>
    public static async ValueTask<(WebSocket? Accepted, HandshakeException? Failure)> AcceptAsync(
        Transport transport, OpeningWatchdog watchdog, ServerOptions options, ServerHandshakeOptions handshakeOptions, CancellationToken cancellationToken)
    {
        using var opening = new ServerOpening(options, handshakeOptions);
        try
        {
            while (!opening.Take(await transport.ReceiveAsync(opening._input).ConfigureAwait(false)))
            {
            }

            await transport.SendAsync(opening._output.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
            if (opening.Failure is null)
            {
                watchdog.Accept();
                return (opening.ToWebSocket(transport), null);
            }

            bool ends = await transport.ShutdownSendAsync().ConfigureAwait(false);
            while (ends && await transport.ReceiveAsync(opening._input).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            opening.Failure ??= watchdog.Explain(exception, opening._handshake.Request);
        }

        return (null, opening.Failure);
    }

    public void Dispose()
    {
        _output.Dispose();
        BufferPool.Return(_input);
    }

    private WebSocket ToWebSocket(Transport transport) =>
        new(transport, WebSocketRole.Server, _options, _input.AsSpan(_start, _end - _start), _handshake.ExtensionInstances)
        {
            Request = _handshake.Request,
            Subprotocol = Subprotocol,
            Extensions = _handshake.AcceptedExtensions,
        };

    // True when the answer stands in the output.
    private bool Take(int received)
    {
        if (received == 0)
        {
            throw new IOException("The client ended the connection before its request was complete.");
        }

        ReadOnlySpan<byte> rest = _input.AsSpan(0, received);
        ServerHandshakeStatus status = _handshake.Receive(ref rest);
        _start = received - rest.Length;
        _end = received;
        if (status == ServerHandshakeStatus.NeedMoreData)
        {
            return false;
        }

        try
        {
            Answer(status);
        }
        catch (Exception exception)
        {
            // The application's code failed, whatever it threw: the client gets its 500, and the caller the cause.
            _output.Clear();
            Refuse(HandshakeViolation.RefusedByApplication, $"The application failed to answer the request: {exception.Message}", HttpResponse.Text(500, "Internal Server Error\n"), exception);
        }

        return true;
    }

    private void Answer(ServerHandshakeStatus status)
    {
        if (status == ServerHandshakeStatus.Refused)
        {
            HandshakeRefusal refusal = _handshake.Refusal!;
            Refuse(refusal.Reason, refusal.Message, refusal.Response);
        }
        else if (status == ServerHandshakeStatus.PlainRequest)
        {
            HttpResponse response = Ask(_options.OnRequest) ?? ServerHandshake.UpgradeRequired;
            Refuse(HandshakeViolation.PlainRequest, $"The request asked for no upgrade and was answered with {response.StatusCode}.", response);
        }
        else if (Ask(_options.OnUpgrade) is { } response)
        {
            Refuse(HandshakeViolation.RefusedByApplication, $"The application refused the request with {response.StatusCode}.", response);
        }
        else
        {
            Subprotocol = _handshake.Accept(_output);
        }
    }

    private HttpResponse? Ask(Func<HttpRequestHead, HttpResponse?>? application) => application?.Invoke(_handshake.Request!);

    private void Refuse(HandshakeViolation reason, string message, HttpResponse response, Exception? cause = null)
    {
        response.Write(_output, omitBody: _handshake.Request?.Method == "HEAD");
        Failure = new HandshakeException(reason, message, cause) { StatusCode = response.StatusCode, Request = _handshake.Request };
    }
}
