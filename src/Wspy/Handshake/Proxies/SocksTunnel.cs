using System.Buffers;

namespace Wspy.Handshake;

/// <summary>What the versions of SOCKS have in common: replies of few bytes, judged at each byte, of which the first few tell the size.</summary>
internal abstract class SocksTunnel(ProxyServer proxy, ProxyTarget target) : ProxyTunnel(proxy, target)
{
    /// <summary>The longest reply: 4 bytes, a name with its length, a port (RFC 1928 §6).</summary>
    private const int MaxReply = 4 + 1 + 255 + 2;

    private readonly byte[] _reply = new byte[MaxReply];
    private int _count;

    protected sealed override ProxyTunnelStatus Take(ref ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        _reply[_count++] = input[0];
        input = input[1..];
        return Judge(_reply.AsSpan(0, _count), output);
    }

    /// <summary>Looks at a reply after each of its bytes; the last one is new.</summary>
    protected abstract ProxyTunnelStatus Judge(ReadOnlySpan<byte> reply, IBufferWriter<byte> output);

    /// <summary>The reply is complete, and another one follows.</summary>
    protected ProxyTunnelStatus ExpectNext()
    {
        _count = 0;
        return ProxyTunnelStatus.NeedMoreData;
    }

    /// <summary>A reply that begins with another byte than it must.</summary>
    protected ProxyTunnelStatus FailVersion(byte version)
    {
        string guess = version == 'H' ? ", as an HTTP server does: write http:// for an HTTP proxy" : "";
        return Fail(ProxyFailure.InvalidReply, $"The {Proxy} answered with 0x{version:X2}, which is no {Proxy.Kind}{guess}.");
    }
}
