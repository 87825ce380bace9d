using Wspy.Protocol;

namespace Wspy;

/// <summary>Pings a peer that is silent, and ends the connection with one that stays so: what an event loop does by its sweep, for a driver.</summary>
/// <remarks>
/// One timer per connection, which comes once per interval and is never touched by what is received. It holds the connection by a weak reference:
/// one that its application has forgotten is collected. Silence is judged only while somebody receives, since what came otherwise lies unread.
/// </remarks>
internal sealed class SilenceWatch : IDisposable
{
    /// <summary>The time between suspicion and judgement: what lay unread when this process got to run again has been received by then.</summary>
    private static readonly TimeSpan Suspicion = TimeSpan.FromMilliseconds(500);

    /// <summary>The time after which a ping that could not be sent is tried again.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    private readonly ProtocolDriver _driver;
    private readonly WebSocketOptions _options;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private long _received;

    // 0 while no ping waits for its answer, or to be sent.
    private long _pingSent;
    private bool _isPingOut;
    private volatile bool _isReceiving;
    private volatile bool _isSuspected;

    private SilenceWatch(ProtocolDriver driver)
    {
        _driver = driver;
        _options = driver.Options;
        _clock = _options.TimeProvider;
        _received = _clock.GetTimestamp();
        _timer = _clock.CreateTimer(
            static state =>
            {
                if (((WeakReference<SilenceWatch>)state!).TryGetTarget(out SilenceWatch? watch))
                {
                    watch.Arm(watch.Look());
                }
            },
            new WeakReference<SilenceWatch>(this), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(Least(_options.PingInterval, _options.IdleTimeout));
    }

    /// <summary>Begins to watch; null when the options ask for nothing of the kind.</summary>
    public static SilenceWatch? Start(ProtocolDriver driver) =>
        Least(driver.Options.PingInterval, driver.Options.IdleTimeout) == Timeout.InfiniteTimeSpan ? null : new SilenceWatch(driver);

    /// <summary>Somebody receives.</summary>
    public void BeginReceive() => _isReceiving = true;

    /// <summary>The receive is over.</summary>
    /// <param name="any">Whether it brought something.</param>
    public void EndReceive(bool any)
    {
        _isReceiving = false;
        if (any)
        {
            Volatile.Write(ref _received, _clock.GetTimestamp());
            _isSuspected = false;
        }
    }

    public void Dispose() => _timer.Dispose();

    // Infinite when there is nothing more to watch.
    private TimeSpan Look()
    {
        if (!_driver.IsOpen)
        {
            // The closing handshake has a time of its own.
            return Timeout.InfiniteTimeSpan;
        }

        if (!_isReceiving)
        {
            // Judged afresh when somebody receives again.
            Volatile.Write(ref _received, _clock.GetTimestamp());
            _isSuspected = false;
            _pingSent = 0;
            return Least(_options.PingInterval, _options.IdleTimeout);
        }

        long received = Volatile.Read(ref _received);
        if (_pingSent != 0 && received >= _pingSent)
        {
            // Whatever came since: the peer is there.
            _pingSent = 0;
        }

        TimeSpan silence = _clock.GetElapsedTime(received);
        bool isLost = _pingSent != 0 && IsOver(_clock.GetElapsedTime(_pingSent), _options.PingTimeout);
        bool isIdle = IsOver(silence, _options.IdleTimeout);
        if ((isLost || isIdle) && !_isSuspected)
        {
            _isSuspected = true;
            return Suspicion;
        }

        if (isLost)
        {
            _driver.Fail(new PingTimeoutException(_options.PingTimeout));
            return Timeout.InfiniteTimeSpan;
        }

        if (isIdle)
        {
            _ = CloseAsync();
            return Timeout.InfiniteTimeSpan;
        }

        if (_pingSent != 0 ? !_isPingOut : IsOver(silence, _options.PingInterval))
        {
            Ping();
        }

        // Nothing touches the timer when the answer comes, so an interval later it is looked for.
        TimeSpan next = _pingSent != 0 ? Least(Left(_options.PingTimeout, _clock.GetElapsedTime(_pingSent)), _isPingOut ? _options.PingInterval : Again)
            : IsOver(silence, _options.PingInterval) ? Again : Left(_options.PingInterval, silence);
        return Least(next, Left(_options.IdleTimeout, silence));
    }

    private void Ping()
    {
        bool? isOut = _driver.TryPing();
        _isPingOut = isOut == true;

        // A peer that takes nothing has as long to take the ping as it then has to answer.
        if (isOut is null)
        {
            _pingSent = 0;
        }
        else if (_isPingOut || _pingSent == 0)
        {
            _pingSent = _clock.GetTimestamp();
        }
    }

    private async Task CloseAsync()
    {
        string reason = $"Nothing was received for {_options.IdleTimeout.TotalSeconds:0.###} s";
        try
        {
            await _driver.CloseAsync(CloseCode.GoingAway, reason, waits: false, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WspyException or TimeoutException)
        {
            // The connection is ending, or another send waits for the peer and has a time of its own.
        }
    }

    private void Arm(TimeSpan time)
    {
        try
        {
            _timer.Change(time, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended meanwhile.
        }
    }

    private static bool IsOver(TimeSpan time, TimeSpan limit) => limit != Timeout.InfiniteTimeSpan && time >= limit;

    // At least a millisecond: 0 would be at once, again and again.
    private static TimeSpan Left(TimeSpan limit, TimeSpan time) =>
        limit == Timeout.InfiniteTimeSpan ? limit : TimeSpan.FromMilliseconds(Math.Max(Math.Ceiling((limit - time).TotalMilliseconds), 1));

    private static TimeSpan Least(TimeSpan one, TimeSpan other) =>
        one == Timeout.InfiniteTimeSpan ? other : other == Timeout.InfiniteTimeSpan || one < other ? one : other;
}
