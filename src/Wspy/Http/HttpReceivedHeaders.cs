using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Wspy;

/// <summary>Where a header line's name and value stand in the bytes of the head.</summary>
internal readonly record struct HttpField(int NameStart, int NameLength, int ValueStart, int ValueLength);

/// <summary>The header fields of a received head (RFC 9110 §5): in order, names compared without case, several values per name.</summary>
/// <remarks>
/// The bytes are kept as received, and strings are made only of what is asked for, anew each time; values are read as Latin-1.
/// Immutable, and safe from any thread.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Headers are this field's word for a collection of them.")]
public sealed class HttpReceivedHeaders : IReadOnlyCollection<KeyValuePair<string, string>>
{
    private readonly byte[] _head;
    private readonly HttpField[] _fields;

    /// <summary>Takes over both arrays, which nobody may change any more.</summary>
    internal HttpReceivedHeaders(byte[] head, HttpField[] fields)
    {
        _head = head;
        _fields = fields;
    }

    /// <summary>The number of header lines.</summary>
    public int Count => _fields.Length;

    /// <summary>The first value of that name, or <see langword="null"/>.</summary>
    public string? this[string name]
    {
        get
        {
            int index = IndexOf(name, 0);
            return index < 0 ? null : Encoding.Latin1.GetString(Value(index));
        }
    }

    /// <summary>All values of that name in order; none if there is no such header.</summary>
    public IReadOnlyList<string> GetValues(string name)
    {
        List<string>? values = null;
        for (int i = IndexOf(name, 0); i >= 0; i = IndexOf(name, i + 1))
        {
            (values ??= []).Add(Encoding.Latin1.GetString(Value(i)));
        }

        return values ?? (IReadOnlyList<string>)[];
    }

    /// <summary>Whether there is a header of that name.</summary>
    public bool Contains(string name) => IndexOf(name, 0) >= 0;

    /// <summary>The header lines in order.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return new(Encoding.ASCII.GetString(Name(i)), Encoding.Latin1.GetString(Value(i)));
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal byte[] Head => _head;

    internal ReadOnlySpan<byte> Name(int index) => _head.AsSpan(_fields[index].NameStart, _fields[index].NameLength);

    internal ReadOnlySpan<byte> Value(int index) => _head.AsSpan(_fields[index].ValueStart, _fields[index].ValueLength);

    /// <summary>The index of the first line from <paramref name="start"/> on with that name, or -1.</summary>
    internal int IndexOf(ReadOnlySpan<byte> name, int start)
    {
        for (int i = start; i < Count; i++)
        {
            // Lengths first: of a dozen names that are looked for in a dozen lines, nearly all differ in length.
            if (_fields[i].NameLength == name.Length && Ascii.EqualsIgnoreCase(Name(i), name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The index of the only line with that name; -1 if there is none, -2 if there are several.</summary>
    internal int IndexOfSingle(ReadOnlySpan<byte> name)
    {
        int index = IndexOf(name, 0);
        return index >= 0 && IndexOf(name, index + 1) >= 0 ? Repeated : index;
    }

    /// <summary>What <see cref="IndexOfSingle"/> returns for a name that several lines have.</summary>
    internal const int Repeated = -2;

    private int IndexOf(string name, int start)
    {
        ArgumentNullException.ThrowIfNull(name);
        for (int i = start; i < Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(Name(i), name))
            {
                return i;
            }
        }

        return -1;
    }
}
