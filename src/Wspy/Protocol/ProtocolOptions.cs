namespace Wspy.Protocol;

/// <summary>The limits and liberties of a <see cref="WebSocketProtocol"/>.</summary>
/// <remarks>Immutable and safe from any thread; one instance can serve all connections.</remarks>
public sealed record ProtocolOptions
{
    /// <summary>No limit. A risk: a single peer can then fill the memory.</summary>
    public const long Unlimited = long.MaxValue;

    /// <summary>The default limit of frames and messages: 64 MiB.</summary>
    public const long DefaultMaxSize = 64 * 1024 * 1024;

    /// <summary>The default limit of fragments per message: 2^17, enough for 8 MiB in fragments of 64 bytes.</summary>
    public const int DefaultMaxFragments = 1 << 17;

    /// <summary>The largest payload of one frame that is taken; judged from the header. A larger one fails the connection with 1009.</summary>
    /// <value>Bytes; default 64 MiB; <see cref="Unlimited"/> for none (a frame delivered whole is still limited by the largest array, 2 GiB).</value>
    public long MaxFrameSize { get; init => field = NotNegative(value, nameof(MaxFrameSize)); } = DefaultMaxSize;

    /// <summary>The largest message, all fragments together, that is taken; judged from the headers. A larger one fails the connection with 1009.</summary>
    /// <value>Bytes; default 64 MiB; <see cref="Unlimited"/> for none (a message delivered whole is still limited by the largest array, 2 GiB).</value>
    public long MaxMessageSize { get; init => field = NotNegative(value, nameof(MaxMessageSize)); } = DefaultMaxSize;

    /// <summary>The largest number of fragments of one message that is taken. More fail the connection with 1008.</summary>
    /// <value>Default 131,072; at least 1.</value>
    public int MaxFragments { get; init => field = Positive(value, nameof(MaxFragments)); } = DefaultMaxFragments;

    /// <summary>Reserved bits that may be received and sent although no extension claims them.</summary>
    /// <value>Default none. Text is not judged as UTF-8 from the first fragment on that has such a bit.</value>
    public ReservedBits AllowedReservedBits { get; init; }

    /// <summary>Whether the reserved opcodes 0x3–0x7 and 0xB–0xF may be received and sent.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowReservedOpcodes { get; init; }

    /// <summary>In which units received data is delivered.</summary>
    /// <value>Default <see cref="DeliveryUnit.Message"/>.</value>
    public DeliveryUnit Delivery { get; init; }

    /// <summary>Whether pings and Close frames are answered by the engine (RFC 6455 §5.5.1, §5.5.2).</summary>
    /// <value>Default <see langword="true"/>. When <see langword="false"/>, the answers are the caller's duty.</value>
    public bool AnswersControlFrames { get; init; } = true;

    internal static ProtocolOptions Default { get; } = new();

    private static long NotNegative(long value, string property)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, property);
        return value;
    }

    private static int Positive(int value, string property)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, property);
        return value;
    }
}

/// <summary>In which units a <see cref="WebSocketProtocol"/> delivers received data.</summary>
public enum DeliveryUnit
{
    /// <summary>Whole messages, fragments joined.</summary>
    Message,

    /// <summary>Whole frames, as they were sent.</summary>
    Frame,

    /// <summary>Parts of messages as they arrive, of any size, with flat memory however large the message is.</summary>
    Part,
}
