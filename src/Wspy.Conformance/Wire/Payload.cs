using System.Text;

namespace Wspy.Conformance.Wire;

/// <summary>Bytes of a frame, made when they are needed, so that a catalogue with messages of many megabytes weighs nothing.</summary>
internal sealed class Payload
{
    private readonly Func<int, int, byte[]> _make;
    private readonly string? _description;

    /// <param name="length">In bytes.</param>
    /// <param name="make">Makes some bytes of it, by start and length: a message in ten thousand fragments is not made ten thousand times.</param>
    /// <param name="description">In the place of the bytes.</param>
    private Payload(int length, Func<int, int, byte[]> make, string? description = null)
    {
        Length = length;
        _make = make;
        _description = description;
    }

    public static Payload Empty { get; } = Of([]);

    public int Length { get; }

    public static Payload Of(byte[] bytes) => new(bytes.Length, (start, length) => start == 0 && length == bytes.Length ? bytes : bytes[start..(start + length)]);

    public static Payload Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes in which a lost, repeated or moved part shows.</summary>
    public static Payload Pattern(int length) => new(length, (start, count) => Fill(start, count, letters: false), $"a pattern of {length:N0} bytes");

    /// <summary>The same in printable ASCII.</summary>
    public static Payload Letters(int length) => new(length, (start, count) => Fill(start, count, letters: true), $"{length:N0} characters of ASCII");

    /// <summary>Bytes made by a rule of the caller's, which makes the same ones each time.</summary>
    public static Payload Made(int length, Func<byte[]> make, string description) => new(length, (start, count) => make().AsSpan(start, count).ToArray(), description);

    public Payload Slice(int start, int length) => new(length, (from, count) => _make(start + from, count), _description is null ? null : $"bytes {start:N0} to {start + length:N0} of {_description}");

    public Payload this[Range range]
    {
        get
        {
            (int start, int length) = range.GetOffsetAndLength(Length);
            return Slice(start, length);
        }
    }

    public byte[] ToArray() => _make(0, Length);

    public static implicit operator Payload(string text) => Of(text);

    public static implicit operator Payload(byte[] bytes) => Of(bytes);

    public override string ToString() => _description ?? Show.Payload(ToArray());

    private static byte[] Fill(int start, int length, bool letters)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            int at = start + i;
            uint value = (uint)((at * 31) + (at >> 8));
            bytes[i] = (byte)(letters ? 0x20 + (value % 95) : value);
        }

        return bytes;
    }
}
