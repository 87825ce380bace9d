using System.Net.Sockets;

namespace Wspy;

/// <summary>What servers do while the system cannot accept: when descriptors or memory have run out.</summary>
/// <remarks>Used by the threads that accept; should two of them meet here, the log gets a line more.</remarks>
internal sealed class AcceptTrouble
{
    /// <summary>The time that others get to give something back.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(100);

    /// <summary>While that lasts, the log says so this often.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(5);

    private readonly long _interval = (long)TellInterval.TotalMilliseconds;
    private long _tellsAgain;

    public AcceptTrouble()
    {
        // Loaded now: when descriptors have run out, no assembly can be opened any more, and the thread that accepts would end over telling so.
        _ = new SocketException((int)SocketError.TooManyOpenSockets).Message;
    }

    /// <summary>Whether the log is to be told, this time.</summary>
    /// <param name="now">Milliseconds of any clock.</param>
    public bool IsToBeTold(long now)
    {
        if (now < _tellsAgain)
        {
            return false;
        }

        _tellsAgain = now + _interval;
        return true;
    }
}
