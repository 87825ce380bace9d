using Wspy.Buffers;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>Drives the opening handshake of a server over a transport.</summary>
/// <remarks>One handshake; not thread-safe.</remarks>
internal sealed class ServerOpeningDriver : IDisposable
{
    private readonly ServerOpening _opening;
    private readonly PooledBuffer _output = new();
    private readonly byte[] _input = BufferPool.Rent(2048);
    private int _start;
    private int _end;
    private bool _isOpened;

    private ServerOpeningDriver(Transport transport, ServerGate gate, ServerHandshakeOptions handshakeOptions) =>
        _opening = new ServerOpening(handshakeOptions, gate) { Peer = transport, Tls = transport.Tls, HidesPeer = transport.HidesPeer };

    /// <summary>Upgrades the transport, or answers the request and ends the transport.</summary>
    /// <returns>The upgraded WebSocket, or why there is none; neither where the client has left after plain requests that were answered.</returns>
    public static (WebSocket? Accepted, HandshakeException? Failure) Accept(
        Transport transport, OpeningWatchdog watchdog, ServerGate gate, ServerHandshakeOptions handshakeOptions)
    {
        using var driver = new ServerOpeningDriver(transport, gate, handshakeOptions);
        HandshakeException? failure;
        try
        {
            for (ServerOpeningStatus status = default; status != ServerOpeningStatus.Answered; status = driver.Proceed())
            {
                if (status == ServerOpeningStatus.NeedMoreData)
                {
                    watchdog.IsIdle = driver._opening.IsBetweenRequests;
                    driver.Received(transport.Receive(driver._input, Timeout.InfiniteTimeSpan));
                }
                else if (status == ServerOpeningStatus.Pending)
                {
                    watchdog.Wait(driver._opening);
                }
                else
                {
                    transport.Send(driver._output.WrittenSpan);
                    driver.Sent(status, watchdog);
                }
            }

            transport.Send(driver._output.WrittenSpan);
            failure = driver._opening.Failure;
            if (failure is null)
            {
                watchdog.Accept();
                return (driver.ToWebSocket(transport), null);
            }

            Drop(transport, driver._input);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            failure = driver.Explain(exception, watchdog);
        }

        return (null, failure);
    }

    /// <inheritdoc cref="Accept"/>
    public static async ValueTask<(WebSocket? Accepted, HandshakeException? Failure)> AcceptAsync(
        Transport transport, OpeningWatchdog watchdog, ServerGate gate, ServerHandshakeOptions handshakeOptions, CancellationToken cancellationToken)
    {
        using var driver = new ServerOpeningDriver(transport, gate, handshakeOptions);
        HandshakeException? failure;
        try
        {
            for (ServerOpeningStatus status = default; status != ServerOpeningStatus.Answered; status = driver.Proceed())
            {
                if (status == ServerOpeningStatus.NeedMoreData)
                {
                    watchdog.IsIdle = driver._opening.IsBetweenRequests;
                    driver.Received(await transport.ReceiveAsync(driver._input).ConfigureAwait(false));
                }
                else if (status == ServerOpeningStatus.Pending)
                {
                    await watchdog.WaitAsync(driver._opening).ConfigureAwait(false);
                }
                else
                {
                    await transport.SendAsync(driver._output.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
                    driver.Sent(status, watchdog);
                }
            }

            await transport.SendAsync(driver._output.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
            failure = driver._opening.Failure;
            if (failure is null)
            {
                watchdog.Accept();
                return (driver.ToWebSocket(transport), null);
            }

            await DropAsync(transport, driver._input).ConfigureAwait(false);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            failure = driver.Explain(exception, watchdog);
        }

        return (null, failure);
    }

    /// <summary>Answers a client that speaks plain HTTP where TLS is spoken.</summary>
    /// <param name="transport">Below TLS.</param>
    /// <returns>Why there is no WebSocket.</returns>
    public static HandshakeException RefusePlain(Transport transport)
    {
        using var output = new PooledBuffer();
        WrongScheme.Answer.Write(output);
        try
        {
            transport.Send(output.WrittenSpan);
            Drop(transport, new byte[1024]);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            // It did not wait for the answer.
        }

        return PlainToTls();
    }

    /// <inheritdoc cref="RefusePlain"/>
    public static async ValueTask<HandshakeException> RefusePlainAsync(Transport transport)
    {
        using var output = new PooledBuffer();
        WrongScheme.Answer.Write(output);
        try
        {
            await transport.SendAsync(output.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
            await DropAsync(transport, new byte[1024]).ConfigureAwait(false);
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            // It did not wait for the answer.
        }

        return PlainToTls();
    }

    public static HandshakeException PlainToTls() => new(HandshakeViolation.WrongScheme, WrongScheme.PlainToTls) { StatusCode = 400 };

    public void Dispose()
    {
        _output.Dispose();
        BufferPool.Return(_input);

        // The answer may have been lost on its way, with what was agreed on in it.
        for (int i = 0; !_isOpened && i < _opening.ExtensionInstances.Count; i++)
        {
            _opening.ExtensionInstances[i].Dispose();
        }
    }

    // Dropping what the peer still sends keeps the response from being lost to a reset; it is never looked at.
    private static void Drop(Transport transport, byte[] buffer)
    {
        bool ends = transport.ShutdownSend();
        while (ends && transport.Receive(buffer, Timeout.InfiniteTimeSpan) > 0)
        {
        }
    }

    private static async ValueTask DropAsync(Transport transport, byte[] buffer)
    {
        bool ends = await transport.ShutdownSendAsync().ConfigureAwait(false);
        while (ends && await transport.ReceiveAsync(buffer).ConfigureAwait(false) > 0)
        {
        }
    }

    private WebSocket ToWebSocket(Transport transport)
    {
        _isOpened = true;
        return new WebSocket(transport, WebSocketRole.Server, _opening.Gate.Options, _input.AsSpan(_start, _end - _start), _opening.ExtensionInstances)
        {
            Request = _opening.Request,
            Subprotocol = _opening.Subprotocol,
            Extensions = _opening.AcceptedExtensions,
        };
    }

    private void Sent(ServerOpeningStatus status, OpeningWatchdog watchdog)
    {
        _output.Clear(keepArray: true);
        if (status == ServerOpeningStatus.Kept)
        {
            watchdog.Restart();
        }
    }

    private HandshakeException? Explain(Exception cause, OpeningWatchdog watchdog) =>
        _opening.IsBetweenRequests ? null : _opening.Failure ?? watchdog.Explain(cause, _opening.Request);

    private void Received(int count)
    {
        if (count == 0)
        {
            throw new IOException("The client ended the connection before its request was complete.");
        }

        _start = 0;
        _end = count;
    }

    // What is behind a request that may be followed by another is that other one.
    private ServerOpeningStatus Proceed()
    {
        ReadOnlySpan<byte> rest = _input.AsSpan(_start, _end - _start);
        ServerOpeningStatus status = _opening.Receive(ref rest, _output);
        _start = _end - rest.Length;
        return status;
    }
}
