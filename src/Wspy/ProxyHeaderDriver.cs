using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>Reads the header of a trusted proxy, and not a byte of what is behind it.</summary>
internal static class ProxyHeaderDriver
{
    public const string Untrusted = "The connection does not come from a trusted proxy (TrustedProxies.Networks).";

    private const string Invalid = "The connection does not begin with a header of the PROXY protocol.";

    /// <summary>Reads it if the options want one, and makes its address that of the transport.</summary>
    /// <param name="read">Reads from what is below everything else, TLS as well.</param>
    /// <param name="transport">What is upgraded later.</param>
    /// <param name="options">Of the server.</param>
    /// <param name="watchdog">Ends the transport when it takes too long.</param>
    /// <returns>Null when it went well.</returns>
    public static HandshakeException? Read(Func<Memory<byte>, int> read, Transport transport, ServerOptions options, OpeningWatchdog watchdog)
    {
        if (!Begin(transport, options, out ProxyHeader? header, out byte[] buffer))
        {
            return header is null ? null : Failure(Untrusted);
        }

        try
        {
            while (header!.Needed > 0)
            {
                Take(header, buffer, read(buffer.AsMemory(0, Math.Min(header.Needed, buffer.Length))));
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            return watchdog.Explain(exception);
        }

        return Conclude(header, transport);
    }

    /// <inheritdoc cref="Read"/>
    public static async ValueTask<HandshakeException?> ReadAsync(Func<Memory<byte>, ValueTask<int>> read, Transport transport, ServerOptions options, OpeningWatchdog watchdog)
    {
        if (!Begin(transport, options, out ProxyHeader? header, out byte[] buffer))
        {
            return header is null ? null : Failure(Untrusted);
        }

        try
        {
            while (header!.Needed > 0)
            {
                Take(header, buffer, await read(buffer.AsMemory(0, Math.Min(header.Needed, buffer.Length))).ConfigureAwait(false));
            }
        }
        catch (Exception exception) when (Transport.IsConnectionLoss(exception))
        {
            return watchdog.Explain(exception);
        }

        return Conclude(header, transport);
    }

    public static HandshakeException Failure(string message = Invalid) => new(HandshakeViolation.InvalidProxyHeader, message);

    // Whether there is something to read; with a header all the same where it is not to be read, since nobody trusts who would write it.
    private static bool Begin(Transport transport, ServerOptions options, out ProxyHeader? header, out byte[] buffer)
    {
        bool isWanted = options.TrustedProxies is { ProxyProtocol: true };
        header = isWanted ? new ProxyHeader() : null;
        buffer = isWanted ? new byte[ProxyHeader.MaxLine] : [];
        return isWanted && options.TrustedProxies!.Trusts(transport.RemoteEndPoint);
    }

    private static void Take(ProxyHeader header, byte[] buffer, int count)
    {
        if (count == 0)
        {
            throw new IOException("The proxy ended the connection within its header.");
        }

        header.Receive(buffer.AsSpan(0, count));
    }

    private static HandshakeException? Conclude(ProxyHeader header, Transport transport)
    {
        transport.RemoteEndPoint = header.Source ?? transport.RemoteEndPoint;
        transport.HidesPeer = header is { Source: null, IsOwn: false };
        return header.Status == ProxyHeaderStatus.Complete ? null : Failure();
    }
}
