using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Wspy.Loop;

/// <summary>A listening socket of the platform.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Closing gives everything back, once nothing is under way any more.")]
internal sealed class PortableListener : LoopListener, IPollable
{
    private readonly PortablePoller _poller;
    private readonly Socket _socket;
    private readonly long _token;
    private readonly SocketAsyncEventArgs _accept = new();
    private bool _watches = true;

    // An accept is under way, or its outcome was not taken yet.
    private bool _isArmed;
    private bool _hasOutcome;

    public PortableListener(PortablePoller poller, Socket socket, long token)
    {
        _poller = poller;
        _socket = socket;
        _token = token;
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            // Accepted sockets inherit it on most systems.
            socket.NoDelay = true;
        }

        _accept.Completed += (_, _) => _poller.Queue(this, Interest.Read);
        Arm();
    }

    public override LoopSocket? Accept(out SocketError error)
    {
        if (!_hasOutcome)
        {
            if (!_isArmed)
            {
                Begin();
            }

            if (!_hasOutcome)
            {
                error = SocketError.WouldBlock;
                return null;
            }
        }

        _hasOutcome = false;
        _isArmed = false;
        error = _accept.SocketError;
        Socket? accepted = _accept.AcceptSocket;
        _accept.AcceptSocket = null;
        return error == SocketError.Success ? PortableSocket.TryCreate(accepted!, out error) : null;
    }

    public override void Watch(bool watches)
    {
        _watches = watches;
        if (watches)
        {
            _poller.Queue(this, Interest.None);
        }
    }

    public override void Close() => _watches = false;

    public PollEvent? Complete(Interest ready)
    {
        _hasOutcome |= ready == Interest.Read;
        return _watches ? new PollEvent(_token, Interest.Read) : null;
    }

    public void Arm()
    {
        if (_watches && !_isArmed)
        {
            Begin();
            if (_hasOutcome)
            {
                _poller.Queue(this, Interest.None);
            }
        }
        else if (_watches && _hasOutcome)
        {
            _poller.Queue(this, Interest.None);
        }
    }

    private void Begin()
    {
        try
        {
            _isArmed = true;
            _hasOutcome = !_socket.AcceptAsync(_accept);
        }
        catch (ObjectDisposedException)
        {
            // No longer listening: nothing comes any more.
            _watches = false;
        }
    }
}
