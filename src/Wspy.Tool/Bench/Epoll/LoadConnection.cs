using Wspy.Handshake;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Epoll;

/// <summary>The state of one connection; its loop does the rest.</summary>
internal sealed class LoadConnection(int number, int window, EchoReader reader)
{
    public int Number => number;

    public EchoReader Reader => reader;

    /// <summary>Times at which the messages under way were sent, or were due: a ring.</summary>
    public long[] Times { get; } = new long[window];

    public int Socket { get; set; } = -1;

    public ConnectionState State { get; set; }

    /// <summary>Whether it is only held, and sends nothing.</summary>
    public bool IsIdle => window == 0;

    /// <summary>The place in <see cref="Times"/> of the next message to send.</summary>
    public int Head { get; set; }

    /// <summary>The place in <see cref="Times"/> of the next echo to come.</summary>
    public int Tail { get; set; }

    public int UnderWay { get; set; }

    /// <summary>Paced only: messages that are due, and wait for room in the window.</summary>
    public long Due { get; set; }

    /// <summary>Paced only: messages sent until now.</summary>
    public long Sent { get; set; }

    /// <summary>Bytes of the template's stream that are still to be sent.</summary>
    public long Owed { get; set; }

    /// <summary>Where in the stream the next one stands.</summary>
    public int Offset { get; set; }

    /// <summary>The number, in the template's period, of the next frame to owe.</summary>
    public int Next { get; set; }

    /// <summary>A pong on its way, between two frames.</summary>
    public ReadOnlyMemory<byte> Pong { get; set; }

    /// <summary>Whether the loop waits for room to send.</summary>
    public bool WaitsForRoom { get; set; }

    /// <summary>While it is being opened.</summary>
    public ClientHandshake? Handshake { get; set; }

    public long OpenedAt { get; set; }
}

/// <summary>How far a connection is.</summary>
internal enum ConnectionState
{
    /// <summary>No socket yet, or no more.</summary>
    Closed,

    /// <summary>TCP is being connected.</summary>
    Connecting,

    /// <summary>The request is out; its answer is awaited.</summary>
    Upgrading,

    /// <summary>Frames go both ways.</summary>
    Open,
}
