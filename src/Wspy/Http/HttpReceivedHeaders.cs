using System.Buffers.Binary;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Wspy;

/// <summary>Where a header line's name and value stand in the bytes of the head.</summary>
internal readonly record struct HttpField(int NameStart, int NameLength, int ValueStart, int ValueLength)
{
    /// <summary>Four numbers of 16 bits.</summary>
    public const int ShortSize = 8;

    /// <summary>Four numbers of 32 bits, for heads that are larger than 16 bits can count.</summary>
    public const int Size = 16;

    public static HttpField ReadShort(ReadOnlySpan<byte> from)
    {
        ulong all = BinaryPrimitives.ReadUInt64LittleEndian(from);
        return new HttpField((ushort)all, (ushort)(all >> 16), (ushort)(all >> 32), (ushort)(all >> 48));
    }

    public static HttpField Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt32LittleEndian(from),
        BinaryPrimitives.ReadInt32LittleEndian(from[4..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(from[12..]));

    public void WriteShort(Span<byte> to) =>
        BinaryPrimitives.WriteUInt64LittleEndian(to, (uint)NameStart | ((ulong)NameLength << 16) | ((ulong)ValueStart << 32) | ((ulong)ValueLength << 48));

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, NameStart);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], NameLength);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], ValueStart);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], ValueLength);
    }
}

/// <summary>The header fields of a received head (RFC 9110 §5): in order, names compared without case, several values per name.</summary>
/// <remarks>
/// The bytes are kept as received, and strings are made only of what is asked for, anew each time; values are read as Latin-1.
/// Immutable, and safe from any thread.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Headers are this field's word for a collection of them.")]
public sealed class HttpReceivedHeaders : IReadOnlyCollection<KeyValuePair<string, string>>
{
    // The bytes of the head, and behind them where each line stands: this lives as long as a connection, and a second array costs more than what is in it.
    private readonly byte[] _memory;
    private readonly int _length;

    /// <param name="head">All of it; copied.</param>
    /// <param name="fields">Where its lines stand; copied.</param>
    internal HttpReceivedHeaders(ReadOnlySpan<byte> head, ReadOnlySpan<HttpField> fields)
    {
        _length = head.Length;
        Count = fields.Length;
        _memory = new byte[head.Length + (fields.Length * (IsShort ? HttpField.ShortSize : HttpField.Size))];
        head.CopyTo(_memory);
        for (int i = 0; i < fields.Length; i++)
        {
            if (IsShort)
            {
                fields[i].WriteShort(_memory.AsSpan(_length + (i * HttpField.ShortSize)));
            }
            else
            {
                fields[i].Write(_memory.AsSpan(_length + (i * HttpField.Size)));
            }
        }
    }

    /// <summary>The number of header lines.</summary>
    public int Count { get; }

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

    internal ReadOnlySpan<byte> Head => _memory.AsSpan(0, _length);

    internal ReadOnlySpan<byte> Name(int index)
    {
        HttpField field = Field(index);
        return _memory.AsSpan(field.NameStart, field.NameLength);
    }

    internal ReadOnlySpan<byte> Value(int index)
    {
        HttpField field = Field(index);
        return _memory.AsSpan(field.ValueStart, field.ValueLength);
    }

    /// <summary>The index of the first line from <paramref name="start"/> on with that name, or -1.</summary>
    internal int IndexOf(ReadOnlySpan<byte> name, int start)
    {
        for (int i = start; i < Count; i++)
        {
            // Lengths first: of a dozen names that are looked for in a dozen lines, nearly all differ in length.
            if (Field(i).NameLength == name.Length && Ascii.EqualsIgnoreCase(Name(i), name))
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

    private bool IsShort => _length <= ushort.MaxValue;

    private HttpField Field(int index) => IsShort
        ? HttpField.ReadShort(_memory.AsSpan(_length + (index * HttpField.ShortSize)))
        : HttpField.Read(_memory.AsSpan(_length + (index * HttpField.Size)));

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
