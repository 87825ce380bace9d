namespace Wspy;

/// <summary>Text, which travels as UTF-8 (RFC 6455 §5.6).</summary>
/// <remarks>Immutable and safe from any thread. Text becomes bytes at once; bytes become text at first use, which is then kept.</remarks>
public sealed class TextMessage : Message
{
    private string? _text;
    private readonly ReadOnlyMemory<byte> _payload;

    /// <summary>Creates a message from text.</summary>
    /// <exception cref="ArgumentException">The text has a lone surrogate, which UTF-8 cannot express.</exception>
    public TextMessage(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _payload = StrictUtf8.GetBytes(text);
        _text = text;
    }

    /// <summary>Creates a message from UTF-8.</summary>
    /// <param name="utf8">The text's bytes; not copied.</param>
    /// <exception cref="ArgumentException">The bytes are not UTF-8.</exception>
    public TextMessage(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8Validator.IsValid(utf8.Span))
        {
            throw new ArgumentException("The bytes of a text message must be UTF-8; send other bytes as a binary message.", nameof(utf8));
        }

        _payload = utf8;
    }

    private TextMessage(ReadOnlyMemory<byte> utf8, string? text)
    {
        _payload = utf8;
        _text = text;
    }

    /// <inheritdoc/>
    public override Opcode Opcode => Opcode.Text;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Payload => _payload;

    /// <summary>The text.</summary>
    public string Text => _text ??= StrictUtf8.GetString(Payload.Span);

    /// <summary>The text.</summary>
    public override string ToString() => Text;

    internal static TextMessage Trusted(ReadOnlyMemory<byte> utf8) => new(utf8, text: null);
}
