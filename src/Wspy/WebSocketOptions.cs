using Wspy.Extensions;
using Wspy.Protocol;

namespace Wspy;

/// <summary>What clients and servers have in common: limits, time-outs and subprotocols. See <see cref="ClientOptions"/> and <see cref="ServerOptions"/>.</summary>
/// <remarks>Immutable and safe from any thread; one instance can serve any number of connections. Values are judged when they are set.</remarks>
public abstract record WebSocketOptions
{
    private protected WebSocketOptions()
    {
    }

    /// <summary>
    /// The subprotocols that this end speaks (RFC 6455 §1.9). A client names the preferred one first; a server takes the client's first that is among its own, in
    /// whatever order, or none, and accepts in either case. To choose otherwise: <see cref="ServerOptions.SubprotocolSelector"/>, <see cref="UpgradeAnswer.Accept"/>.
    /// </summary>
    /// <value>Default none.</value>
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>
    /// The extensions that this end speaks, the preferred one first (RFC 6455 §9): <see cref="DeflateMessage"/> compresses. A client offers all
    /// of them; a server takes of what is offered each that one of them accepts and that is in no other's way.
    /// </summary>
    /// <value>Default none.</value>
    public IReadOnlyList<Extension> Extensions { get; init => field = ExtensionList.Copy(value, nameof(Extensions)); } = [];

    /// <summary>The largest payload of one frame that is taken; a larger one closes the connection with 1009.</summary>
    /// <value>Bytes; default 64 MiB; <see cref="ProtocolOptions.Unlimited"/> for none, which lets a peer fill the memory.</value>
    public long MaxFrameSize { get; init => field = AtLeast(value, 0, nameof(MaxFrameSize)); } = ProtocolOptions.DefaultMaxSize;

    /// <summary>The largest message that is taken; a larger one closes the connection with 1009.</summary>
    /// <value>Bytes; default 64 MiB; <see cref="ProtocolOptions.Unlimited"/> for none, which lets a peer fill the memory.</value>
    public long MaxMessageSize { get; init => field = AtLeast(value, 0, nameof(MaxMessageSize)); } = ProtocolOptions.DefaultMaxSize;

    /// <summary>The largest number of fragments of one message that is taken; more close the connection with 1008.</summary>
    /// <value>Default 131,072.</value>
    public int MaxFragments { get; init => field = (int)AtLeast(value, 1, nameof(MaxFragments)); } = ProtocolOptions.DefaultMaxFragments;

    /// <summary>Reserved bits that may be sent and received although no extension claims them.</summary>
    /// <value>Default none.</value>
    public ReservedBits AllowedReservedBits { get; init; }

    /// <summary>Whether reserved opcodes may be sent and received as frames; a <see cref="Connection"/>, which knows text and binary, refuses them all the same.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowReservedOpcodes { get; init; }

    /// <summary>The largest HTTP head of the opening handshake that is taken.</summary>
    /// <value>Bytes; default 16 KiB.</value>
    public int MaxHeadSize { get; init => field = (int)AtLeast(value, 1, nameof(MaxHeadSize)); } = 16 * 1024;

    /// <summary>The largest number of headers in it.</summary>
    /// <value>Default 100.</value>
    public int MaxHeaderCount { get; init => field = (int)AtLeast(value, 1, nameof(MaxHeaderCount)); } = 100;

    /// <summary>How long the opening handshake may take, TLS included.</summary>
    /// <value>Default 10 s; <see cref="Timeout.InfiniteTimeSpan"/> for no limit, which lets silent peers pile up.</value>
    public TimeSpan HandshakeTimeout { get; init => field = Time(value, nameof(HandshakeTimeout)); } = TimeSpan.FromSeconds(10);

    /// <summary>How long a send may wait for a peer that does not read. Then the connection is ended.</summary>
    /// <value>Default 30 s; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan SendTimeout { get; init => field = Time(value, nameof(SendTimeout)); } = TimeSpan.FromSeconds(30);

    /// <summary>How long the closing handshake may take, and after it the end of the stream.</summary>
    /// <value>Default 5 s; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan CloseTimeout { get; init => field = Time(value, nameof(CloseTimeout)); } = TimeSpan.FromSeconds(5);

    /// <summary>How much may wait for a peer that does not read as fast as it is told, on an event loop. A single message may be larger when nothing else waits.</summary>
    /// <value>Bytes; default 1 MiB. What happens above it is <see cref="Backpressure"/>. Blocking sends keep nothing: they wait.</value>
    public long HighWaterMark { get; init => field = AtLeast(value, 1, nameof(HighWaterMark)); } = 1 << 20;

    /// <summary>What a send does that finds <see cref="HighWaterMark"/> reached.</summary>
    /// <value>Default <see cref="BackpressurePolicy.Wait"/>.</value>
    public BackpressurePolicy Backpressure { get; init; }

    /// <summary>After how long a silence the peer is sent a ping: on an event loop always, by a <see cref="Connection"/> while it receives. A <see cref="WebSocket"/> leaves that to you.</summary>
    /// <value>Default 30 s; <see cref="Timeout.InfiniteTimeSpan"/> for no pings.</value>
    public TimeSpan PingInterval { get; init => field = Time(value, nameof(PingInterval)); } = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer may be silent after such a ping. Then the connection is ended with <see cref="PingTimeoutException"/>.</summary>
    /// <value>Default 20 s; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan PingTimeout { get; init => field = Time(value, nameof(PingTimeout)); } = TimeSpan.FromSeconds(20);

    /// <summary>How long the peer may be silent at all; answers to pings count. Then the connection is closed with 1001. Judged when pings are.</summary>
    /// <value>Default 2 minutes; <see cref="Timeout.InfiniteTimeSpan"/> for no limit, which together with no pings lets dead peers pile up.</value>
    public TimeSpan IdleTimeout { get; init => field = Time(value, nameof(IdleTimeout)); } = TimeSpan.FromMinutes(2);

    /// <summary>The size of a connection's receive buffer. Larger frames are received straight into their place.</summary>
    /// <value>Bytes; default 16 KiB; at least 256.</value>
    public int ReceiveBufferSize { get; init => field = (int)AtLeast(value, 256, nameof(ReceiveBufferSize)); } = 16 * 1024;

    /// <summary>The clock of all time-outs.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = TimeProvider.System;

    // Frames to begin with; Connection asks for messages.
    internal ProtocolOptions ToProtocolOptions() => new()
    {
        MaxFrameSize = MaxFrameSize,
        MaxMessageSize = MaxMessageSize,
        MaxFragments = MaxFragments,
        AllowedReservedBits = AllowedReservedBits,
        AllowReservedOpcodes = AllowReservedOpcodes,
        Delivery = DeliveryUnit.Frame,
        AnswersControlFrames = false,
    };

    // What an event loop asks for. Reserved opcodes have no place among text and binary, whatever the frames below allow.
    internal ProtocolOptions ToMessageOptions() => ToProtocolOptions() with { Delivery = DeliveryUnit.Message, AnswersControlFrames = true, AllowReservedOpcodes = false };

    private protected static long AtLeast(long value, long minimum, string property)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, minimum, property);
        return value;
    }

    internal static TimeSpan Time(TimeSpan value, string property)
    {
        // The platform's timers take up to 2^32-2 milliseconds, 49 days.
        if (value != Timeout.InfiniteTimeSpan && (value <= TimeSpan.Zero || value.TotalMilliseconds > int.MaxValue))
        {
            throw new ArgumentOutOfRangeException(property, value, "A time-out is positive and less than 24 days, or Timeout.InfiniteTimeSpan.");
        }

        return value;
    }
}
