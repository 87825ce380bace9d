using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Loop;

namespace Wspy;

/// <summary>Accepts the connections of an <see cref="AsyncServer"/> on its first loop, within the limits, and spreads them over all.</summary>
internal sealed class LoopAcceptor
{
    /// <summary>When descriptors or memory run out, this is the time for others to give some back.</summary>
    private static readonly TimeSpan AcceptDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>While that lasts, the log says so this often.</summary>
    public static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(5);

    /// <summary>Connections in a row before others get their turn.</summary>
    private const int MaxInARow = 64;

    private readonly AsyncServer _server;
    private readonly ServerOptions _options;
    private readonly ServerHandshakeOptions _handshakeOptions;
    private readonly EventLoop[] _loops;
    private readonly Func<TlsSocket, Task>? _secure;
    private readonly ConcurrentDictionary<IPAddress, int> _addresses = new();
    private readonly ConcurrentDictionary<LoopConnection, byte> _openings = new();
    private long _secondBegan;
    private long _tellsAgain;
    private int _acceptedThisSecond;
    private volatile bool _isStopping;
    private readonly List<LoopListener> _listeners = [];

    public LoopAcceptor(AsyncServer server, ServerOptions options, ServerHandshakeOptions handshakeOptions, EventLoop[] loops)
    {
        _server = server;
        _options = options;
        _handshakeOptions = handshakeOptions;
        _loops = loops;
        if (options.IsSecure)
        {
            _secure = socket => socket.AuthenticateAsync(options.Tls, options.TlsSelection);
        }
    }

    public void Start(IReadOnlyList<WebSocketListener> listeners)
    {
        // Loaded now: when descriptors have run out, no assembly can be opened any more, and the loop would end over telling so.
        _ = new SocketException((int)SocketError.TooManyOpenSockets).Message;
        _loops[0].Post(() =>
        {
            foreach (WebSocketListener listener in listeners)
            {
                _listeners.Add(_loops[0].Listen(listener.Socket, AcceptWaiting));
            }
        });
    }

    /// <summary>Serves a client that somebody else has accepted; from any thread.</summary>
    public void Serve(Socket socket)
    {
        if (!_loops[0].Post(() => ServeGiven(socket)))
        {
            socket.Dispose();
        }
    }

    /// <summary>A connection that was accepted is gone.</summary>
    public void Release(EndPoint? address)
    {
        if (_options.MaxConnectionsPerAddress == int.MaxValue || (address as IPEndPoint)?.Address is not { } key)
        {
            return;
        }

        int left = _addresses.AddOrUpdate(key, 0, static (_, count) => count - 1);
        if (left == 0)
        {
            // Only if it still is: somebody may have come meanwhile.
            _addresses.TryRemove(new KeyValuePair<IPAddress, int>(key, 0));
        }
    }

    public void Opened(LoopConnection connection) => _openings.TryRemove(connection, out _);

    /// <summary>Stops accepting, on the loop that accepts, so that nobody is accepted afterwards.</summary>
    /// <param name="listeners">To be disposed; each leaves the server.</param>
    public void Stop(IReadOnlyList<WebSocketListener> listeners) => _loops[0].Post(() =>
    {
        _isStopping = true;
        foreach (WebSocketListener listener in listeners)
        {
            listener.Dispose();
        }

        foreach (LoopConnection connection in _openings.Keys)
        {
            connection.Abort();
        }

        foreach (WebSocketListener _ in listeners)
        {
            _server.Leaving();
        }
    });

    private void AcceptWaiting(LoopListener listener)
    {
        for (int i = 0; i < MaxInARow; i++)
        {
            if (_isStopping || IsTooFast())
            {
                return;
            }

            LoopSocket? socket = listener.Accept(out SocketError error);
            if (socket is null)
            {
                if (error is SocketError.WouldBlock)
                {
                    return;
                }

                if (error is SocketError.ConnectionAborted or SocketError.Interrupted)
                {
                    // It was gone before it was accepted.
                    continue;
                }

                if (!_isStopping)
                {
                    Rest(AcceptDelay);
                    Tell(error);
                }

                return;
            }

            _acceptedThisSecond++;
            Serve(socket);
        }
    }

    private void Tell(SocketError error)
    {
        long now = _loops[0].Now;
        if (now < _tellsAgain)
        {
            return;
        }

        _tellsAgain = now + (long)TellInterval.TotalMilliseconds;
        try
        {
            _server.AcceptFailed(error, AcceptDelay);
        }
        catch (Exception)
        {
            // The application's log, which may have run out of the same: no reason to end all that are served.
        }
    }

    private bool IsTooFast()
    {
        if (_options.MaxAcceptRate == int.MaxValue)
        {
            return false;
        }

        long now = _loops[0].Now;
        if (now - _secondBegan >= 1000)
        {
            _secondBegan = now;
            _acceptedThisSecond = 0;
        }

        if (_acceptedThisSecond < _options.MaxAcceptRate)
        {
            return false;
        }

        Rest(TimeSpan.FromMilliseconds(1000 - (now - _secondBegan)));
        return true;
    }

    // Level-triggered: while connections wait that cannot be taken, watching would only spin.
    private void Rest(TimeSpan time)
    {
        _listeners.ForEach(static listener => listener.Watch(false));
        _loops[0].CallAfter(time, () =>
        {
            if (!_isStopping)
            {
                _listeners.ForEach(static listener => listener.Watch(true));
            }
        });
    }

    private void ServeGiven(Socket socket)
    {
        try
        {
            if (!_isStopping)
            {
                Serve(_loops[0].Poller.Adopt(socket));
                return;
            }
        }
        catch (Exception exception)
        {
            // It is not connected any more, or never was, or there is no descriptor left: nobody else is concerned.
            _server.OpenFailed(null, exception);
        }

        socket.Dispose();
    }

    private void Serve(LoopSocket socket)
    {
        if (_server.IsOverfull)
        {
            socket.Close(resets: true);
            return;
        }

        if (!TryTakeAddress(socket))
        {
            _server.AddressFull(socket.RemoteEndPoint);
            socket.Close(resets: true);
            return;
        }

        _server.Entered();
        EventLoop loop = _loops[0];
        for (int i = 1; i < _loops.Length; i++)
        {
            if (_loops[i].AssignedCount < loop.AssignedCount)
            {
                loop = _loops[i];
            }
        }

        loop.Assign();
        if (loop == _loops[0])
        {
            Open(loop, socket);
        }
        else
        {
            loop.Post(() => Open(loop, socket));
        }
    }

    private void Open(EventLoop loop, LoopSocket socket)
    {
        LoopConnection connection;
        try
        {
            connection = new LoopConnection(loop, socket, _options, new LoopServerOpening(_server, this, _handshakeOptions), isConnected: true, _secure);
        }
        catch (Exception exception)
        {
            // The system cannot watch one more socket, or there is no memory for it: those that are served are served on.
            _server.OpenFailed(socket.RemoteEndPoint, exception);
            socket.Close(resets: true);
            _server.Left(loop, socket.RemoteEndPoint);
            return;
        }

        _openings.TryAdd(connection, 0);
        if (_isStopping)
        {
            // Maybe too late to be dropped with the others.
            connection.Abort();
        }
    }

    private bool TryTakeAddress(LoopSocket socket) =>
        _options.MaxConnectionsPerAddress == int.MaxValue || socket.RemoteEndPoint?.Address is not { } key
        || TryIncrease(key);

    // Accepting is one thread's work: the count may only shrink meanwhile.
    private bool TryIncrease(IPAddress key)
    {
        if (_addresses.GetValueOrDefault(key) >= _options.MaxConnectionsPerAddress)
        {
            return false;
        }

        _addresses.AddOrUpdate(key, 1, static (_, count) => count + 1);
        return true;
    }
}
