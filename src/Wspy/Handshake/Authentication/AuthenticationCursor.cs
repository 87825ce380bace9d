using System.Buffers;
using System.Text;

namespace Wspy;

/// <summary>A place in an authentication header; it moves forward, and looks ahead by one token at most, so that the time is linear.</summary>
internal ref struct AuthenticationCursor(ReadOnlySpan<char> text)
{
    private static readonly SearchValues<char> Token68Chars = SearchValues.Create("-._~+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly ReadOnlySpan<char> _text = text.Trim(" \t");
    private int _position;
    private int _lastComma;

    public readonly bool AtEnd => _position == _text.Length;

    /// <summary>Whether a parameter stands here, and not the scheme of the next challenge: a token, and an equals sign after it.</summary>
    public readonly bool IsAtParameter
    {
        get
        {
            ReadOnlySpan<char> rest = Rest;
            int end = HttpGrammar.IndexOfNonToken(rest);
            return end > 0 && rest[end..].TrimStart(" \t") is ['=', ..];
        }
    }

    private readonly ReadOnlySpan<char> Rest => _text[_position..];

    public static bool IsToken68(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> significant = text.TrimEnd('=');
        return !significant.IsEmpty && !significant.ContainsAnyExcept(Token68Chars);
    }

    public readonly bool IsAt(char character) => !AtEnd && _text[_position] == character;

    /// <summary>Skips commas and whitespace: the empty elements of a list (RFC 9110 §5.6.1.2).</summary>
    public void SkipCommas()
    {
        for (; !AtEnd && _text[_position] is ',' or ' ' or '\t'; _position++)
        {
            if (_text[_position] == ',')
            {
                _lastComma = _position;
            }
        }
    }

    /// <summary>Goes back to the comma that was skipped last, unless nothing follows it.</summary>
    public void StepBackToComma()
    {
        if (!AtEnd)
        {
            _position = _lastComma;
        }
    }

    /// <summary>Skips at least one space; some senders write a tab.</summary>
    public bool TrySkipSpace()
    {
        int before = _position;
        SkipSpace();
        return _position > before;
    }

    public bool TryReadToken(out string token)
    {
        ReadOnlySpan<char> rest = Rest;
        int end = HttpGrammar.IndexOfNonToken(rest);
        token = (end < 0 ? rest : rest[..end]).ToString();
        _position += token.Length;
        return token.Length > 0;
    }

    /// <summary>Reads a token68 with the whitespace behind it; it is one when the element ends after it (RFC 9110 §11.2).</summary>
    public bool TryReadToken68(out string token)
    {
        token = "";
        ReadOnlySpan<char> rest = Rest;
        int end = rest.IndexOfAnyExcept(Token68Chars);
        end = end < 0 ? rest.Length : end;
        if (end == 0)
        {
            return false;
        }

        while (end < rest.Length && rest[end] == '=')
        {
            end++;
        }

        ReadOnlySpan<char> after = rest[end..].TrimStart(" \t");
        if (!after.IsEmpty && after[0] != ',')
        {
            return false;
        }

        token = rest[..end].ToString();
        _position = _text.Length - after.Length;
        return true;
    }

    /// <summary>Reads <c>name = value</c> with the whitespace behind it.</summary>
    public bool TryReadParameter(out AuthenticationParameter? parameter)
    {
        parameter = null;
        if (!TryReadToken(out string name))
        {
            return false;
        }

        SkipSpace();
        if (!IsAt('='))
        {
            return false;
        }

        _position++;
        SkipSpace();
        bool isQuoted = IsAt('"');
        if (!(isQuoted ? TryReadQuoted(out string value) : TryReadToken(out value)))
        {
            return false;
        }

        SkipSpace();
        parameter = new AuthenticationParameter(name, value, isQuoted);
        return true;
    }

    /// <summary>A quoted string (RFC 9110 §5.6.4), unescaped: <c>\x</c> stands for <c>x</c>.</summary>
    private bool TryReadQuoted(out string value)
    {
        var content = new StringBuilder();
        value = "";
        for (int i = _position + 1; i < _text.Length; i++)
        {
            char next = _text[i];
            if (next == '"')
            {
                value = content.ToString();
                _position = i + 1;
                return true;
            }

            if (next == '\\' && ++i < _text.Length)
            {
                next = _text[i];
            }

            if (HttpGrammar.IndexOfNonFieldValue([next]) >= 0)
            {
                return false;
            }

            content.Append(next);
        }

        return false;
    }

    private void SkipSpace()
    {
        while (!AtEnd && _text[_position] is ' ' or '\t')
        {
            _position++;
        }
    }
}
