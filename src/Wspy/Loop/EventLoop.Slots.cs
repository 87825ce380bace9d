using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Wspy.Loop;

// Where the connections are: a slot each, named by its index and a generation, so that an event of one that is gone is nobody's.
internal sealed partial class EventLoop
{
    /// <summary>From here on tokens are those of listening sockets: as those of slots they would be of slots beyond any number that there is memory for.</summary>
    private const long ListenerTokens = long.MaxValue - ushort.MaxValue;

    /// <summary>In milliseconds: a turn that takes as long is one of a handler that does not return.</summary>
    private const int BusyTime = 1000;

    private LoopConnection?[] _slots = new LoopConnection?[64];
    private int[] _generations = new int[64];

    // When each connection wants to be looked at, side by side: a sweep over 100,000 of them reads 800 KB and nothing else.
    private long[] _dues = new long[64];
    private readonly Stack<int> _freeSlots = new();
    private int _slotCount;
    private int _assignedCount;
    private readonly List<(LoopListener Listener, Action<LoopListener> OnAcceptable)> _listeners = [];

    // Those whose slots are gone while an asynchronous handler of theirs has not completed.
    private readonly ConcurrentDictionary<LoopConnection, byte> _lingering = new();

    /// <summary>The connections that were given to this loop and are not gone; from any thread.</summary>
    public int AssignedCount => Volatile.Read(ref _assignedCount);

    public void Assign() => Interlocked.Increment(ref _assignedCount);

    public void Unassign() => Interlocked.Decrement(ref _assignedCount);

    /// <summary>Watches a listening socket; <paramref name="onAcceptable"/> is called on the loop when connections wait.</summary>
    public LoopListener Listen(Socket listener, Action<LoopListener> onAcceptable)
    {
        LoopListener watched = _poller.Listen(listener, ListenerTokens + _listeners.Count);
        _listeners.Add((watched, onAcceptable));
        return watched;
    }

    /// <summary>Gives a connection its slot, and watches its socket.</summary>
    /// <exception cref="SystemException">The system cannot watch one more.</exception>
    public int Add(LoopConnection connection, LoopSocket socket, Interest interest)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _slotCount++;
            if (slot == _slots.Length)
            {
                Array.Resize(ref _slots, slot * 2);
                Array.Resize(ref _generations, slot * 2);
                Array.Resize(ref _dues, slot * 2);
            }
        }

        _slots[slot] = connection;
        _dues[slot] = Never;
        try
        {
            _poller.Add(socket, Token(slot), interest);
        }
        catch
        {
            Remove(slot);
            throw;
        }

        return slot;
    }

    /// <summary>Adds the handlers of the open connections that are of a type; from any thread, a moment's truth on others than the loop's.</summary>
    public void AddHandlers<T>(List<T> handlers)
    {
        foreach (LoopConnection? connection in Volatile.Read(ref _slots))
        {
            if (connection is { IsClosed: false, Handler: T handler })
            {
                handlers.Add(handler);
            }
        }
    }

    /// <summary>Adds the handlers, of a type, that run or have not completed; from any thread, a moment's truth.</summary>
    public void AddBusyHandlers<T>(List<T> handlers)
    {
        // Of a handler that does not return the loop knows no more than in whose turn it called it.
        LoopConnection? current = Current is { } running && _clock.GetElapsedTime(_start).TotalMilliseconds - Now >= BusyTime ? running : null;
        foreach (LoopConnection? connection in Volatile.Read(ref _slots))
        {
            if (connection is { IsHandling: true, Handler: T handler } && connection != current)
            {
                handlers.Add(handler);
            }
        }

        foreach ((LoopConnection connection, _) in _lingering)
        {
            if (connection.Handler is T handler && connection != current)
            {
                handlers.Add(handler);
            }
        }

        if (current?.Handler is T stuck)
        {
            handlers.Add(stuck);
        }
    }

    /// <summary>Keeps a connection in mind that has ended while a handler of it has not completed.</summary>
    public void Linger(LoopConnection connection) => _lingering.TryAdd(connection, 0);

    /// <summary>Its handler has completed.</summary>
    public void Unlinger(LoopConnection connection) => _lingering.TryRemove(connection, out _);

    /// <summary>Takes a slot back; events of it that are still under way mean nothing.</summary>
    public void Remove(int slot)
    {
        _slots[slot] = null;
        _dues[slot] = Never;
        _generations[slot] = (_generations[slot] + 1) & int.MaxValue;
        _freeSlots.Push(slot);
    }

    /// <summary>Ends all connections that are here now.</summary>
    public void AbortAll(Exception cause)
    {
        for (int slot = 0; slot < _slotCount; slot++)
        {
            _slots[slot]?.Abort(cause);
        }
    }

    private long Token(int slot) => ((long)_generations[slot] << 32) | (uint)slot;

    private LoopConnection? Find(long token)
    {
        // The poller's own wake-up has a token without a slot.
        int slot = (int)token;
        return (uint)slot < (uint)_slotCount && _generations[slot] == (int)(token >> 32) ? _slots[slot] : null;
    }

    private void AcceptWaiting(long token)
    {
        (LoopListener listener, Action<LoopListener> onAcceptable) = _listeners[(int)(token - ListenerTokens)];
        onAcceptable(listener);
    }
}
