using Wspy.Handshake;
using Wspy.Transports;

namespace Wspy;

/// <summary>Ends a transport whose opening handshake, TLS included, takes too long or is cancelled, whatever it waits for at that time.</summary>
/// <remarks>Owns the transport until the handshake is accepted: disposing it before ends the transport as well.</remarks>
internal sealed class OpeningWatchdog : IDisposable
{
    private const int Accepted = 1;
    private const int TimedOut = 2;
    private const int Cancelled = 3;

    private readonly Transport _transport;
    private readonly WebSocketOptions _options;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _cancellation;

    // The first to leave zero decides: a timer that fires late must not end a connection that was accepted already.
    private int _verdict;

    // While the application is waited for, the peer is still there to be answered.
    private volatile bool _isWaiting;

    private volatile bool _isIdle;

    // Made when something else than the transport is waited for.
    private TaskCompletionSource? _ended;

    public OpeningWatchdog(Transport transport, WebSocketOptions options, CancellationToken cancellationToken = default)
    {
        _transport = transport;
        _options = options;
        _timer = options.TimeProvider.CreateTimer(static state => ((OpeningWatchdog)state!).End(TimedOut), this, options.HandshakeTimeout, Timeout.InfiniteTimeSpan);
        _cancellation = cancellationToken.UnsafeRegister(static state => ((OpeningWatchdog)state!).End(Cancelled), this);
    }

    /// <summary>Whether nothing is under way: the end of the time is an ordinary end then, for which the peer has <see cref="WebSocketOptions.CloseTimeout"/>.</summary>
    public bool IsIdle
    {
        set => _isIdle = value;
    }

    /// <summary>Lets the transport live.</summary>
    /// <exception cref="IOException">Too late.</exception>
    public void Accept()
    {
        if (Interlocked.CompareExchange(ref _verdict, Accepted, 0) != 0)
        {
            throw new IOException("The opening handshake was ended from this side.");
        }
    }

    /// <summary>A request was answered, and another one has as much time again.</summary>
    public void Restart()
    {
        if (Volatile.Read(ref _verdict) == 0)
        {
            _timer.Change(_options.HandshakeTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Waits for the application, blocking the thread. When its time is over the opening is told so, and has <see cref="WebSocketOptions.CloseTimeout"/> to answer.</summary>
    /// <exception cref="IOException">The handshake was ended meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The server stops.</exception>
    public void Wait(ServerOpening opening)
    {
        _isWaiting = true;
        WhenAny(opening).GetAwaiter().GetResult();
        EndWait(opening);
    }

    /// <inheritdoc cref="Wait"/>
    public async ValueTask WaitAsync(ServerOpening opening)
    {
        _isWaiting = true;
        await WhenAny(opening).ConfigureAwait(false);
        EndWait(opening);
    }

    /// <summary>Whether this end has ended the transport.</summary>
    public bool HasGivenUp => Volatile.Read(ref _verdict) is TimedOut or Cancelled;

    public HandshakeException Explain(Exception cause, HttpRequestHead? request = null) => _verdict == TimedOut
        ? new HandshakeException(
            HandshakeViolation.TimedOut,
            $"The opening handshake did not complete within {_options.HandshakeTimeout.TotalSeconds:0.###} s ({nameof(WebSocketOptions.HandshakeTimeout)}).",
            cause) { Request = request }
        : new HandshakeException(HandshakeViolation.ConnectionLost, $"The connection ended during the opening handshake: {cause.Message}", cause) { Request = request };

    /// <param name="cause">What ended TLS.</param>
    /// <param name="what">Such as "TLS with example.com".</param>
    public HandshakeException ExplainTls(Exception cause, string what) => _verdict == TimedOut
        ? Explain(cause)
        : new HandshakeException(HandshakeViolation.TlsFailed, $"{what} failed: {cause.Message}", cause);

    /// <summary>Why TLS failed with a server that speaks plain HTTP.</summary>
    public static HandshakeException AnsweredPlainly(string host, Exception cause) => new(
        HandshakeViolation.WrongScheme, $"TLS with {host} failed: the server answers in plain HTTP, so that the URL should probably begin with ws: instead of wss:.", cause);

    public void Dispose()
    {
        _cancellation.Dispose();
        _timer.Dispose();
        if (_verdict != Accepted)
        {
            _transport.Dispose();
        }
    }

    private Task<Task> WhenAny(ServerOpening opening)
    {
        TaskCompletionSource ended = Interlocked.CompareExchange(ref _ended, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null) ?? _ended;
        if (Volatile.Read(ref _verdict) != 0)
        {
            ended.TrySetResult();
        }

        var judged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        opening.WhenJudged(judged.SetResult);
        return Task.WhenAny(judged.Task, ended.Task).WaitAsync(opening.Gate.Stopping);
    }

    private void EndWait(ServerOpening opening)
    {
        _isWaiting = false;

        // The timer sets its verdict and then looks whether somebody waits: either it is seen here, or the timer ends the transport.
        Interlocked.MemoryBarrier();
        int verdict = Volatile.Read(ref _verdict);
        if (verdict == TimedOut)
        {
            opening.GiveUp();
            _timer.Change(_options.CloseTimeout, Timeout.InfiniteTimeSpan);
        }
        else if (verdict != 0)
        {
            throw new IOException("The opening handshake was ended from this side.");
        }
    }

    private void End(int verdict)
    {
        int before = Interlocked.CompareExchange(ref _verdict, verdict, 0);
        if (before == 0 && verdict == TimedOut && _isIdle && _transport.ShutdownSend())
        {
            _timer.Change(_options.CloseTimeout, Timeout.InfiniteTimeSpan);
        }
        else if (before != Accepted && (before != 0 || verdict != TimedOut || !_isWaiting))
        {
            _transport.Abort();
        }

        Volatile.Read(ref _ended)?.TrySetResult();
    }
}
