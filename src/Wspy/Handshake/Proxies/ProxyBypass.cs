using System.Net;

namespace Wspy.Handshake;

/// <summary>The hosts that are connected to without a proxy, as <c>NO_PROXY</c> lists them, and this machine itself.</summary>
/// <remarks>
/// Entries are divided by commas or spaces: a name (with all names below it, with or without a point in front), an address, a network such as
/// <c>10.0.0.0/8</c>, each but networks with a port if only that is meant, or <c>*</c> for all. Immutable.
/// </remarks>
internal sealed class ProxyBypass
{
    private readonly List<(string Name, int Port)> _names = [];
    private readonly List<(IPAddress Address, int Port)> _addresses = [];
    private readonly List<IPNetwork> _networks = [];
    private readonly bool _matchesAll;

    /// <param name="list">The variable's value; null for none.</param>
    public ProxyBypass(string? list)
    {
        foreach (string entry in (list ?? "").Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry == "*")
            {
                _matchesAll = true;
            }
            else if (IPNetwork.TryParse(entry, out IPNetwork network))
            {
                _networks.Add(network);
            }
            else
            {
                Add(entry);
            }
        }
    }

    /// <summary>Whether a host is connected to directly.</summary>
    /// <param name="host">A name in ASCII, or an address without brackets.</param>
    /// <param name="port">Its port.</param>
    public bool Matches(string host, int port)
    {
        if (_matchesAll || IsThisMachine(host))
        {
            return true;
        }

        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            IPAddress plain = TrustedProxies.Unmap(address);
            return _addresses.Exists(entry => entry.Address.Equals(plain) && IsPort(entry.Port, port)) || _networks.Exists(network => network.Contains(address) || network.Contains(plain));
        }

        string name = host.TrimEnd('.');
        return _names.Exists(entry => IsPort(entry.Port, port) && IsBelow(name, entry.Name));
    }

    /// <summary>Whether a host is this machine: a proxy would take it for itself.</summary>
    public static bool IsThisMachine(string host)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return IPAddress.IsLoopback(address) || (address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(address.MapToIPv4()));
        }

        // RFC 6761 §6.3: all names below localhost mean this machine.
        return IsBelow(host.TrimEnd('.'), "localhost");
    }

    private void Add(string entry)
    {
        int colon = entry.LastIndexOf(':');
        bool hasPort = colon > 0 && (entry.IndexOf(':') == colon || entry[colon - 1] == ']') && ushort.TryParse(entry.AsSpan(colon + 1), out _);
        int port = hasPort ? ushort.Parse(entry.AsSpan(colon + 1), provider: null) : 0;
        string host = hasPort ? entry[..colon] : entry;
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            _addresses.Add((TrustedProxies.Unmap(address), port));
            return;
        }

        host = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host.TrimStart('.');
        if (host.Length > 0)
        {
            _names.Add((host.TrimEnd('.'), port));
        }
    }

    private static bool IsPort(int wanted, int port) => wanted == 0 || wanted == port;

    private static bool IsBelow(string name, string parent) =>
        name.EndsWith(parent, StringComparison.OrdinalIgnoreCase) && (name.Length == parent.Length || name[^(parent.Length + 1)] == '.');
}
