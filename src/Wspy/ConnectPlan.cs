using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wspy;

/// <summary>Which addresses of a host are tried in which order and when, and what became of them (RFC 8305, "happy eyeballs").</summary>
/// <remarks>
/// The system's order (RFC 6724) decides which family goes first; from then on they take turns (§4). The next attempt begins <see cref="Stagger"/>
/// after the last one, or at once when that has failed (§5). One connection; not thread-safe.
/// </remarks>
internal sealed class ConnectPlan
{
    /// <summary>The Connection Attempt Delay that RFC 8305 §5 recommends.</summary>
    public static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    /// <summary>What an error lists, of however many a name server has told.</summary>
    private const int MaxListed = 16;

    private readonly string _what;
    private readonly EndPoint[] _endPoints;
    private readonly TimeProvider _clock;
    private readonly List<(EndPoint EndPoint, SocketError? Error)> _tried = [];
    private long _begun;
    private bool _isUrgent = true;

    private ConnectPlan(string what, EndPoint[] endPoints, TimeProvider clock)
    {
        _what = what;
        _endPoints = endPoints;
        _clock = clock;
    }

    public bool HasMore => _tried.Count < _endPoints.Length;

    /// <summary>When the next attempt is due; infinite when there is none.</summary>
    public TimeSpan UntilNext
    {
        get
        {
            if (!HasMore)
            {
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan left = _isUrgent ? TimeSpan.Zero : Stagger - _clock.GetElapsedTime(_begun);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <param name="what">Whom the attempts are for, such as <c>example.com:443</c>.</param>
    /// <param name="addresses">In the system's order.</param>
    /// <param name="port">The same for all.</param>
    /// <param name="clock">Tells when the next one is due.</param>
    public static ConnectPlan For(string what, IReadOnlyList<IPAddress> addresses, int port, TimeProvider clock) =>
        new(what, [.. Interleave(addresses).Select(address => new IPEndPoint(address, port))], clock);

    /// <summary>One address, such as that of a Unix-domain socket.</summary>
    public static ConnectPlan For(string what, EndPoint endPoint, TimeProvider clock) => new(what, [endPoint], clock);

    /// <summary>RFC 8305 §4: the families take turns, that of the first address first; within each the order stays.</summary>
    public static IEnumerable<IPAddress> Interleave(IReadOnlyList<IPAddress> addresses)
    {
        IPAddress[] first = [.. addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily)];
        IPAddress[] others = [.. addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily)];
        for (int i = 0; i < Math.Max(first.Length, others.Length); i++)
        {
            if (i < first.Length)
            {
                yield return first[i];
            }

            if (i < others.Length)
            {
                yield return others[i];
            }
        }
    }

    /// <summary>Takes the next address to try.</summary>
    public EndPoint Begin()
    {
        EndPoint next = _endPoints[_tried.Count];
        _tried.Add((next, null));
        _begun = _clock.GetTimestamp();
        _isUrgent = false;
        return next;
    }

    /// <summary>An attempt has failed; the next one begins at once.</summary>
    public void Fail(EndPoint endPoint, SocketError error)
    {
        int index = _tried.FindIndex(tried => ReferenceEquals(tried.EndPoint, endPoint));
        _tried[index] = (endPoint, error);
        _isUrgent = true;
    }

    /// <summary>An attempt has succeeded; what comes now may still take too long.</summary>
    public void Connected(EndPoint endPoint) => _tried[_tried.FindIndex(tried => ReferenceEquals(tried.EndPoint, endPoint))] = (endPoint, SocketError.Success);

    /// <summary>The error when all attempts have failed: the first one's code, and a sentence with all addresses.</summary>
    public SocketException ToException()
    {
        SocketError error = _tried.Count == 0 ? SocketError.HostNotFound : _tried[0].Error ?? SocketError.SocketError;
        return new SocketException((int)error, $"No connection to {_what}{Describe()}.");
    }

    /// <summary>Such as <c>; tried [::1]:80 (Connection refused), 127.0.0.1:80</c>; empty when nothing was.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach ((EndPoint endPoint, SocketError? error) in _tried.Take(MaxListed))
        {
            // An abstract name begins with NUL, which the platform writes as @.
            text.Append(text.Length == 0 ? "; tried " : ", ").Append(endPoint);
            if (error is { } code)
            {
                text.Append(" (").Append(Explain(endPoint, code)).Append(')');
            }
        }

        return text.Append(_tried.Count > MaxListed ? $", and {_tried.Count - MaxListed} more" : "").ToString();
    }

    // The platform has one code for a path where nothing is, and for an address that is not of this machine.
    private static string Explain(EndPoint endPoint, SocketError error) => error switch
    {
        SocketError.Success => "connected, without an answer so far",
        SocketError.AddressNotAvailable when endPoint is UnixDomainSocketEndPoint => "There is no such socket",
        _ => new SocketException((int)error).Message,
    };
}
