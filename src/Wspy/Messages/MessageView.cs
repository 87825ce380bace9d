namespace Wspy;

/// <summary>A received message where it lies in the receive buffer: no copy, and gone when the handler returns.</summary>
/// <remarks>Belongs to the handler's call only. To keep the message, take <see cref="ToMessage"/>, one copy.</remarks>
public readonly ref struct MessageView
{
    /// <summary>Creates a view.</summary>
    /// <param name="opcode"><see cref="Opcode.Text"/>, <see cref="Opcode.Binary"/>, or an opcode that an extension claims.</param>
    /// <param name="payload">The payload; UTF-8 for text.</param>
    public MessageView(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        Opcode = opcode;
        Payload = payload;
    }

    /// <summary><see cref="Opcode.Text"/>, <see cref="Opcode.Binary"/>, or an opcode that an extension claims.</summary>
    public Opcode Opcode { get; }

    /// <summary>The payload: valid UTF-8 for text.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Whether the message is text.</summary>
    public bool IsText => Opcode == Opcode.Text;

    /// <summary>The payload as text.</summary>
    /// <exception cref="System.Text.DecoderFallbackException">The message is binary and not UTF-8.</exception>
    public string GetText() => Message.StrictUtf8.GetString(Payload);

    /// <summary>A copy to keep.</summary>
    public Message ToMessage() => Message.CreateTrusted(Opcode, Payload.ToArray());
}
