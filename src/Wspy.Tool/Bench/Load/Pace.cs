using System.Diagnostics;

namespace Wspy.Tool.Bench.Load;

/// <summary>
/// An open loop's plan: message after message at its time, to one connection after another, whether or not the server keeps up.
/// A latency counts from that time, so a server that stalls is charged with all the messages that it held up, and not
/// just with the one that was under way (the mistake called coordinated omission).
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class Pace(double perSecond, int connections, long start)
{
    private readonly double _interval = Stopwatch.Frequency / perSecond;
    private long _next;

    /// <summary>When the next message is due.</summary>
    public long NextTime => TimeOf(_next);

    /// <summary>Messages that were due until now, and were handed out by <see cref="TryTake"/>.</summary>
    public long Taken => _next;

    /// <summary>Takes the next message, if it is due.</summary>
    /// <param name="now">The time.</param>
    /// <param name="connection">The number of the connection whose turn it is.</param>
    public bool TryTake(long now, out int connection)
    {
        if (NextTime > now)
        {
            connection = -1;
            return false;
        }

        connection = (int)(_next++ % connections);
        return true;
    }

    /// <summary>When message <paramref name="number"/> of one connection is due, counted from 0.</summary>
    public long TimeOf(int connection, long number) => TimeOf((number * connections) + connection);

    private long TimeOf(long number) => start + (long)(number * _interval);
}
