using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Wspy.Buffers;

namespace Wspy.Loop;

/// <summary>A socket of the platform on a loop.</summary>
/// <remarks>What the system refuses to take at once is taken here, up to <see cref="MaxPending"/>, and sent asynchronously: that completes when there is room again.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Closing gives everything back, once nothing is under way any more.")]
internal sealed class PortableSocket : LoopSocket, IPollable
{
    private const int MaxPending = 64 * 1024;

    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _receive = new();
    private SocketAsyncEventArgs? _send;
    private PortablePoller? _poller;
    private long _token;
    private Interest _interest;
    private byte[]? _pending;
    private SocketError _outcome;
    private int _pendingCount;
    private bool _isArmed;
    private bool _isConnecting;
    private bool _isClosed;

    public PortableSocket(Socket socket, IPEndPoint? remoteEndPoint)
    {
        _socket = socket;
        socket.Blocking = false;
        if (socket.ProtocolType == ProtocolType.Tcp)
        {
            socket.NoDelay = true;
        }

        RemoteEndPoint = remoteEndPoint;
        _receive.SetBuffer(Array.Empty<byte>());
        _receive.Completed += (_, _) => _poller!.Queue(this, Interest.Read);
    }

    public override IPEndPoint? RemoteEndPoint { get; set; }

    // On Windows it says nothing of how many there are.
    public override long Descriptor => OperatingSystem.IsWindows() ? -1 : _socket.Handle;

    public override int Unsent => _pendingCount;

    /// <summary>A socket that was accepted; null with the error when it is gone already.</summary>
    public static PortableSocket? TryCreate(Socket accepted, out SocketError error)
    {
        try
        {
            error = SocketError.Success;
            return new PortableSocket(accepted, accepted.RemoteEndPoint as IPEndPoint);
        }
        catch (SocketException)
        {
            accepted.Dispose();
            error = SocketError.ConnectionAborted;
            return null;
        }
    }

    public void BeginConnect(EndPoint endPoint)
    {
        _isConnecting = true;
        _send = new SocketAsyncEventArgs { RemoteEndPoint = endPoint };
    }

    public void Bind(PortablePoller poller, long token, Interest interest)
    {
        _poller = poller;
        _token = token;
        _interest = interest;
        if (_isConnecting)
        {
            _send!.Completed += (_, _) => _poller.Queue(this, Interest.Write);
            if (!_socket.ConnectAsync(_send))
            {
                _poller.Queue(this, Interest.Write);
            }
        }
        else
        {
            Arm();
        }
    }

    public override int Receive(Memory<byte> buffer)
    {
        int count = _socket.Receive(buffer.Span, SocketFlags.None, out SocketError error);
        Error = IsTransient(error) ? SocketError.WouldBlock : error;
        return error == SocketError.Success ? count : -1;
    }

    public override int Send(ReadOnlySpan<byte> bytes)
    {
        if (_pendingCount > 0 || _outcome != SocketError.Success)
        {
            Error = _pendingCount > 0 ? SocketError.WouldBlock : _outcome;
            return -1;
        }

        int count = _socket.Send(bytes, SocketFlags.None, out SocketError error);
        if (IsTransient(error))
        {
            return BeginSend(bytes);
        }

        Error = error;
        return error == SocketError.Success ? count : -1;
    }

    public override int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int sent = Send(first);
        if (sent < first.Length || _pendingCount > 0)
        {
            return sent;
        }

        int rest = Send(second);

        // What is wrong with the second part shows again with the next send.
        return first.Length + Math.Max(rest, 0);
    }

    public override bool Flush()
    {
        Error = _outcome;
        return _outcome == SocketError.Success;
    }

    public override void Watch(Interest interest)
    {
        _interest = interest;
        Arm();
    }

    public override SocketError CompleteConnect()
    {
        SocketError error = _send!.SocketError;
        _send.Dispose();
        _send = null;
        _isConnecting = false;
        return error;
    }

    public override void ShutdownSend()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer was faster; there is nothing left to shut down.
        }
    }

    public override void Close(bool resets)
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        if (resets)
        {
            try
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (SocketException)
            {
                // As above.
            }
        }

        _socket.Dispose();
        if (!_isArmed)
        {
            _receive.Dispose();
        }
    }

    public PollEvent? Complete(Interest ready)
    {
        if (ready == Interest.Read)
        {
            _isArmed = false;
        }
        else if (!_isConnecting)
        {
            CompleteSend();
        }

        if (_isClosed)
        {
            if (!_isArmed)
            {
                _receive.Dispose();
            }

            if (_isConnecting)
            {
                _send!.Dispose();
            }

            return null;
        }

        ready &= _interest | Interest.Write;
        return ready == Interest.None ? null : new PollEvent(_token, ready);
    }

    public void Arm()
    {
        if (_isArmed || _isClosed || _isConnecting || (_interest & Interest.Read) == 0)
        {
            return;
        }

        _isArmed = true;
        if (!_socket.ReceiveAsync(_receive))
        {
            _poller!.Queue(this, Interest.Read);
        }
    }

    // Of no memory in the kernel as of no room: it comes back.
    private static bool IsTransient(SocketError error) => error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable;

    private int BeginSend(ReadOnlySpan<byte> bytes)
    {
        if (_send is null)
        {
            _send = new SocketAsyncEventArgs();
            _send.Completed += (_, _) => _poller!.Queue(this, Interest.Write);
        }

        int count = Math.Min(bytes.Length, MaxPending);
        _pending = BufferPool.Rent(count);
        bytes[..count].CopyTo(_pending);
        _pendingCount = count;
        _send.SetBuffer(_pending, 0, count);
        if (!_socket.SendAsync(_send))
        {
            _poller!.Queue(this, Interest.Write);
        }

        return count;
    }

    private void CompleteSend()
    {
        _outcome = _send!.SocketError;
        _pendingCount = 0;
        _send.SetBuffer(null, 0, 0);
        BufferPool.Return(_pending!);
        _pending = null;
        if (_isClosed)
        {
            _send.Dispose();
        }
    }
}
