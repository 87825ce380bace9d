using System.Buffers;

namespace Wspy.Handshake;

/// <summary>The client's side of asking a proxy for a connection to a server: bytes of the proxy in, bytes for it out, a verdict.</summary>
/// <remarks>One connection to the proxy; not thread-safe.</remarks>
internal abstract class ProxyTunnel(ProxyServer proxy, ProxyTarget target)
{
    private ProxyTunnelStatus _status;

    /// <summary>Why there is no tunnel, with <see cref="ProxyTunnelStatus.Failed"/>.</summary>
    public ProxyRefusal? Failure { get; private set; }

    /// <summary>The head of an HTTP proxy's answer.</summary>
    public virtual HttpResponseHead? Response => null;

    protected ProxyServer Proxy => proxy;

    protected ProxyTarget Target => target;

    /// <summary>Writes what the client says first.</summary>
    public abstract void Begin(IBufferWriter<byte> output);

    /// <summary>Takes bytes of the proxy's.</summary>
    /// <param name="input">Bytes as received; what has been taken is cut off.</param>
    /// <param name="output">What is to be sent in answer, if anything.</param>
    /// <returns>The status, which stays once it is not <see cref="ProxyTunnelStatus.NeedMoreData"/>.</returns>
    public ProxyTunnelStatus Receive(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        while (_status == ProxyTunnelStatus.NeedMoreData && !input.IsEmpty)
        {
            _status = Take(ref input, output);
        }

        if (_status == ProxyTunnelStatus.Open && !input.IsEmpty)
        {
            // Neither TLS nor a WebSocket server speaks first: whoever wrote this wants it to be taken for the server's.
            _status = Fail(ProxyFailure.InvalidReply, $"The {proxy} sent {input.Length} bytes behind its answer, before anything was sent through it.");
        }

        return _status;
    }

    /// <summary>The proxy has ended the connection, or it was lost.</summary>
    public ProxyTunnelStatus ReceiveEnd()
    {
        if (_status == ProxyTunnelStatus.NeedMoreData)
        {
            _status = TakeEnd();
        }

        return _status;
    }

    protected abstract ProxyTunnelStatus Take(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output);

    protected virtual ProxyTunnelStatus TakeEnd() => Fail(ProxyFailure.ConnectionLost, $"The {proxy} ended the connection before it had answered; is it a {proxy.Kind} proxy?");

    protected ProxyTunnelStatus Fail(ProxyFailure failure, string message)
    {
        Failure = new ProxyRefusal(failure, message);
        return ProxyTunnelStatus.Failed;
    }
}

/// <summary>How far a tunnel is.</summary>
internal enum ProxyTunnelStatus
{
    /// <summary>The proxy's answer goes on; what was written is to be sent.</summary>
    NeedMoreData,

    /// <summary>What is sent from now on goes to the server.</summary>
    Open,

    /// <summary>Another connection to the proxy is needed, and a new tunnel in it: its answer to this one was a challenge.</summary>
    Repeat,

    /// <summary>There is no tunnel.</summary>
    Failed,
}
