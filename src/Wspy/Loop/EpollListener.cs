using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Wspy.Loop;

/// <summary>A listening descriptor that epoll watches.</summary>
internal sealed unsafe class EpollListener : LoopListener
{
    private readonly EpollPoller _poller;
    private readonly SafeSocketHandle _handle;
    private readonly long _token;

    public EpollListener(EpollPoller poller, Socket listener, long token)
    {
        _poller = poller;
        _handle = listener.SafeHandle;
        _token = token;

        // Accepted sockets inherit it.
        EpollPoller.SetNoDelay(Descriptor);
        poller.Control(LibC.EpollAdd, Descriptor, token, Interest.Read);
    }

    private int Descriptor => (int)_handle.DangerousGetHandle();

    public override LoopSocket? Accept(out SocketError error)
    {
        byte* address = stackalloc byte[PeerAddress.MaxSize];
        int size = PeerAddress.MaxSize;
        int descriptor = LibC.Accept(Descriptor, address, &size, LibC.NonBlocking | LibC.CloseOnExec);
        if (descriptor < 0)
        {
            error = LibCError.ToSocketError(Marshal.GetLastPInvokeError());
            return null;
        }

        error = SocketError.Success;
        return new EpollSocket(descriptor, new PeerAddress(new ReadOnlySpan<byte>(address, Math.Min(size, PeerAddress.MaxSize))));
    }

    public override void Watch(bool watches) => _poller.Control(LibC.EpollModify, Descriptor, _token, watches ? Interest.Read : Interest.None);

    public override void Close() => _poller.Remove(Descriptor);
}
