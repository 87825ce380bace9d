using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Wspy.Handshake;

/// <summary>SOCKS4, and its extension 4a, where the proxy looks up names.</summary>
/// <remarks>
/// <code>
/// client: 04 01 port address user 00 [name 00]    proxy: 00 code port address
/// </code>
/// A name goes with the address 0.0.0.1, which is none. There is no password; the user is only a claim.
/// </remarks>
internal sealed class Socks4Tunnel(ProxyServer proxy, ProxyTarget target, NetworkCredential? credential) : SocksTunnel(proxy, target)
{
    private const int ReplySize = 8;

    public override void Begin(IBufferWriter<byte> output)
    {
        Span<byte> port = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)Target.Port);
        byte[] address = Target.Address?.GetAddressBytes() ?? [0, 0, 0, 1];
        byte[] user = Encoding.UTF8.GetBytes(credential?.UserName ?? "");
        byte[] name = Target.Address is null ? [.. Encoding.ASCII.GetBytes(Target.Host), 0] : [];
        byte[] request = [4, 1, .. port, .. address, .. user, 0, .. name];
        output.Write(request);
    }

    protected override ProxyTunnelStatus Judge(ReadOnlySpan<byte> reply, IBufferWriter<byte> output) => reply.Length switch
    {
        1 => reply[0] == 0 ? ProxyTunnelStatus.NeedMoreData : FailVersion(reply[0]),
        2 => JudgeCode(reply[1]),
        < ReplySize => ProxyTunnelStatus.NeedMoreData,
        _ => ProxyTunnelStatus.Open,
    };

    private ProxyTunnelStatus JudgeCode(byte code) => code switch
    {
        90 => ProxyTunnelStatus.NeedMoreData,
        91 => Fail(ProxyFailure.Refused, $"The {Proxy} rejected the connection to {Target}, or failed to make it (code 91)."),
        92 or 93 => Fail(ProxyFailure.CredentialsRefused, $"The {Proxy} could not confirm the user name with this host's identd (code {code}): use a socks5 proxy."),
        _ => Fail(ProxyFailure.InvalidReply, $"The {Proxy} answered with the unknown code {code}."),
    };
}
