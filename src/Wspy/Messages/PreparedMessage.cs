namespace Wspy;

/// <summary>
/// A message to send to many: it is framed once, and compressed once for all connections that compress alike and keep no context
/// (RFC 7692 §7.1.1). Any other connection makes its own of it, as of any message.
/// </summary>
/// <remarks>
/// Safe from any thread. It refers to the memory of its message, which must not change, and holds what it made of it until it is
/// collected; connections that have not sent it yet hold it as well, but make no copies.
/// </remarks>
public sealed class PreparedMessage
{
    // Held while a form is made, for who wants the same would have to make it as well.
    private readonly Lock _gate = new();
    private byte[]? _plain;
    private (object Form, byte[] Frame)[] _encoded = [];

    /// <summary>Prepares a message.</summary>
    /// <exception cref="ArgumentException">It is neither text nor binary: of the many, some may have no extension that gives it a meaning.</exception>
    public PreparedMessage(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message is ExtensionMessage)
        {
            throw new ArgumentException($"A prepared message is Text or Binary, not {message}.", nameof(message));
        }

        Message = message;
    }

    /// <summary>Prepares text.</summary>
    /// <exception cref="ArgumentException">The text has a lone surrogate, which UTF-8 cannot express.</exception>
    public PreparedMessage(string text)
        : this(new TextMessage(text))
    {
    }

    /// <summary>The message.</summary>
    public Message Message { get; }

    /// <summary>The frame of a server, which has no masking key and is the same for all.</summary>
    /// <param name="encoder">Of the connection; null if it sends payloads as they are.</param>
    /// <returns>To be read only.</returns>
    internal byte[] GetFrame(IMessageEncoder? encoder)
    {
        if (encoder?.SharedForm is not { } form)
        {
            return Volatile.Read(ref _plain) ?? MakePlain();
        }

        return Find(Volatile.Read(ref _encoded), form) ?? Encode(encoder, form);
    }

    private byte[] MakePlain()
    {
        lock (_gate)
        {
            return _plain ??= Frame(Message.Payload.Span, ReservedBits.None);
        }
    }

    private byte[] Encode(IMessageEncoder encoder, object form)
    {
        lock (_gate)
        {
            if (Find(_encoded, form) is { } made)
            {
                return made;
            }

            ReservedBits reserved = ReservedBits.None;
            byte[] frame = encoder.TryEncode(Message.Opcode, Message.Payload.Span, ref reserved, out ReadOnlyMemory<byte> encoded)
                ? Frame(encoded.Span, reserved)
                : _plain ??= Frame(Message.Payload.Span, ReservedBits.None);
            Volatile.Write(ref _encoded, [.. _encoded, (form, frame)]);
            return frame;
        }
    }

    private byte[] Frame(ReadOnlySpan<byte> payload, ReservedBits reserved)
    {
        var header = new FrameHeader(Message.Opcode, payload.Length, fin: true, reserved);
        byte[] frame = GC.AllocateUninitializedArray<byte>(header.Size + payload.Length);
        header.Write(frame);
        payload.CopyTo(frame.AsSpan(header.Size));
        return frame;
    }

    // As many forms as there are sets of parameters among the connections: a few.
    private static byte[]? Find((object Form, byte[] Frame)[] encoded, object form)
    {
        foreach ((object Form, byte[] Frame) one in encoded)
        {
            if (one.Form.Equals(form))
            {
                return one.Frame;
            }
        }

        return null;
    }
}

/// <summary>What a connection does to the payloads that it sends.</summary>
internal interface IMessageEncoder
{
    /// <summary>
    /// Equal for all connections that make the same of a message, whatever was sent before it, and remember nothing of it; null for one that
    /// others do not resemble.
    /// </summary>
    object? SharedForm { get; }

    /// <summary>Makes of a whole message what is sent in one frame.</summary>
    /// <returns>False when that is the payload as it is.</returns>
    bool TryEncode(Opcode opcode, ReadOnlySpan<byte> payload, ref ReservedBits reserved, out ReadOnlyMemory<byte> encoded);
}
