using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Wspy.Handshake;

/// <summary>SOCKS5 (RFC 1928) with a user name and password (RFC 1929); the proxy looks up names.</summary>
/// <remarks>
/// <code>
/// client: 05 count methods                  proxy: 05 method
/// client: 01 length name length password    proxy: 01 status
/// client: 05 01 00 type address port        proxy: 05 reply 00 type address port
/// </code>
/// </remarks>
internal sealed class Socks5Tunnel(ProxyServer proxy, ProxyTarget target, NetworkCredential? credential) : SocksTunnel(proxy, target)
{
    private const byte Version = 5;
    private const byte CredentialsVersion = 1;
    private const byte NoAuthentication = 0;
    private const byte UserAndPassword = 2;
    private const byte NoAcceptableMethod = 0xFF;
    private const byte IPv4 = 1;
    private const byte Name = 3;
    private const byte IPv6 = 4;

    private Stage _stage;

    private enum Stage
    {
        Method,
        Credentials,
        Reply,
    }

    public override void Begin(IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> methods = credential is null ? [Version, 1, NoAuthentication] : [Version, 2, NoAuthentication, UserAndPassword];
        output.Write(methods);
    }

    protected override ProxyTunnelStatus Judge(ReadOnlySpan<byte> reply, IBufferWriter<byte> output) => _stage switch
    {
        Stage.Method => JudgeMethod(reply, output),
        Stage.Credentials => JudgeCredentials(reply, output),
        _ => JudgeReply(reply),
    };

    // RFC 1928 §3
    private ProxyTunnelStatus JudgeMethod(ReadOnlySpan<byte> reply, IBufferWriter<byte> output)
    {
        if (reply.Length == 1)
        {
            return reply[0] == Version ? ProxyTunnelStatus.NeedMoreData : FailVersion(reply[0]);
        }

        switch (reply[1])
        {
            case NoAuthentication:
                WriteRequest(output);
                return ExpectNext();
            case UserAndPassword when credential is not null:
                WriteCredentials(output);
                return ExpectNext();
            case NoAcceptableMethod when credential is null:
                return Fail(ProxyFailure.CredentialsRequired, $"The {Proxy} wants a user name and password: give them in its URI, or as its credentials.");
            case NoAcceptableMethod:
                return Fail(ProxyFailure.CredentialsRefused, $"The {Proxy} takes neither a user name and password nor nothing: it wants an authentication that is not known here.");
            default:
                return Fail(ProxyFailure.InvalidReply, $"The {Proxy} chose authentication method {reply[1]}, which was not offered (RFC 1928 §3).");
        }
    }

    // RFC 1929 §2
    private ProxyTunnelStatus JudgeCredentials(ReadOnlySpan<byte> reply, IBufferWriter<byte> output)
    {
        if (reply.Length == 1)
        {
            return reply[0] == CredentialsVersion
                ? ProxyTunnelStatus.NeedMoreData
                : Fail(ProxyFailure.InvalidReply, $"The {Proxy} answered the password with version {reply[0]} instead of 1 (RFC 1929 §2).");
        }

        if (reply[1] != 0)
        {
            return Fail(ProxyFailure.CredentialsRefused, $"The {Proxy} refused the user name and password (status {reply[1]}).");
        }

        WriteRequest(output);
        return ExpectNext();
    }

    // RFC 1928 §6
    private ProxyTunnelStatus JudgeReply(ReadOnlySpan<byte> reply)
    {
        switch (reply.Length)
        {
            case 1:
                return reply[0] == Version ? ProxyTunnelStatus.NeedMoreData : FailVersion(reply[0]);
            case 2:
                // What follows a refusal means nothing, and some leave it out.
                return reply[1] == 0 ? ProxyTunnelStatus.NeedMoreData : FailReply(reply[1]);
            case 3:
                return reply[2] == 0 ? ProxyTunnelStatus.NeedMoreData : Fail(ProxyFailure.InvalidReply, $"The {Proxy} answered with {reply[2]} where RFC 1928 §6 has a zero.");
            case 4:
                return reply[3] is IPv4 or Name or IPv6 ? ProxyTunnelStatus.NeedMoreData : Fail(ProxyFailure.InvalidReply, $"The {Proxy} answered with an address of the unknown type {reply[3]} (RFC 1928 §6).");
            default:
                int address = reply[3] switch { IPv4 => 4, IPv6 => 16, _ => 1 + reply[4] };
                return reply.Length < 4 + address + sizeof(ushort) ? ProxyTunnelStatus.NeedMoreData : ProxyTunnelStatus.Open;
        }
    }

    private ProxyTunnelStatus FailReply(byte code) => code switch
    {
        2 => Fail(ProxyFailure.Refused, $"The {Proxy} does not connect to {Target}: its rules forbid it (reply 2)."),
        3 => Fail(ProxyFailure.TargetUnreachable, $"The {Proxy} found no network with {Target} (reply 3)."),
        4 => Fail(ProxyFailure.TargetUnreachable, $"The {Proxy} could not reach {Target} (reply 4)."),
        5 => Fail(ProxyFailure.TargetUnreachable, $"The {Proxy} was refused a connection by {Target} (reply 5): nothing listens there."),
        6 => Fail(ProxyFailure.TargetUnreachable, $"The {Proxy} could not reach {Target} in time (reply 6)."),
        7 => Fail(ProxyFailure.Refused, $"The {Proxy} does not know CONNECT (reply 7)."),
        8 => Fail(ProxyFailure.Refused, $"The {Proxy} does not take an address such as that of {Target} (reply 8)."),
        _ => Fail(ProxyFailure.TargetUnreachable, $"The {Proxy} failed to connect to {Target} (reply {code})."),
    };

    private void WriteCredentials(IBufferWriter<byte> output)
    {
        byte[] name = Encoding.UTF8.GetBytes(credential!.UserName);
        byte[] password = Encoding.UTF8.GetBytes(credential.Password);
        byte[] message = [CredentialsVersion, (byte)name.Length, .. name, (byte)password.Length, .. password];
        output.Write(message);
        _stage = Stage.Credentials;
    }

    private void WriteRequest(IBufferWriter<byte> output)
    {
        byte[] address = Target.Address?.GetAddressBytes() ?? Encoding.ASCII.GetBytes(Target.Host);
        Span<byte> port = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(port, (ushort)Target.Port);
        byte[] type = Target.Address is null ? [Name, (byte)address.Length] : [address.Length == 4 ? IPv4 : IPv6];
        byte[] request = [Version, 1, 0, .. type, .. address, .. port];
        output.Write(request);
        _stage = Stage.Reply;
    }
}
