namespace Wspy.Tool.Echo;

/// <summary>Remembers when pings were sent, and pairs each pong with its ping.</summary>
/// <remarks>Safe from any thread: pings go out on the events channel's thread, pongs come in on the connection's.</remarks>
internal sealed class PingTimes(TimeProvider time)
{
    // A client that never answers must not make this grow.
    private const int Limit = 100;

    private readonly Lock _lock = new();
    private readonly List<(byte[] Payload, long Sent)> _pings = [];

    public void Sent(byte[] payload)
    {
        lock (_lock)
        {
            if (_pings.Count == Limit)
            {
                _pings.RemoveAt(0);
            }

            _pings.Add((payload, time.GetTimestamp()));
        }
    }

    /// <returns>The round trip; null for a pong that no ping asked for.</returns>
    public TimeSpan? Answered(ReadOnlySpan<byte> payload)
    {
        long now = time.GetTimestamp();
        lock (_lock)
        {
            for (int i = 0; i < _pings.Count; i++)
            {
                if (payload.SequenceEqual(_pings[i].Payload))
                {
                    long sent = _pings[i].Sent;

                    // RFC 6455 §5.5.3: a pong may answer only the latest of several pings; those before it get none.
                    _pings.RemoveRange(0, i + 1);
                    return time.GetElapsedTime(sent, now);
                }
            }
        }

        return null;
    }
}
