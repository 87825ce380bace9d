using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Wspy;

/// <summary>Header fields to be sent (RFC 9110 §5): in order, names compared without case, several values per name.</summary>
/// <remarks>
/// What is added cannot break out of its line: names must be tokens, and values may hold no control character but HTAB.
/// Filled like a collection: <c>new HttpHeaders { { "Server", "x" } }</c>. Not thread-safe while it is changed.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Headers are this field's word for a collection of them.")]
public sealed class HttpHeaders : IReadOnlyCollection<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _fields = [];

    /// <summary>The number of header lines.</summary>
    public int Count => _fields.Count;

    /// <summary>The first value of that name, or <see langword="null"/>.</summary>
    public string? this[string name]
    {
        get
        {
            int index = IndexOf(name);
            return index < 0 ? null : _fields[index].Value;
        }
    }

    /// <summary>Adds a header line after the others.</summary>
    /// <param name="name">A token (RFC 9110 §5.6.2).</param>
    /// <param name="value">Latin-1 text without controls other than HTAB; whitespace at its ends is dropped (RFC 9110 §5.5).</param>
    /// <exception cref="ArgumentException">The name is no token, or the value holds a character that may not be sent.</exception>
    public void Add(string name, string value) => _fields.Add(Validate(name, value));

    /// <summary>Puts one header line in the place of all of that name, or after the others if there is none.</summary>
    /// <inheritdoc cref="Add"/>
    public void Set(string name, string value)
    {
        KeyValuePair<string, string> field = Validate(name, value);
        int index = IndexOf(name);
        if (index < 0)
        {
            _fields.Add(field);
            return;
        }

        Remove(name);
        _fields.Insert(index, field);
    }

    /// <summary>All values of that name in order; none if there is no such header.</summary>
    public IReadOnlyList<string> GetValues(string name) =>
        [.. from field in _fields where Named(field, name) select field.Value];

    /// <summary>Whether there is a header of that name.</summary>
    public bool Contains(string name) => IndexOf(name) >= 0;

    /// <summary>Removes all headers of that name.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Remove(string name) => _fields.RemoveAll(field => Named(field, name)) > 0;

    /// <summary>The header lines in order.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool Named(KeyValuePair<string, string> field, string name) =>
        field.Key.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static KeyValuePair<string, string> Validate(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        int wrong = HttpGrammar.IndexOfNonToken(name);
        if (wrong >= 0)
        {
            throw new ArgumentException(
                $"The header name '{Printable(name)}' is no token: it holds U+{(int)name[wrong]:X4} at index {wrong} (RFC 9110 §5.1).", nameof(name));
        }

        wrong = HttpGrammar.IndexOfNonFieldValue(value);
        if (wrong >= 0)
        {
            throw new ArgumentException(
                $"The value of header '{name}' holds U+{(int)value[wrong]:X4} at index {wrong}, which may not be sent (RFC 9110 §5.5).", nameof(value));
        }

        return new(name, value.Trim(' ', '\t'));
    }

    /// <summary>The message of an exception must not carry the injected line break into a log.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => c is < ' ' or > '~' ? '?' : c));

    private int IndexOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _fields.FindIndex(field => Named(field, name));
    }
}
