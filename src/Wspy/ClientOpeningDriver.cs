using Wspy.Buffers;
using Wspy.Extensions;
using Wspy.Transports;

namespace Wspy;

/// <summary>Drives the requests of a client's opening that go over one transport.</summary>
/// <param name="attempts">The requests.</param>
/// <param name="isOnly">Whether there is no other connection to be had.</param>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ClientOpeningDriver(ClientAttempts attempts, bool isOnly = false) : IDisposable
{
    private readonly byte[] _input = BufferPool.Rent(2048);
    private int _start;
    private int _end;
    private bool _hasEnded;

    // Another request on the same connection, of which nothing was answered yet.
    private bool _isUnansweredRepeat;

    /// <summary>Upgrades the transport, with a request that was prepared.</summary>
    /// <returns>Null when the next request needs another connection.</returns>
    /// <exception cref="HandshakeException">The server refused, or did not keep the rules.</exception>
    public WebSocket? Connect(Transport transport, OpeningWatchdog watchdog)
    {
        while (true)
        {
            try
            {
                transport.Send(attempts.Opening.Request.Span);
                while (!Take(transport.Receive(_input, Timeout.InfiniteTimeSpan)))
                {
                }
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                if (BreakOff(watchdog, exception))
                {
                    return null;
                }
            }

            if (Judge() is var step && step != ClientStep.Repeat)
            {
                return step == ClientStep.Opened ? ToWebSocket(transport, watchdog) : null;
            }

            ClientTokens.Prepare(attempts);
            _isUnansweredRepeat = true;
        }
    }

    /// <inheritdoc cref="Connect"/>
    public async ValueTask<WebSocket?> ConnectAsync(Transport transport, OpeningWatchdog watchdog, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await transport.SendAsync(attempts.Opening.Request, CancellationToken.None).ConfigureAwait(false);
                while (!Take(await transport.ReceiveAsync(_input).ConfigureAwait(false)))
                {
                }
            }
            catch (Exception exception) when (Transport.IsConnectionLoss(exception))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (BreakOff(watchdog, exception))
                {
                    return null;
                }
            }

            if (Judge() is var step && step != ClientStep.Repeat)
            {
                return step == ClientStep.Opened ? ToWebSocket(transport, watchdog, cancellationToken) : null;
            }

            await ClientTokens.PrepareAsync(attempts, cancellationToken).ConfigureAwait(false);
            _isUnansweredRepeat = true;
        }
    }

    public void Dispose() => BufferPool.Return(_input);

    private ClientStep Judge()
    {
        ClientStep step = attempts.Judge(keepsConnection: attempts.Opening.MayBeFollowed && _start == _end && !_hasEnded);
        return step != ClientStep.Refused ? step : throw attempts.GetFailure();
    }

    private WebSocket ToWebSocket(Transport transport, OpeningWatchdog watchdog, CancellationToken cancellationToken = default)
    {
        try
        {
            watchdog.Accept();
        }
        catch (IOException exception)
        {
            foreach (ExtensionInstance instance in attempts.Opening.ExtensionInstances)
            {
                instance.Dispose();
            }

            cancellationToken.ThrowIfCancellationRequested();
            throw watchdog.Explain(exception);
        }

        ClientOpening opening = attempts.Opening;
        return new WebSocket(transport, WebSocketRole.Client, attempts.Options, _input.AsSpan(_start, _end - _start), opening.ExtensionInstances)
        {
            Response = opening.Response,
            Subprotocol = opening.Subprotocol,
            Extensions = opening.AcceptedExtensions,
        };
    }

    // True when the handshake is decided, and the body of a refusal is there.
    private bool Take(int received)
    {
        if (received == 0)
        {
            // With it the connection has ended.
            _hasEnded = true;
            return attempts.Opening.IsRefused ? true : throw new IOException("The server ended the connection before its answer was complete.");
        }

        _isUnansweredRepeat = false;
        ReadOnlySpan<byte> rest = _input.AsSpan(0, received);
        bool isDecided = attempts.Opening.Receive(ref rest);
        _start = received - rest.Length;
        _end = received;
        return isDecided;
    }

    // A refusal whose body broke off is still a refusal. True when the server has ended the connection after its last answer, as it may (RFC 9112 §9.3.1): the request
    // goes over another one then.
    private bool BreakOff(OpeningWatchdog watchdog, Exception cause)
    {
        _hasEnded = true;
        if (_isUnansweredRepeat && !isOnly && !watchdog.HasGivenUp)
        {
            return true;
        }

        if (!attempts.Opening.IsRefused)
        {
            throw watchdog.Explain(cause);
        }

        return false;
    }
}
