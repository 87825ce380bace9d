namespace Wspy;

/// <summary>Bytes (RFC 6455 §5.6).</summary>
/// <remarks>Immutable, and safe from any thread as long as nobody changes the payload's memory.</remarks>
/// <param name="payload">The bytes; not copied.</param>
public sealed class BinaryMessage(ReadOnlyMemory<byte> payload) : Message
{
    /// <inheritdoc/>
    public override Opcode Opcode => Opcode.Binary;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Payload { get; } = payload;

    /// <summary>The size, as "Binary, 5 bytes".</summary>
    public override string ToString() => $"Binary, {Payload.Length} bytes";
}
