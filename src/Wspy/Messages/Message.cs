using System.Text;

namespace Wspy;

/// <summary>A message that you own and may keep: <see cref="TextMessage"/> or <see cref="BinaryMessage"/> (RFC 6455 §5.6), or with extensions <see cref="ExtensionMessage"/>.</summary>
/// <remarks>
/// Immutable, and safe from any thread as long as nobody changes the payload's memory. A received message owns its bytes;
/// a message that you build refers to the memory you gave.
/// </remarks>
public abstract class Message
{
    /// <summary>UTF-8 that throws instead of putting U+FFFD in the place of what it cannot express.</summary>
    internal static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private protected Message()
    {
    }

    /// <summary><see cref="Opcode.Text"/>, <see cref="Opcode.Binary"/>, or an opcode that an extension claims.</summary>
    public abstract Opcode Opcode { get; }

    /// <summary>The payload: UTF-8 for text.</summary>
    public abstract ReadOnlyMemory<byte> Payload { get; }

    /// <summary>A message of the given kind.</summary>
    /// <param name="opcode"><see cref="Opcode.Text"/>, <see cref="Opcode.Binary"/>, or an opcode that RFC 6455 reserves for data, 0x3 to 0x7.</param>
    /// <param name="payload">The payload; not copied. Text must be UTF-8.</param>
    /// <exception cref="ArgumentException">The opcode is none of these, or text is not UTF-8.</exception>
    public static Message Create(Opcode opcode, ReadOnlyMemory<byte> payload) => opcode switch
    {
        Opcode.Text => new TextMessage(payload),
        Opcode.Binary => new BinaryMessage(payload),
        _ when opcode.IsReserved() && !opcode.IsControl() => new ExtensionMessage(opcode, payload),
        _ => throw new ArgumentException($"A message is Text or Binary, not {opcode}.", nameof(opcode)),
    };

    /// <summary>A message whose payload the protocol has judged already.</summary>
    internal static Message CreateTrusted(Opcode opcode, ReadOnlyMemory<byte> payload) => opcode switch
    {
        Opcode.Text => TextMessage.Trusted(payload),
        Opcode.Binary => new BinaryMessage(payload),
        _ => new ExtensionMessage(opcode, payload),
    };
}
