using System.Text;

namespace Wspy.Extensions;

/// <summary>A place in a header line, always at its end or before a character that is no whitespace; it only moves forward.</summary>
internal ref struct ExtensionCursor
{
    private ReadOnlySpan<byte> _rest;

    public ExtensionCursor(ReadOnlySpan<byte> line) => Advance(line);

    public readonly bool AtEnd => _rest.IsEmpty;

    public bool TryTake(char separator)
    {
        if (_rest.IsEmpty || _rest[0] != separator)
        {
            return false;
        }

        Advance(_rest[1..]);
        return true;
    }

    public bool TryReadToken(out string token)
    {
        int end = HttpGrammar.IndexOfNonToken(_rest);
        ReadOnlySpan<byte> text = end < 0 ? _rest : _rest[..end];
        token = Encoding.ASCII.GetString(text);
        Advance(_rest[text.Length..]);
        return text.Length > 0;
    }

    /// <summary>Reads a token, quoted or not.</summary>
    public bool TryReadValue(out string? value)
    {
        bool quoted = !_rest.IsEmpty && _rest[0] == '"';
        bool valid = quoted ? TryReadQuoted(out string text) : TryReadToken(out text);
        value = text;
        return valid;
    }

    /// <summary>A quoted string whose content, after unescaping (<c>\x</c> stands for <c>x</c>), is a token (RFC 6455 §9.1).</summary>
    private bool TryReadQuoted(out string token)
    {
        token = "";
        var content = new StringBuilder();
        for (int i = 1; i < _rest.Length; i++)
        {
            byte next = _rest[i];
            if (next == '"')
            {
                token = content.ToString();
                Advance(_rest[(i + 1)..]);
                return token.Length > 0;
            }

            if (next == '\\' && ++i < _rest.Length)
            {
                next = _rest[i];
            }

            if (!HttpGrammar.IsTokenByte(next))
            {
                return false;
            }

            content.Append((char)next);
        }

        return false;
    }

    private void Advance(ReadOnlySpan<byte> rest) => _rest = rest.TrimStart(" \t"u8);
}
