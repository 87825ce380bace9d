using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Epoll;

/// <summary>The sockets of a loop, each known by a number, and the wait for the first that is ready.</summary>
/// <remarks>Not thread-safe. A socket leaves the set when it is closed.</remarks>
internal sealed unsafe class EpollSet : IDisposable
{
    private const int MaxEvents = 256;

    // struct epoll_event is packed on x86-64 only: 4 bytes of events, then 8 of the caller's.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly int _epoll = Native.EpollCreate(Native.EpollCloseOnExec);
    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * EventSize, pinned: true);

    public EpollSet()
    {
        if (_epoll < 0)
        {
            throw Failed("epoll_create1");
        }
    }

    public void Add(int socket, int number, uint events) => Control(Native.EpollAdd, socket, number, events);

    public void Modify(int socket, int number, uint events) => Control(Native.EpollModify, socket, number, events);

    /// <summary>Waits until a socket is ready, but not longer than this time.</summary>
    /// <param name="nanoseconds">0 or less to look only.</param>
    /// <returns>How many are ready; then see <see cref="this[int]"/>.</returns>
    public int Wait(long nanoseconds)
    {
        // epoll_wait counts in milliseconds, and a paced message may be due in microseconds. An epoll descriptor can itself be polled.
        int milliseconds = (int)Math.Clamp(nanoseconds / 1_000_000, 0, int.MaxValue);
        if (milliseconds == 0 && nanoseconds > 0)
        {
            var descriptor = new Native.PollDescriptor { Descriptor = _epoll, Events = Native.PollIn };
            var time = new Native.TimeSpecification { Nanoseconds = (nint)nanoseconds };
            if (Native.Poll(&descriptor, 1, &time, null) <= 0)
            {
                return 0;
            }
        }

        int count = Native.EpollWait(_epoll, Unsafe.AsPointer(ref _events[0]), MaxEvents, milliseconds);
        return count >= 0 ? count : Marshal.GetLastPInvokeError() == Native.Interrupted ? 0 : throw Failed("epoll_wait");
    }

    /// <summary>What the last wait found.</summary>
    public (int Number, uint Events) this[int index]
    {
        get
        {
            ReadOnlySpan<byte> item = _events.AsSpan(index * EventSize, EventSize);
            return (MemoryMarshal.Read<int>(item[DataOffset..]), MemoryMarshal.Read<uint>(item));
        }
    }

    public void Dispose()
    {
        if (_epoll >= 0)
        {
            _ = Native.Close(_epoll);
        }
    }

    private void Control(int operation, int socket, int number, uint events)
    {
        Span<byte> item = stackalloc byte[16];
        item.Clear();
        MemoryMarshal.Write(item, events);
        MemoryMarshal.Write(item[DataOffset..], number);
        if (Native.EpollControl(_epoll, operation, socket, Unsafe.AsPointer(ref item[0])) != 0)
        {
            throw Failed("epoll_ctl");
        }
    }

    private static LoadException Failed(string call)
    {
        int error = Marshal.GetLastPInvokeError();
        return new LoadException($"The system refused {call}: {Native.Describe(error)}.");
    }
}
