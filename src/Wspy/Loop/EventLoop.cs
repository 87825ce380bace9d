using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wspy.Loop;

/// <summary>One thread that serves any number of connections: waits for their sockets, runs their handlers, sends what they send.</summary>
/// <remarks>Members are for the loop's own thread, but for <see cref="Post(in LoopWork)"/>, <see cref="IsCurrent"/> and the end.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "The loop's thread gives the poller back when it ends.")]
internal sealed partial class EventLoop
{
    /// <summary>As much as a readiness is likely to bring; one for all connections, so it may be large.</summary>
    private const int InputSize = 512 * 1024;

    /// <summary>How long a loop waits at most when the clock is not the system's, which can jump: a clock of tests.</summary>
    private const int ForeignClockWait = 10;

    private readonly Poller _poller;
    private readonly Thread _thread;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly long _ticksPerMillisecond;
    private readonly long _blockedTicks;
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(InputSize, pinned: true);
    private readonly List<LoopConnection> _attention = [];
    private List<LoopConnection> _readAgain = [];
    private List<LoopConnection> _readNow = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    [ThreadStatic]
    private static bool s_isLoopThread;

    /// <summary>How far below its first frame the stack of the loop's thread reaches at least; the system gives it several times that.</summary>
    private const int StackReach = 64 * 1024;

    private int _threadId;
    private nuint _stackTop;

    /// <param name="options">Which poller, and the clock.</param>
    /// <param name="name">Of the thread.</param>
    public EventLoop(LoopSettings options, string name)
    {
        Settings = options;
        _clock = options.TimeProvider;
        _start = _clock.GetTimestamp();
        _ticksPerMillisecond = Math.Max(_clock.TimestampFrequency / 1000, 1);
        _blockedTicks = options.BlockedThreshold == Timeout.InfiniteTimeSpan ? long.MaxValue : (long)(options.BlockedThreshold.TotalSeconds * _clock.TimestampFrequency);
        _poller = options.CreatePoller();
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    public LoopSettings Settings { get; }

    public Poller Poller => _poller;

    public Cork Cork { get; } = new();

    /// <summary>Where bytes are received that have no other place yet.</summary>
    public Memory<byte> Input => _input;

    /// <summary>Where in <see cref="Input"/> bytes lie; 0 when they lie elsewhere, or at its start.</summary>
    public int OffsetInInput(ReadOnlySpan<byte> bytes)
    {
        nint offset = Unsafe.ByteOffset(ref MemoryMarshal.GetArrayDataReference(_input), ref MemoryMarshal.GetReference(bytes));
        return offset >= 0 && offset <= _input.Length - bytes.Length ? (int)offset : 0;
    }

    /// <summary>Milliseconds since the loop was made, as of the last event.</summary>
    public long Now { get; private set; }

    /// <summary>The connection whose event is being handled: the one that may use the cork.</summary>
    public LoopConnection? Current { get; private set; }

    /// <summary>Whether the caller is on the loop's thread.</summary>
    /// <remarks>Asked for each message that is sent. A local variable that lies in that thread's stack proves it without a call into the runtime.</remarks>
    public unsafe bool IsCurrent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            byte here;
            return _stackTop - (nuint)(&here) < StackReach || _threadId == Environment.CurrentManagedThreadId;
        }
    }

    /// <summary>Whether the caller is on the thread of any loop: it must not block.</summary>
    public static bool IsAnyCurrent => s_isLoopThread;

    /// <summary>Completes when the thread has ended.</summary>
    public Task Ended => _ended.Task;

    public void Start() => _thread.Start();

    /// <summary>Looks after a connection before the loop waits again: what it has to send, and whether it ends.</summary>
    public void Attend(LoopConnection connection) => _attention.Add(connection);

    /// <summary>Reads on from a connection in the next turn, after the others: it holds input that the system does not.</summary>
    public void ReadAgain(LoopConnection connection) => _readAgain.Add(connection);

    private void Run()
    {
        s_isLoopThread = true;
        _threadId = Environment.CurrentManagedThreadId;
        NoteStack();
        while (BeginWait(out int timeout))
        {
            int count = _poller.Wait(timeout);
            EndWait();
            long started = Tick();
            for (int i = 0; i < count; i++)
            {
                PollEvent e = _poller[i];
                if (e.Token >= ListenerTokens)
                {
                    AcceptWaiting(e.Token);
                    started = Tick();
                }
                else if (Find(e.Token) is { } connection)
                {
                    Handle(connection, e.Ready);
                    started = Watch(connection, started);
                }
            }

            RunPosted();
            ReadAllAgain();
            AttendAll();
            if (Now >= _nextDue)
            {
                Sweep();
                AttendAll();
            }
        }

        // Numbers of threads and stacks are used again.
        _threadId = 0;
        _stackTop = 0;
        _poller.Dispose();
        _ended.SetResult();
    }

    // What the loop calls lies below this frame, or in Run's own, which takes the slower way.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private unsafe void NoteStack()
    {
        byte here;
        _stackTop = (nuint)(&here);
    }

    private void Handle(LoopConnection connection, Interest ready)
    {
        Current = connection;
        try
        {
            if ((ready & Interest.Write) != 0)
            {
                connection.OnWritable();
            }

            if ((ready & (Interest.Read | Interest.HangUp)) != 0)
            {
                connection.OnReadable((ready & Interest.HangUp) != 0);
            }

            connection.Settle();
        }
        catch (Exception exception)
        {
            // A mistake of this library or of the system: it ends this connection and no other.
            connection.Break(exception);
        }

        EndTurn();
    }

    // Does what another thread posted in a turn of the connection's own: replies to what was held up go the way of replies.
    private void HandlePosted(LoopConnection connection, in LoopWork work)
    {
        Current = connection;
        try
        {
            connection.Run(work);
            connection.Settle();
        }
        catch (Exception exception)
        {
            // As above.
            connection.Break(exception);
        }

        EndTurn();
    }

    // What a connection that was broken off left in the cork must never reach the next one.
    private void EndTurn()
    {
        Cork.Clear();
        Current = null;
    }

    private void ReadAllAgain()
    {
        (_readNow, _readAgain) = (_readAgain, _readNow);
        foreach (LoopConnection connection in _readNow)
        {
            connection.OnReadAgain();
            Handle(connection, Interest.Read);
        }

        _readNow.Clear();
    }

    // Sends of one connection's handler to many others are gathered until here; the list may grow while it is worked off.
    private void AttendAll()
    {
        for (int i = 0; i < _attention.Count; i++)
        {
            LoopConnection connection = _attention[i];
            Current = connection;
            try
            {
                connection.Attended();
                connection.Settle();
            }
            catch (Exception exception)
            {
                // As above.
                connection.Break(exception);
            }

            EndTurn();
        }

        _attention.Clear();
    }

    private long Tick()
    {
        long now = _clock.GetTimestamp();
        Now = (now - _start) / _ticksPerMillisecond;
        return now;
    }

    // A handler that blocks holds up every connection of the loop.
    private long Watch(LoopConnection connection, long started)
    {
        long now = Tick();
        if (now - started >= _blockedTicks)
        {
            Settings.OnBlocked?.Invoke(connection, _clock.GetElapsedTime(started, now));
        }

        return now;
    }
}
