using System.Runtime.InteropServices;

namespace Wspy.Tool.Bench.Epoll;

/// <summary>The system calls of the load generator, as Linux has them.</summary>
/// <remarks>A socket here is a bare descriptor: it belongs to one loop, which closes it once. All sockets are non-blocking.</remarks>
internal static unsafe partial class Native
{
    public const int SockStreamNonBlockingCloseOnExec = 1 | 0x800 | 0x80000;
    public const int EpollCloseOnExec = 0x80000;
    public const int Tcp = 6;
    public const int TcpNoDelay = 1;
    public const int SolSocket = 1;
    public const int SoError = 4;
    public const int SoLinger = 13;
    public const int MsgNoSignal = 0x4000;

    /// <summary>For TCP: the bytes are thrown away by the system, and only counted.</summary>
    public const int MsgTruncate = 0x20;

    public const uint EpollIn = 0x1;
    public const uint EpollOut = 0x4;
    public const uint EpollError = 0x8;
    public const uint EpollHangUp = 0x10;
    public const int EpollAdd = 1;
    public const int EpollModify = 3;

    public const int Interrupted = 4;
    public const int Again = 11;
    public const int InProgress = 115;
    public const int TooManyFiles = 24;
    public const int AddressNotAvailable = 99;
    public const int ConnectionRefused = 111;
    public const int ConnectionReset = 104;
    public const int BrokenPipe = 32;

    public const short PollIn = 1;
    public const int SetTimerSlack = 29;
    public const int LimitOfFiles = 7;

    private const string LibC = "libc";

    [LibraryImport(LibC, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport(LibC, EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, byte* address, int length);

    [LibraryImport(LibC, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* bytes, nint count, int flags);

    [LibraryImport(LibC, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* bytes, nint count, int flags);

    [LibraryImport(LibC, EntryPoint = "setsockopt")]
    public static partial int SetOption(int socket, int level, int option, void* value, int length);

    [LibraryImport(LibC, EntryPoint = "getsockopt")]
    public static partial int GetOption(int socket, int level, int option, void* value, int* length);

    [LibraryImport(LibC, EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport(LibC, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport(LibC, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, void* value);

    [LibraryImport(LibC, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, void* events, int count, int milliseconds);

    [LibraryImport(LibC, EntryPoint = "ppoll")]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpecification* timeout, void* signals);

    [LibraryImport(LibC, EntryPoint = "prctl")]
    public static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport(LibC, EntryPoint = "getrlimit")]
    public static partial int GetLimit(int resource, ResourceLimit* limit);

    [LibraryImport(LibC, EntryPoint = "setrlimit")]
    public static partial int SetLimit(int resource, ResourceLimit* limit);

    public static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
