using System.Net;
using System.Net.Sockets;

namespace Wspy.Loop;

/// <summary>The platform's asynchronous sockets as a poller, for systems without epoll: a receive of no bytes completes when there are some.</summary>
/// <remarks>Completions come from the thread pool and are queued here for the loop's thread. Costs more per event than epoll, and nothing else differs.</remarks>
internal sealed class PortablePoller : Poller
{
    private const int MaxEvents = 1024;

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _signal = new(false);
    private readonly Queue<(IPollable Source, Interest Ready)> _completed = new();
    private readonly List<PollEvent> _events = [];
    private readonly List<IPollable> _delivered = [];

    public override PollEvent this[int index] => _events[index];

    public override LoopListener Listen(Socket listener, long token) => new PortableListener(this, listener, token);

    public override LoopSocket Adopt(Socket socket) => new PortableSocket(socket, socket.RemoteEndPoint as IPEndPoint);

    public override LoopSocket Connect(EndPoint endPoint, TcpKeepAlive? keepAlive)
    {
        Socket socket = ClientSockets.Create(endPoint, keepAlive);
        var connecting = new PortableSocket(socket, endPoint as IPEndPoint);
        connecting.BeginConnect(endPoint);
        return connecting;
    }

    public override void Add(LoopSocket socket, long token, Interest interest) => ((PortableSocket)socket).Bind(this, token, interest);

    public override int Wait(int milliseconds)
    {
        // Level-triggered: who was told and did not take everything is told again.
        foreach (IPollable source in _delivered)
        {
            source.Arm();
        }

        _delivered.Clear();
        _events.Clear();
        if (!HasCompleted)
        {
            _signal.WaitOne(milliseconds);
        }

        while (_events.Count < MaxEvents && TryTake(out IPollable? source, out Interest ready))
        {
            _delivered.Add(source!);
            if (source!.Complete(ready) is { } e)
            {
                _events.Add(e);
            }
        }

        return _events.Count;
    }

    public override void Wake() => _signal.Set();

    public override void Dispose() => _signal.Dispose();

    /// <summary>Something has completed; from any thread.</summary>
    public void Queue(IPollable source, Interest ready)
    {
        lock (_gate)
        {
            _completed.Enqueue((source, ready));
            if (_completed.Count > 1)
            {
                return;
            }
        }

        try
        {
            _signal.Set();
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, and the completion is that of a socket which was closed with it.
        }
    }

    private bool HasCompleted
    {
        get
        {
            lock (_gate)
            {
                return _completed.Count > 0;
            }
        }
    }

    private bool TryTake(out IPollable? source, out Interest ready)
    {
        lock (_gate)
        {
            bool any = _completed.TryDequeue(out (IPollable Source, Interest Ready) first);
            (source, ready) = first;
            return any;
        }
    }
}
