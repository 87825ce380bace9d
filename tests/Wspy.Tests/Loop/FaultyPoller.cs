using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Wspy.Loop;

namespace Wspy.Tests.LoopTests;

/// <summary>How a call of the system fails.</summary>
public enum LoopFault
{
    /// <summary>Nothing there, no room: to be tried again.</summary>
    WouldBlock,

    /// <summary>One byte is taken or given.</summary>
    OneByte,

    /// <summary>The peer is gone.</summary>
    Reset,
}

/// <summary>Which operation of all sockets of a poller fails, and how; counts what is open.</summary>
internal sealed class FaultPlan
{
    private LoopFault _fault;
    private int _left = -1;
    private int _open;
    private long _received;

    public int Open => Volatile.Read(ref _open);

    /// <summary>Errors that the next accepts end with.</summary>
    public Queue<SocketError> AcceptErrors { get; } = new();

    /// <summary>Errors that the next calls to connect end with, before they begin.</summary>
    public Queue<SocketError> ConnectErrors { get; } = new();

    /// <summary>Whether the next listener cannot be watched.</summary>
    public bool RefusesToListen { get; set; }

    /// <summary>Whether the next socket cannot be watched.</summary>
    public bool RefusesToWatch { get; set; }

    /// <summary>Whether the next change of what is watched for fails.</summary>
    public bool RefusesToChange { get; set; }

    /// <summary>Whether every second wait ends without events, as by a signal.</summary>
    public bool Interrupts { get; set; }

    /// <summary>Bytes that all sockets have received.</summary>
    public long Received => Volatile.Read(ref _received);

    public bool HasFailed => Volatile.Read(ref _left) == -1;

    public void Arm(LoopFault fault, int operation)
    {
        _fault = fault;
        Volatile.Write(ref _left, operation);
    }

    public void Disarm() => Volatile.Write(ref _left, -1);

    public LoopFault? Next()
    {
        int left = Volatile.Read(ref _left);
        if (left < 0)
        {
            return null;
        }

        Volatile.Write(ref _left, left - 1);
        return left == 0 ? _fault : null;
    }

    public void Count(int received) => Interlocked.Add(ref _received, Math.Max(received, 0));

    public void Opened() => Interlocked.Increment(ref _open);

    public void Closed() => Interlocked.Decrement(ref _open);
}

/// <summary>A poller whose sockets fail as planned. The faults are such as the system may have: readiness is told again.</summary>
internal sealed class FaultyPoller(Poller inner, FaultPlan plan) : Poller
{
    private bool _isInterrupted;

    public override PollEvent this[int index] => inner[index];

    public override LoopListener Listen(Socket listener, long token)
    {
        if (plan.RefusesToListen)
        {
            plan.RefusesToListen = false;
            throw new Win32Exception("as the test wants it");
        }

        return new FaultyListener(inner.Listen(listener, token), plan);
    }

    public override LoopSocket Adopt(Socket socket) => new FaultySocket(inner.Adopt(socket), plan);

    public override LoopSocket Connect(EndPoint endPoint, TcpKeepAlive? keepAlive)
    {
        lock (plan)
        {
            if (plan.ConnectErrors.TryDequeue(out SocketError error))
            {
                throw new SocketException((int)error);
            }
        }

        return new FaultySocket(inner.Connect(endPoint, keepAlive), plan);
    }

    public override void Add(LoopSocket socket, long token, Interest interest)
    {
        if (plan.RefusesToWatch)
        {
            plan.RefusesToWatch = false;
            throw new IOException("as the test wants it");
        }

        inner.Add(((FaultySocket)socket).Inner, token, interest);
    }

    public override int Wait(int milliseconds)
    {
        _isInterrupted = plan.Interrupts && !_isInterrupted;
        return _isInterrupted ? 0 : inner.Wait(milliseconds);
    }

    public override void Wake() => inner.Wake();

    public override void Dispose() => inner.Dispose();

    private sealed class FaultyListener(LoopListener inner, FaultPlan plan) : LoopListener
    {
        public override LoopSocket? Accept(out SocketError error)
        {
            lock (plan)
            {
                if (plan.AcceptErrors.TryDequeue(out error))
                {
                    return null;
                }
            }

            return inner.Accept(out error) is { } socket ? new FaultySocket(socket, plan) : null;
        }

        public override void Watch(bool watches) => inner.Watch(watches);

        public override void Close() => inner.Close();
    }
}

/// <summary>A socket that fails as planned.</summary>
internal sealed class FaultySocket : LoopSocket
{
    private readonly FaultPlan _plan;
    private bool _isReset;
    private bool _isClosed;

    public FaultySocket(LoopSocket inner, FaultPlan plan)
    {
        Inner = inner;
        _plan = plan;
        plan.Opened();
    }

    public LoopSocket Inner { get; }

    public override IPEndPoint? RemoteEndPoint
    {
        get => Inner.RemoteEndPoint;
        set => Inner.RemoteEndPoint = value;
    }

    // A short read of ours says nothing.
    public override bool IsDrainedByShortRead => false;

    public override bool HasBufferedInput => Inner.HasBufferedInput;

    public override int Unsent => Inner.Unsent;

    public override int Receive(Memory<byte> buffer) => Fault() switch
    {
        null => Received(Inner.Receive(buffer)),
        LoopFault.OneByte => Received(Inner.Receive(buffer[..1])),
        _ => -1,
    };

    public override int Send(ReadOnlySpan<byte> bytes) => Fault() switch
    {
        null => Result(Inner.Send(bytes)),
        LoopFault.OneByte => Result(Inner.Send(bytes[..1])),
        _ => -1,
    };

    public override int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Fault() switch
    {
        null => Result(Inner.Send(first, second)),
        LoopFault.OneByte => Result(Inner.Send(first[..1])),
        _ => -1,
    };

    public override bool Flush()
    {
        bool flushed = Inner.Flush();
        Error = Inner.Error;
        return flushed;
    }

    public override void Watch(Interest interest)
    {
        if (_plan.RefusesToChange)
        {
            _plan.RefusesToChange = false;
            throw new IOException("as the test wants it");
        }

        Inner.Watch(interest);
    }

    public override SocketError CompleteConnect()
    {
        SocketError outcome = Inner.CompleteConnect();
        return Fault() == LoopFault.Reset ? SocketError.ConnectionRefused : outcome;
    }

    public override void ShutdownSend() => Inner.ShutdownSend();

    public override void Close(bool resets)
    {
        Assert.False(_isClosed, "closed twice");
        _isClosed = true;
        Inner.Close(resets);
        _plan.Closed();
    }

    private LoopFault? Fault()
    {
        Assert.False(_isClosed, "used after its end");
        LoopFault? fault = _isReset ? LoopFault.Reset : _plan.Next();
        Error = fault == LoopFault.WouldBlock ? SocketError.WouldBlock : SocketError.ConnectionReset;
        _isReset |= fault == LoopFault.Reset;
        return fault;
    }

    private int Received(int count)
    {
        _plan.Count(count);
        return Result(count);
    }

    private int Result(int count)
    {
        Error = Inner.Error;
        return count;
    }
}
