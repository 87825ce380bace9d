using System.Buffers;
using System.Text;

namespace Wspy;

/// <summary>The characters of HTTP (RFC 9110 §5): tokens, field values, whitespace; for bytes as received and for text as given.</summary>
internal static class HttpGrammar
{
    /// <summary>tchar of RFC 9110 §5.6.2: what header names, methods, subprotocols and extensions are made of.</summary>
    public const string TokenCharacters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private static readonly SearchValues<char> TokenChars = SearchValues.Create(TokenCharacters);

    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(Encoding.ASCII.GetBytes(TokenCharacters));

    /// <summary>RFC 9110 §5.5: HTAB, SP, VCHAR and obs-text are allowed; all other controls, CR, LF and NUL among them, are not.</summary>
    private static readonly SearchValues<byte> ControlBytes =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Where(b => b != '\t').Select(b => (byte)b)]);

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenChars);

    public static bool IsTokenByte(byte value) => TokenBytes.Contains(value);

    public static int IndexOfNonToken(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(TokenBytes);

    public static int IndexOfNonToken(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(TokenChars);

    public static bool IsFieldValue(ReadOnlySpan<byte> text) => !text.ContainsAny(ControlBytes);

    /// <summary>The index of the first character that may not stand in a value: a control other than HTAB, or above Latin-1.</summary>
    public static int IndexOfNonFieldValue(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if ((text[i] < ' ' && text[i] != '\t') || text[i] == 0x7F || text[i] > 0xFF)
            {
                return i;
            }
        }

        return -1;
    }

    public static bool IsVisibleAscii(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E);

    /// <summary>What a hexadecimal digit stands for; anything for what is none.</summary>
    public static int ToHexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    public static bool IsDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    /// <summary>Without the optional whitespace (SP and HTAB, RFC 9110 §5.6.3) at both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);
}
