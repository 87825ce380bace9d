using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Wspy.Handshake;
using Wspy.Loop;

namespace Wspy;

/// <summary>Accepts the connections of an <see cref="AsyncServer"/> on its first loop, within the limits, and spreads them over all.</summary>
internal sealed class LoopAcceptor
{
    /// <summary>Connections in a row before others get their turn.</summary>
    private const int MaxInARow = 64;

    private readonly AsyncServer _server;
    private readonly ServerOptions _options;
    private readonly ServerHandshakeOptions _handshakeOptions;
    private readonly EventLoop[] _loops;
    private readonly Func<TlsSocket, Task>? _secure;
    private readonly ConcurrentDictionary<IPAddress, int> _addresses = new();
    private readonly ConcurrentDictionary<LoopConnection, byte> _openings = new();
    private readonly AcceptTrouble _trouble = new();
    private readonly DescriptorReserve _reserve = DescriptorReserve.OfThisProcess();
    private bool _isShort;
    private long _secondBegan;
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
        _loops[0].Post(() =>
        {
            foreach (WebSocketListener listener in listeners)
            {
                Listen(listener);
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
        if (!IsCounted(address))
        {
            return;
        }

        IPAddress key = ((IPEndPoint)address!).Address;
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
        _listeners.ForEach(static listener => listener.Close());
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

    private void Listen(WebSocketListener listener)
    {
        if (_isStopping)
        {
            return;
        }

        try
        {
            _listeners.Add(_loops[0].Listen(listener.Socket, AcceptWaiting));
        }
        catch (SystemException)
        {
            // The system has no memory to watch one more, or watches as many for this user as it may: as when it cannot accept.
            Tell(SocketError.NoBufferSpaceAvailable);
            _loops[0].CallAfter(AcceptTrouble.Delay, () => Listen(listener));
        }
    }

    private void AcceptWaiting(LoopListener listener)
    {
        if (_isShort && !_isStopping)
        {
            _isShort = _reserve.IsTouched();
            if (_isShort)
            {
                Pause(SocketError.TooManyOpenSockets);
                return;
            }
        }

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
                    Pause(error);
                }

                return;
            }

            _acceptedThisSecond++;
            _isShort = _reserve.Holds(socket.Descriptor);
            Serve(socket);
            if (_isShort)
            {
                // This one is served. The others wait with the system until there is more than the reserve again.
                Pause(SocketError.TooManyOpenSockets);
                return;
            }
        }
    }

    private void Pause(SocketError error)
    {
        Rest(AcceptTrouble.Delay);
        Tell(error);
    }

    private void Tell(SocketError error)
    {
        if (_trouble.IsToBeTold(_loops[0].Now))
        {
            _server.AcceptFailed(error, AcceptTrouble.Delay);
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

        if (_options.TrustedProxies is { ProxyProtocol: true } proxies && !proxies.Trusts(socket.RemoteEndPoint))
        {
            _server.Refused(socket.RemoteEndPoint, ProxyHeaderDriver.Failure(ProxyHeaderDriver.Untrusted));
            socket.Close(resets: true);
            return;
        }

        if (!TryTakeAddress(socket.RemoteEndPoint))
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

    /// <summary>Counts a connection among those of its address, unless that has as many as it may; from any loop's thread.</summary>
    public bool TryTakeAddress(IPEndPoint? peer)
    {
        if (!IsCounted(peer))
        {
            return true;
        }

        while (true)
        {
            int count = _addresses.GetValueOrDefault(peer!.Address);
            if (count >= _options.MaxConnectionsPerAddress)
            {
                return false;
            }

            // One that is at zero is about to be removed, or to be taken again.
            if (_addresses.TryUpdate(peer.Address, count + 1, count) || (count == 0 && _addresses.TryAdd(peer.Address, 1)))
            {
                return true;
            }
        }
    }

    // A trusted proxy has as many connections as it has clients; those are counted instead.
    private bool IsCounted(EndPoint? peer) =>
        _options.MaxConnectionsPerAddress != int.MaxValue && peer is IPEndPoint && _options.TrustedProxies?.Trusts(peer) != true;
}
