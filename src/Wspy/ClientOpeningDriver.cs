using Wspy.Buffers;
using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>Drives the opening handshake of a client over a transport.</summary>
/// <remarks>One handshake; not thread-safe.</remarks>
internal sealed class ClientOpeningDriver : IDisposable
{
    private readonly ClientOptions _options;
    private readonly Uri _uri;
    private readonly ClientAuthentication? _authentication;
    private ClientOpening _opening;
    private readonly byte[] _input;
    private int _start;
    private int _end;
    private bool _hasEnded;

    private ClientOpeningDriver(Uri uri, ClientOptions options, ClientAuthentication? authentication)
    {
        _options = options;
        _uri = uri;
        _authentication = authentication;
        _opening = new ClientOpening(uri, options, authentication?.Header);
        _input = BufferPool.Rent(2048);
    }

    /// <summary>Prepares the request, before anything is connected.</summary>
    /// <exception cref="ArgumentException">The URL or an option cannot be kept.</exception>
    public static ClientOpeningDriver Prepare(Uri uri, ClientOptions options, ClientAuthentication? authentication) => new(uri, options, authentication);

    /// <summary>Whether the server wants credentials that are there now, and another connection for them.</summary>
    public bool IsToBeRepeated { get; private set; }

    /// <summary>Upgrades the transport.</summary>
    /// <exception cref="HandshakeException">The server refused, or did not keep the rules.</exception>
    public WebSocket Connect(Transport transport, OpeningWatchdog watchdog)
    {
        try
        {
            while (true)
            {
                transport.Send(_opening.Request.Span);
                while (!Take(transport.Receive(_input, Timeout.InfiniteTimeSpan)))
                {
                }

                if (!TryAnswer())
                {
                    return ToWebSocket(transport, watchdog);
                }

                if (_authentication!.NeedsToken)
                {
                    ClientTokens.Get(_authentication, _options);
                }

                Repeat();
            }
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
            while (true)
            {
                await transport.SendAsync(_opening.Request, CancellationToken.None).ConfigureAwait(false);
                while (!Take(await transport.ReceiveAsync(_input).ConfigureAwait(false)))
                {
                }

                if (!TryAnswer())
                {
                    return ToWebSocket(transport, watchdog);
                }

                if (_authentication!.NeedsToken)
                {
                    await ClientTokens.GetAsync(_authentication, _options, cancellationToken).ConfigureAwait(false);
                }

                Repeat();
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Lost(watchdog, exception);
        }
    }

    public void Dispose()
    {
        _opening.Dispose();
        BufferPool.Return(_input);
    }

    // True when the challenge is to be answered on this connection.
    private bool TryAnswer()
    {
        if (!_opening.IsRefused || _opening.Response is not { } response || _authentication?.TryAnswer(response) != true)
        {
            return false;
        }

        IsToBeRepeated = !_opening.MayBeFollowed || _start < _end || _hasEnded;
        return !IsToBeRepeated;
    }

    private void Repeat()
    {
        ClientOpening next = new(_uri, _options, _authentication!.Header);
        _opening.Dispose();
        _opening = next;
    }

    private WebSocket ToWebSocket(Transport transport, OpeningWatchdog watchdog)
    {
        if (_opening.GetFailure() is { } failure)
        {
            throw failure;
        }

        watchdog.Accept();
        return new WebSocket(transport, WebSocketRole.Client, _options, _input.AsSpan(_start, _end - _start), _opening.ExtensionInstances)
        {
            Response = _opening.Response,
            Subprotocol = _opening.Subprotocol,
            Extensions = _opening.AcceptedExtensions,
        };
    }

    // True when the handshake is decided, and the body of a refusal is there.
    private bool Take(int received)
    {
        if (received == 0)
        {
            // With it the connection has ended.
            _hasEnded = true;
            return _opening.IsRefused ? true : throw new IOException("The server ended the connection before its answer was complete.");
        }

        ReadOnlySpan<byte> rest = _input.AsSpan(0, received);
        bool isDecided = _opening.Receive(ref rest);
        _start = received - rest.Length;
        _end = received;
        return isDecided;
    }

    // A refusal whose body broke off is still a refusal.
    private HandshakeException Lost(OpeningWatchdog watchdog, Exception cause) => _opening.GetFailure() ?? watchdog.Explain(cause);
}
