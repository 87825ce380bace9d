using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Wspy.Loop;

/// <summary>A descriptor that epoll watches.</summary>
/// <param name="descriptor">Owned from now on.</param>
/// <param name="peer">Who is at the other end.</param>
/// <param name="isGiven">Whether it came from the application, so that others may hold its file as well, by another descriptor or in another process.</param>
internal sealed unsafe class EpollSocket(int descriptor, PeerAddress peer, bool isGiven = false) : LoopSocket
{
    private readonly bool _isGiven = isGiven;
    private int _descriptor = descriptor;
    private EpollPoller? _poller;
    private long _token;

    public override IPEndPoint? RemoteEndPoint
    {
        get => peer.ToEndPoint();
        set
        {
            Span<byte> address = stackalloc byte[PeerAddress.MaxSize];
            peer = value is null ? default : new PeerAddress(address[..PeerAddress.Write(value, address)]);
        }
    }

    public override long Descriptor => _descriptor;

    public PeerAddress Peer => peer;

    public void Bind(EpollPoller poller, long token, Interest interest)
    {
        _poller = poller;
        _token = token;
        poller.Control(LibC.EpollAdd, _descriptor, token, interest);
    }

    public override int Receive(Memory<byte> buffer)
    {
        fixed (byte* start = buffer.Span)
        {
            // The length is the span's, which the pointer was taken from.
            nint count;
            do
            {
                count = LibC.Receive(_descriptor, start, buffer.Length, 0);
            }
            while (count < 0 && Failed());
            return (int)count;
        }
    }

    public override int Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint count;
            do
            {
                count = LibC.Send(_descriptor, start, bytes.Length, LibC.NoSignal);
            }
            while (count < 0 && Failed());
            return (int)count;
        }
    }

    public override int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* start = first)
        fixed (byte* rest = second)
        {
            LibC.Piece* pieces = stackalloc LibC.Piece[2];
            pieces[0] = new LibC.Piece { Base = start, Length = first.Length };
            pieces[1] = new LibC.Piece { Base = rest, Length = second.Length };
            LibC.MessageHeader header = new() { Pieces = pieces, PieceCount = 2 };
            nint count;
            do
            {
                count = LibC.SendMessage(_descriptor, &header, LibC.NoSignal);
            }
            while (count < 0 && Failed());
            return (int)count;
        }
    }

    public override void Watch(Interest interest) => _poller!.Control(LibC.EpollModify, _descriptor, _token, interest);

    public override SocketError CompleteConnect()
    {
        int error = 0, size = sizeof(int);
        return LibC.GetOption(_descriptor, LibC.SocketLevel, LibC.SocketError, &error, &size) == 0 ? LibCError.ToSocketError(error) : SocketError.SocketError;
    }

    public override void ShutdownSend() => _ = LibC.Shutdown(_descriptor, LibC.ShutdownWrite);

    public override void Close(bool resets)
    {
        if (_descriptor < 0)
        {
            return;
        }

        if (resets)
        {
            // l_onoff = 1, l_linger = 0: RST instead of FIN.
            ulong linger = 1;
            LibC.SetOption(_descriptor, LibC.SocketLevel, LibC.Linger, &linger, sizeof(ulong));
        }

        if (_isGiven)
        {
            // While somebody else holds it, closing alone would end no connection, and epoll would tell of it for ever.
            _poller?.Remove(_descriptor);
            _ = LibC.Shutdown(_descriptor, LibC.ShutdownBoth);
        }

        // Closing takes it out of epoll: nobody else holds the file of a descriptor that was accepted or connected here.
        _ = LibC.Close(_descriptor);
        _descriptor = -1;
    }

    // True when the call was only interrupted.
    private bool Failed()
    {
        // Read at once: nothing of the runtime runs between a call without a transition and this one.
        int error = Marshal.GetLastSystemError();
        Error = LibCError.OfTransfer(error);
        return error == LibC.EINTR;
    }
}
