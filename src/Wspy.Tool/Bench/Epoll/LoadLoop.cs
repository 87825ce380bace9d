using System.Diagnostics;
using System.Runtime.InteropServices;
using Wspy.Handshake;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Epoll;

/// <summary>One thread's share of the connections: waits for those that are ready, reads echoes, and sends what comes next.</summary>
/// <remarks>First <see cref="Open"/>, then <see cref="Run"/>, not at the same time; <see cref="Count"/> and <see cref="Stop"/> from any thread.</remarks>
internal sealed unsafe partial class LoadLoop : IDisposable
{
    /// <summary>A stop is noticed within this time, even when nothing else happens: 0.1 s.</summary>
    private const long LongestWait = 100_000_000;

    private const int ReceiveBufferSize = 256 * 1024;

    private readonly Uri _server;
    private readonly ServerAddress _address;
    private readonly Workload _workload;
    private readonly FrameTemplate _template;
    private readonly ClientHandshakeOptions _handshakeOptions;
    private readonly EpollSet _ready = new();
    private readonly LoadConnection[] _connections;
    private readonly int _active;
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveBufferSize, pinned: true);
    private readonly byte* _receivedAt;
    private readonly byte* _streamAt;

    private LoadWindow _window;
    private Pace? _pace;
    private long _now;
    private long _count;
    private volatile bool _stopped;

    public LoadLoop(Uri server, ServerAddress address, Workload workload, FrameTemplate template, int connections, int idle)
    {
        _server = server;
        _address = address;
        _workload = workload;
        _template = template;
        _handshakeOptions = new ClientHandshakeOptions { Extensions = template.Deflate.Extensions };
        _active = connections;
        _connections = new LoadConnection[connections + idle];
        for (int i = 0; i < _connections.Length; i++)
        {
            _connections[i] = new LoadConnection(i, i < connections ? workload.Window : 0, new EchoReader(template, workload.Verify));
        }

        // Both arrays are pinned, and live as long as this does.
        _receivedAt = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_received, 0);
        _streamAt = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(template.Stream, 0);
    }

    /// <summary>Messages that came back, or handshakes that were done, since the run began.</summary>
    public long Count => Volatile.Read(ref _count);

    public Latencies Latencies { get; } = new();

    /// <summary>After a paced run: messages that were due and have no answer.</summary>
    public long Unanswered { get; private set; }

    /// <summary>Ends what is going on in the loop's thread, soon.</summary>
    public void Stop() => _stopped = true;

    /// <summary>Sends and receives until the window ends.</summary>
    public void Run(LoadWindow window, CancellationToken cancellationToken)
    {
        _window = window;
        _now = Stopwatch.GetTimestamp();
        Begin();
        while (!_stopped && !cancellationToken.IsCancellationRequested)
        {
            _now = Stopwatch.GetTimestamp();
            if (_now >= window.Until)
            {
                break;
            }

            long wait = window.Until - _now;
            if (_pace is not null)
            {
                SendWhatIsDue(_pace);
                wait = Math.Min(wait, _pace.NextTime - _now);
            }

            Turn(wait);
        }

        // Counted against the end of the window: what came back after it does not count either.
        Unanswered = _pace is null ? 0 : _pace.Taken - Count;
    }

    public void Dispose()
    {
        foreach (LoadConnection connection in _connections)
        {
            connection.Reader.Dispose();
            if (connection.Socket >= 0)
            {
                Drop(connection);
            }
        }

        _ready.Dispose();
    }

    private void Begin()
    {
        if (_active == 0)
        {
            return;
        }

        if (_workload.Handshakes)
        {
            for (int i = 0; i < _active; i++)
            {
                Connect(_connections[i]);
            }
        }
        else if (_workload.IsPaced)
        {
            // The system rounds waiting times up by 50 µs unless it is told not to, and that would be taken for the server's.
            _ = Native.ProcessControl(Native.SetTimerSlack, 1, 0, 0, 0);
            _pace = new Pace(_workload.Rate * _active / _workload.Connections, _active, _now);
        }
        else
        {
            for (int i = 0; i < _active; i++)
            {
                _now = Stopwatch.GetTimestamp();
                SendMessages(_connections[i], _workload.Window);
            }
        }
    }

    // Waits once, and does what is to be done for all sockets that are ready then.
    private void Turn(long wait)
    {
        int count = _ready.Wait(LoadWindow.Nanoseconds(Math.Min(wait, LongestWait)));
        for (int i = 0; i < count; i++)
        {
            (int number, uint events) = _ready[i];
            LoadConnection connection = _connections[number];
            if (connection.State == ConnectionState.Connecting)
            {
                Connected(connection);
                continue;
            }

            if ((events & Native.EpollOut) != 0)
            {
                Flush(connection);
            }

            if ((events & (Native.EpollIn | Native.EpollError | Native.EpollHangUp)) != 0)
            {
                Receive(connection);
            }
        }
    }
}
