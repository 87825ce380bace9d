namespace Wspy.Tool.Bench.Load;

/// <summary>What a server is made to do: the same in every round, and for every server of a comparison.</summary>
internal sealed record Workload
{
    /// <summary>Connections that send messages; with <see cref="Handshakes"/>, opening handshakes at a time.</summary>
    public int Connections { get; init; } = 100;

    /// <summary>Connections that are opened and held beside those, and send nothing.</summary>
    public int Idle { get; init; }

    /// <summary>Bytes of payload in each message.</summary>
    public int Size { get; init; } = 20;

    /// <summary>The most messages of one connection that are under way at a time.</summary>
    public int Window { get; init; } = 1;

    /// <summary>Messages per second of all connections together; 0 sends the next message when an echo is back.</summary>
    public double Rate { get; init; }

    public PayloadKind Payload { get; init; }

    /// <summary>Bytes from which the payloads are cut, one after another, and again from the start; <see langword="null"/> to make one up.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>Whether permessage-deflate is asked for, and must be agreed on as it is asked for.</summary>
    public DeflateUse Deflate { get; init; }

    /// <summary>Whether every byte of each echo is compared; else its opcode and length.</summary>
    public bool Verify { get; init; }

    /// <summary>Whether opening handshakes are made, instead of messages sent.</summary>
    public bool Handshakes { get; init; }

    /// <summary>Event loops, each in a thread of its own, among which the connections are divided.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How long the load runs before anything counts.</summary>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it is measured.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection may take to open, and how long a server may be silent meanwhile.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether any certificate of a wss:// server is taken.</summary>
    public bool AcceptAnyCertificate { get; init; }

    /// <summary>Whether messages leave at their times, whatever the server does.</summary>
    public bool IsPaced => Rate > 0 && !Handshakes;
}
