using System.Net;

namespace Wspy;

/// <summary>The proxies in front of a server that are believed when they tell for whom they ask; everybody else is not.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public sealed record TrustedProxies
{
    /// <summary>Their addresses: a network each, such as <c>10.0.0.0/8</c> or <c>::1/128</c>. An IPv4 address that comes as an IPv6 one is an IPv4 address.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<IPNetwork> Networks
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Networks));
            field = [.. value];
        }
    } = [];

    /// <summary>Whether peers without an address are trusted: those of Unix-domain sockets, to which the file's mode lets in whom it lets in, and of streams.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool UnixSockets { get; init; }

    /// <summary>Whether each connection begins with a header of the PROXY protocol, version 1 or 2. Then nobody but trusted proxies may connect, and a connection without it is ended.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool ProxyProtocol { get; init; }

    /// <summary>Which header fields of their requests tell for whom they ask. One kind only: a proxy that writes one lets a client's other one pass.</summary>
    /// <value>Default <see cref="ForwardedHeaders.None"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">Set to no such kind.</exception>
    public ForwardedHeaders Headers
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Headers), value, "There is no such kind of header fields.");
    }

    internal bool Trusts(EndPoint? peer)
    {
        if ((peer as IPEndPoint)?.Address is not { } address)
        {
            return UnixSockets;
        }

        IPAddress plain = Unmap(address);
        foreach (IPNetwork network in Networks)
        {
            if (network.Contains(plain) || network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>An IPv4 address that is written as an IPv6 one as what it is, so that nobody is two.</summary>
    internal static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
