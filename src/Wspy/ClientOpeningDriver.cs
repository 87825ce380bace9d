using Wspy.Buffers;
using Wspy.Transports;

namespace Wspy;

/// <summary>Drives the opening handshake of a client over a transport.</summary>
/// <remarks>One handshake; not thread-safe.</remarks>
internal sealed class ClientOpeningDriver : IDisposable
{
    private readonly ClientOptions _options;
    private readonly ClientOpening _opening;
    private readonly byte[] _input;
    private int _start;
    private int _end;

    private ClientOpeningDriver(Uri uri, ClientOptions options)
    {
        _options = options;
        _opening = new ClientOpening(uri, options);
        _input = BufferPool.Rent(2048);
    }

    /// <summary>Prepares the request, before anything is connected.</summary>
    /// <exception cref="ArgumentException">The URL or an option cannot be kept.</exception>
    public static ClientOpeningDriver Prepare(Uri uri, ClientOptions options) => new(uri, options);

    /// <summary>Upgrades the transport.</summary>
    /// <exception cref="HandshakeException">The server refused, or did not keep the rules.</exception>
    public WebSocket Connect(Transport transport, OpeningWatchdog watchdog)
    {
        try
        {
            transport.Send(_opening.Request.Span);
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
            await transport.SendAsync(_opening.Request, CancellationToken.None).ConfigureAwait(false);
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
        _opening.Dispose();
        BufferPool.Return(_input);
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
