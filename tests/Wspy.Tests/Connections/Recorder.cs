namespace Wspy.Tests.Connections;

/// <summary>A connection that notes its handlers' calls, and whether two ever ran at once.</summary>
internal sealed class Recorder(WebSocket webSocket) : Connection(webSocket)
{
    private readonly List<string> _calls = [];
    private int _running;

    public List<string> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public CloseInfo? Info { get; private set; }

    public Exception? Error { get; private set; }

    public bool Overlapped { get; private set; }

    public Action<Recorder>? WhenOpened { get; init; }

    public Action<Recorder, Message>? WhenReceived { get; init; }

    public Action<Recorder, Exception>? WhenFailed { get; init; }

    public Action<Recorder>? WhenClosed { get; init; }

    protected override void OnOpen() => Note("open", () => WhenOpened?.Invoke(this));

    protected override void OnMessage(Message message) => Note("message", () => WhenReceived?.Invoke(this, message));

    protected override void OnPing(ReadOnlySpan<byte> payload) => Note("ping", () => { });

    protected override void OnPong(ReadOnlySpan<byte> payload) => Note("pong", () => { });

    protected override void OnError(Exception error)
    {
        Error = error;
        Note("error", () => WhenFailed?.Invoke(this, error));
    }

    protected override void OnClose(CloseInfo info)
    {
        Info = info;
        Note("close", () => WhenClosed?.Invoke(this));
    }

    private void Note(string call, Action handler)
    {
        Overlapped |= Interlocked.Increment(ref _running) != 1;
        lock (_calls)
        {
            _calls.Add(call);
        }

        try
        {
            handler();
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
