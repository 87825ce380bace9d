using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wspy.Loop;

/// <summary>Linux's epoll, level-triggered, with an eventfd to wake it.</summary>
internal sealed unsafe class EpollPoller : Poller
{
    private const int MaxEvents = 1024;

    /// <summary>The token of the eventfd, which is nobody else's.</summary>
    private const long WakeToken = -1;

    /// <summary><c>struct epoll_event</c> is packed on x86-64 only: 4 + 8 bytes there, 4 + 4 + 8 elsewhere.</summary>
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly int _epoll = -1;
    private readonly int _wake = -1;
    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed(MaxEvents, (nuint)EventSize);
    private bool _disposed;

    public EpollPoller()
    {
        try
        {
            _epoll = Check(LibC.EpollCreate(LibC.EpollCloseOnExec));
            _wake = Check(LibC.EventDescriptor(0, LibC.NonBlocking | LibC.CloseOnExec));
            Control(LibC.EpollAdd, _wake, WakeToken, Interest.Read);
        }
        catch
        {
            // No descriptor left for the second: the first is not to be lost with it.
            Dispose();
            throw;
        }
    }

    public override PollEvent this[int index]
    {
        get
        {
            // The index is below what the last wait returned, which is at most MaxEvents.
            byte* e = _events + (index * EventSize);
            uint flags = Unsafe.ReadUnaligned<uint>(e);
            Interest ready = (Interest)((flags & LibC.EpollIn) | ((flags & LibC.EpollOut) >> 1) | ((flags & (LibC.EpollError | LibC.EpollHangUp)) != 0 ? (uint)Interest.HangUp : 0));
            return new PollEvent(Unsafe.ReadUnaligned<long>(e + EventSize - sizeof(long)), ready);
        }
    }

    public override LoopListener Listen(Socket listener, long token)
    {
        listener.Blocking = false;
        return new EpollListener(this, listener, token);
    }

    public override LoopSocket Adopt(Socket socket)
    {
        // A descriptor of its own for the same connection: the platform closes the one that it knows.
        IPEndPoint? peer = socket.RemoteEndPoint as IPEndPoint;
        socket.Blocking = false;
        int descriptor = LibC.ControlDescriptor((int)socket.SafeHandle.DangerousGetHandle(), LibC.Duplicate, 0);
        if (descriptor < 0)
        {
            throw new SocketException((int)LibCError.ToSocketError(Marshal.GetLastPInvokeError()));
        }

        socket.Dispose();
        SetNoDelay(descriptor);
        Span<byte> address = stackalloc byte[PeerAddress.MaxSize];
        return new EpollSocket(descriptor, new PeerAddress(peer is null ? default : address[..PeerAddress.Write(peer, address)]), isGiven: true);
    }

    public override LoopSocket Connect(EndPoint endPoint, TcpKeepAlive? keepAlive)
    {
        Span<byte> address = stackalloc byte[PeerAddress.MaxSize];
        if (endPoint is IPEndPoint internet)
        {
            address = address[..PeerAddress.Write(internet, address)];
        }
        else
        {
            // On Linux the platform's form is the system's: struct sockaddr_un.
            SocketAddress serialized = endPoint.Serialize();
            address = serialized.Buffer.Span[..serialized.Size];
        }

        int descriptor = LibC.CreateSocket(BitConverter.ToUInt16(address), (int)SocketType.Stream | LibC.NonBlocking | LibC.CloseOnExec, 0);
        if (descriptor < 0)
        {
            throw new SocketException((int)LibCError.ToSocketError(Marshal.GetLastPInvokeError()));
        }

        if (endPoint is IPEndPoint)
        {
            SetNoDelay(descriptor);
            SetKeepAlive(descriptor, keepAlive);
        }

        fixed (byte* start = address)
        {
            // What a signal interrupts goes on by itself, like what is in progress.
            if (LibC.Connect(descriptor, start, address.Length) != 0 && Marshal.GetLastPInvokeError() is not (LibC.EINPROGRESS or LibC.EINTR) and int error)
            {
                _ = LibC.Close(descriptor);
                throw new SocketException((int)LibCError.ToSocketError(error));
            }
        }

        return new EpollSocket(descriptor, new PeerAddress(address));
    }

    public override void Add(LoopSocket socket, long token, Interest interest) => ((EpollSocket)socket).Bind(this, token, interest);

    public override int Wait(int milliseconds)
    {
        int count = LibC.EpollWait(_epoll, _events, MaxEvents, milliseconds);
        for (int i = 0; i < count; i++)
        {
            if (this[i].Token == WakeToken)
            {
                // When a signal interrupts it, the next wait tells again.
                ulong value;
                LibC.Read(_wake, &value, sizeof(ulong));
                break;
            }
        }

        // -1 is a signal that interrupted it.
        return Math.Max(count, 0);
    }

    public override void Wake()
    {
        // Only a signal can keep it from being written: a count that is full wakes as well.
        ulong one = 1;
        while (LibC.Write(_wake, &one, sizeof(ulong)) < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR)
        {
        }
    }

    public override void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Close(_epoll);
            Close(_wake);
            NativeMemory.Free(_events);
        }
    }

    public void Control(int operation, int descriptor, long token, Interest interest)
    {
        byte* e = stackalloc byte[16];
        Unsafe.WriteUnaligned(e, (uint)(interest & Interest.Read) | ((uint)(interest & Interest.Write) << 1));
        Unsafe.WriteUnaligned(e + EventSize - sizeof(long), token);
        Check(LibC.EpollControl(_epoll, operation, descriptor, e));
    }

    /// <summary>Takes a descriptor out, one that is about to be closed: by itself the system does that only when nobody else holds its file.</summary>
    public void Remove(int descriptor) => _ = LibC.EpollControl(_epoll, LibC.EpollRemove, descriptor, null);

    public static void SetNoDelay(int descriptor)
    {
        int one = 1;
        LibC.SetOption(descriptor, LibC.TcpLevel, LibC.TcpNoDelay, &one, sizeof(int));
    }

    private static void SetKeepAlive(int descriptor, TcpKeepAlive? keepAlive)
    {
        if (keepAlive is { } given)
        {
            int one = 1, time = given.Time, interval = given.Interval;
            LibC.SetOption(descriptor, LibC.SocketLevel, LibC.KeepAlive, &one, sizeof(int));
            LibC.SetOption(descriptor, LibC.TcpLevel, LibC.TcpKeepAliveTime, &time, sizeof(int));
            LibC.SetOption(descriptor, LibC.TcpLevel, LibC.TcpKeepAliveInterval, &interval, sizeof(int));
        }
    }

    private static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = LibC.Close(descriptor);
        }
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
