using System.Text;

namespace Wspy.Conformance.Wire;

/// <summary>Bytes of a frame, made when they are needed, so that a catalogue with messages of many megabytes weighs nothing.</summary>
internal sealed class Payload
{
    private readonly Func<byte[]> _make;
    private readonly string? _description;

    private Payload(int length, Func<byte[]> make, string? description = null)
    {
        Length = length;
        _make = make;
        _description = description;
    }

    public static Payload Empty { get; } = Of([]);

    public int Length { get; }

    public static Payload Of(byte[] bytes) => new(bytes.Length, () => bytes);

    public static Payload Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes in which a lost, repeated or moved part shows.</summary>
    public static Payload Pattern(int length) => new(length, () => Fill(length, i => (byte)((i * 31) + (i >> 8))), $"a pattern of {length:N0} bytes");

    /// <summary>The same in printable ASCII.</summary>
    public static Payload Letters(int length) => new(length, () => Fill(length, i => (byte)(0x20 + (((i * 31) + (i >> 8)) % 95))), $"{length:N0} characters of ASCII");

    public Payload Slice(int start, int length) => new(length, () => _make().AsSpan(start, length).ToArray(), _description is null ? null : $"bytes {start:N0} to {start + length:N0} of {_description}");

    public Payload this[Range range]
    {
        get
        {
            (int start, int length) = range.GetOffsetAndLength(Length);
            return Slice(start, length);
        }
    }

    public byte[] ToArray() => _make();

    public static implicit operator Payload(string text) => Of(text);

    public static implicit operator Payload(byte[] bytes) => Of(bytes);

    public override string ToString() => _description ?? Show.Payload(_make());

    private static byte[] Fill(int length, Func<int, byte> value)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = value(i);
        }

        return bytes;
    }
}
