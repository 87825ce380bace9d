namespace Wspy;

/// <summary>A message with one of the opcodes that RFC 6455 §5.2 reserves for data, 0x3 to 0x7: what it means is for the extension to say that claims the opcode.</summary>
/// <remarks>Immutable, and safe from any thread as long as nobody changes the payload's memory.</remarks>
public sealed class ExtensionMessage : Message
{
    /// <summary>Creates a message.</summary>
    /// <param name="opcode">0x3 to 0x7. It can be sent where an extension that was agreed on claims it.</param>
    /// <param name="payload">The bytes; not copied.</param>
    /// <exception cref="ArgumentException">The opcode is another.</exception>
    public ExtensionMessage(Opcode opcode, ReadOnlyMemory<byte> payload)
    {
        if (!opcode.IsReserved() || opcode.IsControl())
        {
            throw new ArgumentException($"The opcodes of such messages are 0x3 to 0x7 (RFC 6455 §5.2), not {opcode}.", nameof(opcode));
        }

        Opcode = opcode;
        Payload = payload;
    }

    /// <summary>0x3 to 0x7.</summary>
    public override Opcode Opcode { get; }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The opcode and the size, as "Opcode 0x3, 5 bytes".</summary>
    public override string ToString() => $"Opcode 0x{(int)Opcode:X}, {Payload.Length} bytes";
}
