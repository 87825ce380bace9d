using System.Net;

namespace Wspy.Handshake;

/// <summary>Counts wrong credentials by address, in spans of time that begin with the first.</summary>
/// <remarks>Of an IPv6 address the first half counts, since one client has the whole other half. Safe from any thread.</remarks>
internal sealed class AttemptLimiter
{
    /// <summary>Addresses that are remembered at once, 100 bytes each or so; of more, the oldest are forgiven.</summary>
    private const int MaxAddresses = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Failures> _failures = [];
    private readonly Queue<(IPAddress Address, TimeSpan Began)> _order = new();

    public bool IsExhausted(IPAddress? address, int limit, TimeSpan window, TimeSpan now)
    {
        lock (_gate)
        {
            return address is not null && _failures.TryGetValue(Key(address), out Failures failures) && now - failures.Began < window && failures.Count >= limit;
        }
    }

    public void Fail(IPAddress? address, TimeSpan window, TimeSpan now)
    {
        if (address is null)
        {
            return;
        }

        lock (_gate)
        {
            IPAddress key = Key(address);
            if (_failures.TryGetValue(key, out Failures failures) && now - failures.Began < window)
            {
                _failures[key] = failures with { Count = failures.Count + 1 };
                return;
            }

            while (_order.TryPeek(out (IPAddress Address, TimeSpan Began) oldest) && (_order.Count >= MaxAddresses || now - oldest.Began >= window))
            {
                _order.Dequeue();
                _failures.Remove(oldest.Address);
            }

            _failures[key] = new Failures(now, 1);
            _order.Enqueue((key, now));
        }
    }

    private static IPAddress Key(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        byte[] bytes = address.GetAddressBytes();
        if (bytes.Length == 4)
        {
            return address;
        }

        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private readonly record struct Failures(TimeSpan Began, int Count);
}
