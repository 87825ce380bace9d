using System.Buffers;
using System.Text;

namespace Wspy.Conformance.Negotiation;

/// <summary>Reads <c>Sec-WebSocket-Extensions</c> by the grammar of RFC 6455 §9.1; shares no code with the library's reader.</summary>
internal sealed class ExtensionList
{
    /// <summary>RFC 2616 §2.2: visible ASCII without separators.</summary>
    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");

    private readonly string _text;
    private int _at;

    private ExtensionList(string text)
    {
        _text = text;
    }

    /// <summary>Reads the lines of a head, which together are one list.</summary>
    /// <returns>The extensions in order, or <see langword="null"/> if the grammar is violated.</returns>
    public static IReadOnlyList<ExtensionItem>? Parse(IReadOnlyList<string> lines)
    {
        List<ExtensionItem> items = [];
        foreach (string line in lines)
        {
            if (!new ExtensionList(line).Read(items))
            {
                return null;
            }
        }

        return lines.Count > 0 && items.Count == 0 ? null : items;
    }

    private bool Read(List<ExtensionItem> items)
    {
        while (true)
        {
            // RFC 2616 §2.1: elements of a list may be empty, and are not counted.
            while (Take(','))
            {
            }

            if (_at == _text.Length)
            {
                return true;
            }

            if (ReadItem() is not { } item || (!Take(',') && _at < _text.Length))
            {
                return false;
            }

            items.Add(item);
        }
    }

    private ExtensionItem? ReadItem()
    {
        string name = ReadToken();
        List<(string, string?)> parameters = [];
        while (Take(';'))
        {
            string parameter = ReadToken();
            string? value = null;
            if (parameter.Length == 0 || (Take('=') && (value = ReadValue()).Length == 0))
            {
                return null;
            }

            parameters.Add((parameter, value));
        }

        return name.Length == 0 ? null : new ExtensionItem(name, parameters);
    }

    private string ReadValue() => Take('"') ? ReadQuoted() : ReadToken();

    private string ReadQuoted()
    {
        var value = new StringBuilder();
        for (; _at < _text.Length && _text[_at] != '"'; _at++)
        {
            _at += _text[_at] == '\\' && _at + 1 < _text.Length ? 1 : 0;
            value.Append(_text[_at]);
        }

        // §9.1: what is quoted must be a token when the quotes are taken away.
        string text = value.ToString();
        return Take('"') && !text.AsSpan().ContainsAnyExcept(Token) ? text : "";
    }

    private string ReadToken()
    {
        SkipSpace();
        int length = _text.AsSpan(_at).IndexOfAnyExcept(Token);
        string token = length < 0 ? _text[_at..] : _text.Substring(_at, length);
        _at += token.Length;
        SkipSpace();
        return token;
    }

    private bool Take(char separator)
    {
        SkipSpace();
        if (_at == _text.Length || _text[_at] != separator)
        {
            return false;
        }

        _at++;
        if (separator != '"')
        {
            SkipSpace();
        }

        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t')
        {
            _at++;
        }
    }
}
